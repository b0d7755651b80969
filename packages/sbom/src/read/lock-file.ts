import { formatPurl, isScError, type PackageHash, type Problem, type PurlParts } from "@sc/model";
import type { CapturedFile, FileNames } from "@sc/rootfs";
import type { Cataloger, CatalogResult, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "./faults.ts";
import { normalizePythonName } from "./python-metadata.ts";
import { isName, isVersion, quote, shortText } from "./token.ts";
import { malformed, tooLarge } from "./too-large.ts";
import { publicUrl } from "./url.ts";
import { firstOf, hasRoom } from "./cuts.ts";

/** One package that a lock file or manifest names together with one exact version. Plain data. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** The purl type, where it is not the cataloger's own. */
  readonly type?: string;
  /** What the other entries of the same file call it. */
  readonly keys?: readonly string[];
  /** The keys of what it depends on; a key that no entry has makes no edge. */
  readonly dependsOn?: readonly string[];
  /** What it is declared for, where that is not the running application: `dev`, `optional`, `test`, `build` … */
  readonly scope?: string;
  readonly hashes?: readonly PackageHash[];
  /** Where it is downloaded from, when that is written down. */
  readonly url?: string;
  /** Set when that place is not the ecosystem's own registry, so that the purl has to say it. */
  readonly foreign?: true;
  /** The repository and commit it is taken from, as `vcs_url` of a purl has it: `git+https://…@commit`. */
  readonly vcs?: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
  readonly licenses?: readonly string[];
  readonly description?: string;
  readonly homepage?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/** What one lock file or manifest says. */
export interface LockFacts {
  readonly packages: readonly LockedPackage[];
  readonly faults?: Faults;
}

/** Gathers the packages of one file; what cannot be one is a fault, and the others are kept. */
export class LockEntries {
  readonly #packages: LockedPackage[] = [];
  readonly #faults = new FaultList();
  #edges = 0;
  #truncated = false;

  /** Keeps a package. What may be left out may also be `undefined`. */
  add(entry: { readonly [Name in keyof LockedPackage]: LockedPackage[Name] | undefined }): void {
    const { name, version, dependsOn = [] } = entry;
    if (this.#packages.length >= limits.maxRecords || this.#edges > limits.maxLockEdges) this.#truncate();
    else if (!isName(name)) this.#faults.add(`a package has no valid name: ${quote(name)}`);
    else if (!isVersion(version)) {
      this.#faults.add(`the package ${quote(name)} has no valid version: ${quote(version)}`);
    } else {
      const names = firstOf(dependsOn, limits.maxNames, "names that one package depends on");
      this.#edges += names.length;
      this.#packages.push(defined<LockedPackage>({ ...entry, name, version, dependsOn: some(names) }));
    }
  }

  /** Notes what is wrong with one entry. */
  fault(message: string): void {
    this.#faults.add(message);
  }

  #truncate(): void {
    if (!this.#truncated) this.#faults.truncate(`more than ${limits.maxRecords} packages or their dependencies`);
    this.#truncated = true;
  }

  finish(): LockFacts {
    return defined<LockFacts>({ packages: this.#packages, faults: this.#faults.finish() });
  }
}

function some<Item>(list: readonly Item[]): readonly Item[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** One format of lock file or manifest: what it is called, and what it says. */
export interface LockFormat<Content> {
  readonly id: string;
  readonly version: number;
  /** The purl type of its packages. */
  readonly type: string;
  /** The names that its files can have. */
  readonly among: FileNames;
  /** How large a file is read, where that is less than for a manifest that tools write. */
  readonly maxBytes?: number;
  /** Whether a file of that path is one. */
  wants(path: string): boolean;
  /** The file that, when it is there, is read by the ecosystem's tool in place of this one. */
  overruledBy?(path: string): string;
  /** The content of the file, or why it cannot be read. */
  open(file: CapturedFile): { readonly content: Content } | Problem;
  /** Adds what the content says; a text returned is the reason why the whole file is refused. */
  collect(content: Content, entries: LockEntries): string | undefined;
}

/**
 * The cataloger of a format whose every file stands for itself.
 *
 * @__NO_SIDE_EFFECTS__ so that a bundler leaves out the formats that nobody asks for.
 */
export function lockCataloger<Content>(format: LockFormat<Content>): Cataloger<LockFacts> {
  return {
    id: format.id,
    version: format.version,
    evidence: "declared",
    among: format.among,
    wants: (file) => format.wants(file.path),
    read: (file) => {
      const large = tooLarge(file, format.maxBytes ?? limits.maxManifestBytes);
      if (large !== undefined) return large;
      const opened = format.open(file);
      // None of its packages is known.
      if ("kind" in opened) return { ...opened, incomplete: true };
      const entries = new LockEntries();
      const refusal = format.collect(opened.content, entries);
      return refusal === undefined ? entries.finish() : malformed(file, refusal);
    },
    *catalog(found) {
      for (const [path, facts] of found) {
        const other = format.overruledBy?.(path);
        if (other === undefined || other === path || !found.has(other)) yield* lockedPackages(facts, path, format.type);
      }
    },
  };
}

/** Whether a path's last segment is the name. */
export function isNamed(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}

/** The packages of one file, each once, with edges among themselves only. */
export function* lockedPackages(facts: LockFacts, path: string, type: string): Generator<CatalogResult> {
  yield* faultProblems(path, facts.faults);
  const merged = new Map<FoundPackage["purl"], MergedEntry>();
  for (const entry of facts.packages) {
    const purl = purlOf(entry, type);
    if (purl === undefined) {
      const what = `${quote(entry.name)} at ${quote(entry.version)} is no package of type ${entry.type ?? type}`;
      yield { kind: "problem", code: "RECORD_MALFORMED", message: `${path}: ${what}`, path };
    } else merged.set(purl, mergeEntry(entry, merged.get(purl)));
  }
  for (const [purl, { entry, keys, dependsOn }] of merged) {
    yield foundPackage({ ...entry, keys: [...keys], dependsOn: [...dependsOn] }, { purl, path, type });
  }
}

/** What a file says of one package, wherever in it. */
interface MergedEntry {
  readonly entry: LockedPackage;
  readonly keys: Set<string>;
  readonly dependsOn: Set<string>;
}

/** The first entry with what later ones add; needed by one that is not for development is needed. */
function mergeEntry(entry: LockedPackage, known: MergedEntry | undefined): MergedEntry {
  const merged = known ?? { entry, keys: new Set<string>(), dependsOn: new Set<string>() };
  for (const key of entry.keys ?? []) addKey(merged.keys, key);
  for (const key of entry.dependsOn ?? []) addKey(merged.dependsOn, key);
  if (merged.entry.scope === undefined || merged.entry.scope === entry.scope) return merged;
  const { scope: _scope, ...needed } = merged.entry;
  return { ...merged, entry: needed };
}

function addKey(keys: Set<string>, key: string): void {
  if (keys.has(key) || hasRoom(keys.size, limits.maxNames, "keys or dependencies of one package")) keys.add(key);
}

/** The types whose names begin with a namespace, and what ends it. */
const namespaceEnds: ReadonlyMap<string, string> = new Map([
  ["composer", "/"],
  ["github", "/"],
  ["githubactions", "/"],
  ["golang", "/"],
  ["hex", "/"],
  ["jsr", "/"],
  ["maven", ":"],
  ["npm", "/"],
  ["swift", "/"],
  ["terraform", "/"],
]);

function purlOf(entry: LockedPackage, fileType: string): FoundPackage["purl"] | undefined {
  const type = entry.type ?? fileType;
  const end = namespaceEnds.get(type);
  const at = end === undefined ? -1 : entry.name.lastIndexOf(end);
  const whole = entry.name.slice(at + 1);
  // What is behind the slash of a pod's name is a part of it, and stands in the subpath.
  const name = type === "cocoapods" ? (whole.split("/", 1)[0] ?? "") : whole;
  const parts: PurlParts = {
    type,
    namespace: at === -1 ? undefined : entry.name.slice(0, at),
    name: type === "pypi" ? normalizePythonName(name) : name,
    version: entry.version,
    qualifiers: qualifiersOf(entry),
    subpath: entry.subpath,
  };
  try {
    return formatPurl(parts);
  } catch (error) {
    if (isScError(error) && error.code === "PURL_INVALID") return undefined;
    throw error;
  }
}

function qualifiersOf({ qualifiers, url, foreign, vcs }: LockedPackage): Readonly<Record<string, string>> {
  if (vcs !== undefined) return { ...qualifiers, vcs_url: vcs };
  const place = foreign === true ? publicUrl(url) : undefined;
  return place === undefined ? { ...qualifiers } : { ...qualifiers, download_url: place };
}

interface Place {
  readonly purl: FoundPackage["purl"];
  readonly path: string;
  readonly type: string;
}

function foundPackage(entry: LockedPackage, { purl, path, type }: Place): FoundPackage {
  // The path keeps the edges of one file apart from those of another; no name of a package holds a line break.
  const key = (name: string): string => `${path}\n${name}`;
  return defined<FoundPackage>({
    kind: "package",
    type: entry.type ?? type,
    name: entry.name,
    version: entry.version,
    purl,
    paths: [path],
    licenses: readLicenses(entry.licenses ?? []),
    description: shortText(entry.description),
    homepage: publicUrl(entry.homepage),
    downloadLocation: publicUrl(entry.url) ?? entry.vcs,
    hashes: entry.hashes === undefined ? undefined : some(entry.hashes),
    properties: someProperties({ ...entry.properties, scope: entry.scope }),
    dependsOn: some((entry.dependsOn ?? []).map(key)),
    provides: some((entry.keys ?? []).map(key)),
  });
}
