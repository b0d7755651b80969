import type { Finding } from "@sc/model";

/** The scanners that a configuration may name. */
export const scannerNames = ["osv", "grype", "trivy"] as const;

/** One of the scanners. */
export type ScannerName = (typeof scannerNames)[number];

/** A scanner that was asked for, and the engine that answers in its name. */
export interface ScannerFacts {
  readonly name: ScannerName;
  /** `osv` for all of them: the match of this package. No other program is run. */
  readonly servedBy: "osv";
}

/** What one scanner found. */
export interface NamedFindings {
  readonly scanner: string;
  readonly findings: readonly Finding[];
}

/** The scanners that names stand for, each once; `all` for every one. */
export function resolveScanners(names: readonly (ScannerName | "all")[]): readonly ScannerFacts[] {
  const wanted = new Set(names);
  return scannerNames
    .filter((name) => wanted.has(name) || wanted.has("all"))
    .map((name) => ({ name, servedBy: "osv" }));
}

/**
 * What several scanners found, as one: a vulnerability in a package is one finding, told as the first scanner tells it,
 * with every id that any of them gives it and with the names of those that found it. Two findings are of one
 * vulnerability when the id of one is the id or another name of the other: names alone that both have may be those of an
 * update that mends several. Findings that do not count for one scanner count when they do for another.
 */
export function mergeFindings(scans: readonly NamedFindings[]): readonly Finding[] {
  const merged: Merged[] = [];
  const [byId, byAlias] = [new Map<string, Merged>(), new Map<string, Merged>()];
  for (const { scanner, findings } of scans) {
    for (const finding of findings) {
      const { id, aliases, package: found } = finding;
      const keyOf = (name: string): string => JSON.stringify([found.id, name]);
      const candidates = [byId.get(keyOf(id)), byAlias.get(keyOf(id)), ...aliases.map((name) => byId.get(keyOf(name)))];
      const same = candidates.find((one) => one?.foundBy.includes(scanner) === false);
      const entry = same ?? { finding, foundBy: [] };
      if (same === undefined) merged.push(entry);
      else entry.finding = join(entry.finding, finding);
      entry.foundBy.push(scanner);
      addOnce(byId, keyOf(id), entry);
      for (const name of aliases) addOnce(byAlias, keyOf(name), entry);
    }
  }
  return merged.map(({ finding, foundBy }): Finding => Object.assign({}, finding, { foundBy }));
}

interface Merged {
  finding: Finding;
  readonly foundBy: string[];
}

function addOnce(entries: Map<string, Merged>, key: string, entry: Merged): void {
  if (!entries.has(key)) entries.set(key, entry);
}

function join(first: Finding, other: Finding): Finding {
  const ids = new Set([...first.aliases, other.id, ...other.aliases]);
  ids.delete(first.id);
  const { suppressed, ...counted } = first;
  const told = suppressed !== undefined && other.suppressed === undefined ? counted : first;
  return { ...told, aliases: [...ids].toSorted() };
}

/** By whom the scanners that were asked for are served, in one sentence; `undefined` where only `osv` was. */
export function describeScanners(scanners: readonly ScannerFacts[]): string | undefined {
  const others = scanners.map(({ name }) => name).filter((name) => name !== "osv");
  if (others.length === 0) return undefined;
  const agreement = scanners.length > 1 ? ", so that their agreement is one opinion" : "";
  return `${others.join(" and ")} ${others.length === 1 ? "is" : "are"} served by sc's own match (osv)${agreement}`;
}
