import { withoutTrailing } from "@sc/model";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import type { FaultList } from "./faults.ts";
import type { PathBudget } from "./path-budget.ts";
import { RpmHeader, rpmTags } from "./rpm-header.ts";
import { isName, isSystemName, isVersion, quote, shortText } from "./token.ts";
import { hasRoom, splitFirst } from "./cuts.ts";

/** One package of an rpm database or manifest. */
export interface RpmRecord {
  readonly name: string;
  /** Version and release, without epoch. */
  readonly version: string;
  /** Absent when it is 0. */
  readonly epoch?: number;
  readonly architecture?: string;
  readonly license?: string;
  readonly vendor?: string;
  readonly packager?: string;
  readonly summary?: string;
  readonly url?: string;
  /** The file name of the source package. */
  readonly sourceRpm?: string;
  readonly modularity?: string;
  /** Of the header as it was built. */
  readonly sha256?: string;
  /** Absent where the evidence has no list of files. */
  readonly files?: readonly string[];
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** How the record was changed after the package was built, where its own checksum tells. */
  readonly edited?: string;
}

/** Where a record's shortcomings go. */
export interface RecordContext {
  readonly faults: FaultList;
  readonly paths: PathBudget;
}

/** The package that a header describes; `undefined` for keys of signers, and for what is none. */
export function rpmRecord(blob: Uint8Array, { faults, paths }: RecordContext): RpmRecord | undefined {
  const header = RpmHeader.parse(blob);
  if (typeof header === "string") {
    faults.lose(`a package cannot be read: ${header}`);
    return undefined;
  }
  const name = header.string(rpmTags.name);
  // rpm keeps the keys that it trusts as packages of this name.
  if (name === "gpg-pubkey") return undefined;
  const version = `${header.string(rpmTags.version) ?? ""}-${header.string(rpmTags.release) ?? ""}`;
  if (!isSystemName(name) || !isVersion(version) || version.startsWith("-") || version.endsWith("-")) {
    faults.lose(`the package ${quote(name)} has no valid name or version: ${quote(version)}`);
    return undefined;
  }
  const sha256 = header.string(rpmTags.sha256Header)?.toLowerCase();
  return defined<RpmRecord>({
    name,
    version,
    epoch: header.numbers(rpmTags.epoch, 1)?.find((epoch) => epoch > 0),
    ...textsOf(header),
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    files: filesOf(header, { name, faults, paths }),
    requires: requiredNames(namesOf(header, rpmTags.requireName)),
    provides: unique(namesOf(header, rpmTags.provideName)),
    edited: header.edited,
  });
}

function namesOf(header: RpmHeader, tag: number): readonly string[] {
  hasRoom(header.count(tag) - 1, limits.maxNames, "names that one package requires or provides");
  return header.strings(tag, limits.maxNames) ?? [];
}

const textFields: readonly (readonly [keyof RpmRecord, number])[] = [
  ["architecture", rpmTags.architecture],
  ["license", rpmTags.license],
  ["vendor", rpmTags.vendor],
  ["packager", rpmTags.packager],
  ["summary", rpmTags.summary],
  ["url", rpmTags.url],
  ["sourceRpm", rpmTags.sourceRpm],
  ["modularity", rpmTags.modularityLabel],
];

function textsOf(header: RpmHeader): Partial<RpmRecord> {
  const texts: Record<string, string> = {};
  for (const [name, tag] of textFields) {
    const text = shortText(header.string(tag));
    if (text !== undefined && text !== "(none)") texts[name] = text;
  }
  return texts;
}

const fileModes = 1030;
const fileFlags = 1037;
/** Owned, but made by something else than the package's installation, or not at all. */
const ghostFlag = 0x40;

/** The files of a package, without directories and those it does not bring. */
function filesOf(header: RpmHeader, { name, faults, paths }: RecordContext & { readonly name: string }): string[] {
  const names = header.strings(rpmTags.baseNames, limits.maxFiles);
  for (const tag of [rpmTags.baseNames, rpmTags.oldFileNames, rpmTags.directoryNames])
    hasRoom(header.count(tag) - 1, limits.maxFiles, "files of one package");
  const all = names === undefined ? header.strings(rpmTags.oldFileNames, limits.maxFiles) : joined(header, names);
  if (all === undefined) {
    if (header.count(rpmTags.baseNames) > 0) faults.add(`the package ${quote(name)} has a malformed list of files`);
    return [];
  }
  const modes = header.numbers(fileModes, limits.maxFiles) ?? [];
  const flags = header.numbers(fileFlags, limits.maxFiles) ?? [];
  const files: string[] = [];
  for (const [index, path] of all.entries()) {
    const isDirectory = ((modes[index] ?? 0) & 0o170000) === 0o040000;
    if (isDirectory || ((flags[index] ?? 0) & ghostFlag) !== 0 || !path.startsWith("/")) continue;
    if (!paths.take(path)) {
      faults.add(`the package ${quote(name)} has more or longer names of files than are read`);
      break;
    }
    files.push(path.slice(1));
  }
  return files.toSorted();
}

/** Directory and name of each file; `undefined` when they do not belong together. */
function joined(header: RpmHeader, names: readonly string[]): string[] | undefined {
  const directories = header.strings(rpmTags.directoryNames, limits.maxFiles);
  const indexes = header.numbers(rpmTags.directoryIndexes, limits.maxFiles);
  if (directories === undefined || indexes?.length !== names.length) return undefined;
  const paths: string[] = [];
  for (const [index, name] of names.entries()) {
    const directory = directories[indexes[index] ?? -1];
    if (directory === undefined) return undefined;
    paths.push(directory + name);
  }
  return paths;
}

/** What must be there: packages, capabilities and, beginning with a slash, files; not what rpm itself must be able to. */
function requiredNames(names: readonly string[]): string[] {
  return unique(names.flatMap((name) => (name.startsWith("(") ? richNames(name) : [name]))).filter(
    (name) => !name.startsWith("rpmlib("),
  );
}

/** The names of `(a >= 1 and b)`; of `(a if b)` those before the condition. */
function richNames(expression: string): string[] {
  const wanted = expression.split(/ (?:if|unless) /, 1)[0] ?? "";
  return splitFirst(wanted, / (?:and|or|with|without|else) /, limits.maxNames, "names of one condition")
    .map((part) => part.trim().replace(/^\(+/, "").split(" ", 1)[0] ?? "")
    .map((name) => (name.includes("(") ? name : withoutTrailing(name, ")")));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].filter(isName);
}
