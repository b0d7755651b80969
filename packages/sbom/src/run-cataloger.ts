import { type Distribution, isScError, type Problem } from "@sc/model";
import { collectCuts } from "./read/cuts.ts";
import { cutProblem, cutProblems } from "./report-cuts.ts";
import type { CatalogContext, Cataloger, FoundPackage } from "./cataloger.ts";

/** What one cataloger made of facts. */
export interface CatalogRun {
  readonly distribution: Distribution | undefined;
  readonly packages: readonly FoundPackage[];
  readonly problems: readonly Problem[];
}

/** Asks a cataloger once. What the image makes it stop at is a problem; the packages up to there are kept. */
export function runCataloger(
  cataloger: Cataloger<unknown>,
  facts: ReadonlyMap<string, unknown>,
  context: CatalogContext,
): CatalogRun {
  let distribution: Distribution | undefined;
  const packages: FoundPackage[] = [];
  const problems: Problem[] = [];
  const { id } = cataloger;
  for (const problem of cutProblems(facts)) problems.push({ ...problem, cataloger: id });
  const run = (): void => {
    for (const result of cataloger.catalog(facts, context)) {
      if (result.kind === "package") packages.push(result);
      else if (result.kind === "distribution") distribution ??= result;
      else problems.push({ ...result, cataloger: id });
    }
  };
  try {
    const { cuts } = collectCuts(run);
    for (const what of cuts) problems.push({ ...cutProblem(`${id}: ${what}`), cataloger: id });
  } catch (error) {
    // Our own typed errors come from what the image says (a name no purl can be made of), all others from us.
    if (!isScError(error)) throw error;
    const message = `the cataloger ${id} stopped: ${error.message}`;
    problems.push({ kind: "problem", code: "CATALOGER_FAILED", message, cataloger: id, incomplete: true });
  }
  return { distribution, packages, problems };
}
