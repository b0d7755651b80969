import { formatCount, type LayerInfo, type Problem } from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import { defined } from "./defined.ts";
import type { IdentifiedPackage } from "./identify.ts";
import type { LayerHistory, PastPackage } from "./layer-history.ts";
import { limits } from "./limits.ts";
import { MergedDirectories } from "./own.ts";
import { leftBehind } from "./read/unrecorded.ts";

/** What is known of an image when its database is compared with what older layers said. */
export interface VanishedSource {
  readonly history: LayerHistory;
  readonly present: readonly IdentifiedPackage[];
  readonly layers: readonly LayerInfo[];
  readonly root: Pick<RootFilesystem, "lstat" | "resolve">;
}

/**
 * Packages that a later layer took out of the operating system's record, or gave another version there, while their
 * files stay as they were: who deletes or edits a database hides what is installed. Removing or upgrading a package
 * takes its files away or writes them anew.
 */
export function* vanishedProblems({ history, present, layers, root }: VanishedSource): Generator<Problem> {
  const candidates = lastRecords(history.packages, present);
  if (candidates.length === 0) return;
  const files = new RemainingFiles(present, root);
  const groups = new Map<string, Vanished>();
  for (const past of candidates) {
    const { found, cataloger, hiddenBy } = past;
    const path = found.paths[0] ?? "";
    const deleted = root.lstat(path) === undefined;
    const remaining = files.of(past);
    if (remaining === 0 || (remaining === undefined && !deleted)) continue;
    const key = `${cataloger.id}\n${hiddenBy}\n${deleted}`;
    const group = groups.get(key) ?? { path, cataloger: cataloger.id, hiddenBy, deleted, names: new Set(), files: 0 };
    groups.set(key, group);
    group.names.add(found.name);
    group.files += remaining ?? 0;
  }
  for (const group of groups.values()) yield problemOf(group, layers);
}

interface Vanished {
  readonly path: string;
  readonly cataloger: string;
  readonly hiddenBy: number;
  readonly deleted: boolean;
  readonly names: Set<string>;
  files: number;
}

function problemOf(
  { path, cataloger, hiddenBy, deleted, names, files }: Vanished,
  layers: readonly LayerInfo[],
): Problem {
  const count = formatCount(names.size, "package");
  const remain = files === 0 ? "and does not say which files are theirs" : `while ${files} of their files remain`;
  const some = [...names].slice(0, limits.maxNamedPackages).map((name) => JSON.stringify(name));
  const list = `${some.join(", ")}${names.size > some.length ? ", …" : ""}`;
  const what = deleted
    ? `${path}: the record of ${count} was deleted in layer ${hiddenBy}, ${remain}`
    : `${path}: ${count} was taken out of the record or changed in it in layer ${hiddenBy}, ${remain}`;
  return defined<Problem>({
    kind: "problem",
    code: deleted ? "PACKAGE_DATABASE_DELETED" : "PACKAGE_RECORD_EDITED",
    message: `${what}: ${list}`,
    path,
    layer: layers[hiddenBy]?.digest,
    cataloger,
    incomplete: true,
  });
}

/** Of each package of a database that is not in the image as it was the last record. */
function lastRecords(packages: readonly PastPackage[], present: readonly IdentifiedPackage[]): PastPackage[] {
  const purls = new Set(present.map(({ entry }) => `${entry.cataloger}\n${entry.purl}`));
  const last = new Map<string, PastPackage>();
  for (const past of packages) {
    const { found, cataloger } = past;
    if (cataloger.database !== true || purls.has(`${cataloger.id}\n${found.purl}`)) continue;
    const key = `${cataloger.id}\n${found.purl}`;
    const known = last.get(key);
    if (known === undefined || known.hiddenBy <= past.hiddenBy) last.set(key, past);
  }
  return [...last.values()];
}

/** Counts the files that packages which are gone have left. */
class RemainingFiles {
  readonly #root: VanishedSource["root"];
  readonly #merged: MergedDirectories;
  readonly #named = new Map<string, IdentifiedPackage[]>();
  /** Files that some package of the image owns, by the name of that package. */
  readonly #owned = new Set<string>();

  constructor(present: readonly IdentifiedPackage[], root: VanishedSource["root"]) {
    this.#root = root;
    this.#merged = new MergedDirectories(root);
    for (const one of present) {
      if (one.entry.origin === undefined) continue;
      const key = nameKey(one.entry);
      this.#named.set(key, [...(this.#named.get(key) ?? []), one]);
      for (const file of one.entry.files ?? []) this.#owned.add(this.#merged.place(file));
    }
  }

  /** How many; `undefined` where its record did not say which files it has. */
  of({ found, hiddenBy }: PastPackage): number | undefined {
    if (found.files === undefined) return undefined;
    const successors = this.#named.get(nameKey(found));
    // A successor with a file of its own was installed.
    if (successors?.some(({ entry }) => this.#hasNewFile(entry.files ?? [], hiddenBy)) === true) return 0;
    let count = 0;
    for (const file of found.files) {
      if (leftBehind.test(file)) continue;
      const stat = this.#root.lstat(file);
      const old = stat !== undefined && stat.type !== "directory" && stat.layer < hiddenBy;
      if (old && (successors !== undefined || !this.#owned.has(this.#merged.place(file)))) count += 1;
    }
    return count;
  }

  #hasNewFile(files: readonly string[], layer: number): boolean {
    return files.some((file) => (this.#root.lstat(file)?.layer ?? -1) >= layer);
  }
}

function nameKey({ type, name }: { readonly type: string; readonly name: string }): string {
  return `${type}\n${name}`;
}
