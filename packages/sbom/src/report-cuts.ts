import type { Problem } from "@sc/model";
import type { Cataloger } from "./cataloger.ts";
import { collectCuts } from "./read/cuts.ts";

/**
 * The cataloger, which also tells in its facts what limits kept it from reading: under `cuts`, as plain data that is kept
 * with them. Of a file that gave no facts the cuts are a problem themselves.
 */
export function reportingCuts(cataloger: Cataloger<unknown>): Cataloger<unknown> {
  const reporting: Cataloger<unknown> = {
    ...cataloger,
    read: (file, companions) => factsWithCuts(file, () => cataloger.read(file, companions)),
  };
  if (cataloger.scan === undefined) return reporting;
  return {
    ...reporting,
    scan: (file) => {
      const running = cataloger.scan?.(file);
      return {
        push: (piece) => running?.push(piece) === true,
        finish: () => factsWithCuts(file, () => running?.finish()),
      };
    },
  };
}

function factsWithCuts({ path }: { readonly path: string }, read: () => unknown): unknown {
  const { result, cuts } = collectCuts(read);
  if (cuts.length === 0) return result;
  if (result === undefined) return cutProblem(cuts.join("; "), path);
  if (typeof result !== "object" || result === null) return result;
  return "kind" in result && result.kind === "problem" ? { ...result, incomplete: true } : { ...result, cuts };
}

/** The problems that cuts in facts are. */
export function* cutProblems(facts: ReadonlyMap<string, unknown>): Generator<Problem> {
  for (const [path, value] of facts) {
    if (typeof value !== "object" || value === null || !("cuts" in value) || !Array.isArray(value.cuts)) continue;
    for (const what of value.cuts) yield cutProblem(String(what), path);
  }
}

/** The problem that a limit kept something from being read, in a file or of all of them together. */
export function cutProblem(what: string, path?: string): Problem {
  const message = path === undefined ? what : `${path}: ${what}`;
  const where = path === undefined ? {} : { path };
  return { kind: "problem", code: "TOO_MANY_RECORDS", message, ...where, incomplete: true };
}
