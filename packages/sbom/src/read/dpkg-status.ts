import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList } from "./faults.ts";
import { parseStanzas, type Stanza } from "./stanza.ts";
import { isName, isSystemName, isVersion, quote, shortText } from "./token.ts";
import { splitFirst } from "./cuts.ts";

/** One package of dpkg's database that has files in the image. */
export interface DpkgRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** The source package, where it is not the package itself. */
  readonly source?: string;
  /** The source package's version, where it is not the package's own. */
  readonly sourceVersion?: string;
  readonly maintainer?: string;
  readonly section?: string;
  readonly homepage?: string;
  readonly description?: string;
  /** dpkg's word for how far the installation came, where that is not `installed`. */
  readonly state?: string;
  readonly depends: readonly string[];
  readonly provides: readonly string[];
}

/** The packages of a status file, or of one file of status.d. */
export interface DpkgStatus {
  readonly packages: readonly DpkgRecord[];
  /** Names of packages that are removed but for their configuration. */
  readonly removed?: readonly string[];
  readonly faults?: Faults;
}

/**
 * The packages that a dpkg status file says are there. A stanza without a Status field counts as installed: so are
 * those of distroless images, one per file.
 *
 * @see https://manpages.debian.org/bookworm/dpkg/dpkg-query.1.en.html
 */
export function parseDpkgStatus(text: string): DpkgStatus {
  const packages: DpkgRecord[] = [];
  const removed: string[] = [];
  const faults = new FaultList();
  for (const stanza of parseStanzas(text)) {
    // vcpkg writes a file of the same form and often the same name.
    if (isVcpkgPort(stanza)) return { packages: [] };
    if (stanza.fault !== undefined) faults.add(stanza.fault);
    const record = recordOf(stanza, faults);
    const name = stanza.fields.get("package");
    if (record !== undefined) packages.push(record);
    else if (absentStates.has(stateOf(stanza)) && isSystemName(name)) removed.push(name);
    if (packages.length >= limits.maxRecords) {
      faults.truncate(`line ${stanza.line}: more than ${limits.maxRecords} packages`);
      break;
    }
  }
  const rest = removed.length === 0 ? {} : { removed };
  const found = faults.finish();
  return found === undefined ? { packages, ...rest } : { packages, ...rest, faults: found };
}

function isVcpkgPort(stanza: Stanza): boolean {
  return stanza.fields.get("type") === "Port" && !stanza.fields.has("maintainer");
}

/** States in which dpkg has put none of the package's files in place, or has removed them. */
const absentStates: ReadonlySet<string> = new Set(["not-installed", "config-files"]);

/** The last word of the status; what has none, as in distroless images, is installed. */
function stateOf(stanza: Stanza): string {
  return stanza.fields.get("status")?.split(/\s+/).at(-1) ?? "installed";
}

function recordOf(stanza: Stanza, faults: FaultList): DpkgRecord | undefined {
  const state = stateOf(stanza);
  if (absentStates.has(state)) return undefined;
  const name = stanza.fields.get("package");
  const version = stanza.fields.get("version");
  const complaint = complaintOf(stanza, name, version);
  // A package that is there is not listed.
  if (complaint !== undefined) faults.lose(`line ${stanza.line}: ${complaint}`);
  if (!isSystemName(name) || !isVersion(version)) return undefined;
  return defined<DpkgRecord>({
    name,
    version,
    ...sourceOf(stanza.fields.get("source"), version),
    ...textsOf(stanza),
    state: state === "installed" ? undefined : state.slice(0, 100),
    depends: [...namesOf(stanza.fields.get("depends")), ...namesOf(stanza.fields.get("pre-depends"))],
    provides: namesOf(stanza.fields.get("provides")),
  });
}

function complaintOf(stanza: Stanza, name: string | undefined, version: string | undefined): string | undefined {
  if (stanza.repeated.has("package")) return `two records run together: the field Package is repeated`;
  if (!isSystemName(name)) return `the record has no valid Package: ${quote(name)}`;
  return isVersion(version) ? undefined : `the package ${quote(name)} has no valid Version: ${quote(version)}`;
}

/** `Source: name` or `Source: name (version)`. */
function sourceOf(field: string | undefined, version: string): Pick<DpkgRecord, "source" | "sourceVersion"> {
  if (field === undefined) return {};
  const open = field.indexOf("(");
  const source = (open === -1 ? field : field.slice(0, open)).trim();
  const close = field.indexOf(")", open);
  const sourceVersion = open === -1 ? version : field.slice(open + 1, close === -1 ? undefined : close).trim();
  if (!isSystemName(source)) return {};
  return isVersion(sourceVersion) && sourceVersion !== version ? { source, sourceVersion } : { source };
}

const textFields: readonly (readonly [keyof DpkgRecord, string])[] = [
  ["architecture", "architecture"],
  ["maintainer", "maintainer"],
  ["section", "section"],
  ["homepage", "homepage"],
  ["description", "description"],
];

function textsOf(stanza: Stanza): Partial<DpkgRecord> {
  const texts: Record<string, string> = {};
  for (const [name, field] of textFields) {
    // Of the description only the first line: the synopsis.
    const text = shortText(stanza.fields.get(field)?.split("\n", 1)[0]);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

/** The names of a relationship field, alternatives included, without versions and architecture qualifiers. */
function namesOf(field: string | undefined): string[] {
  if (field === undefined) return [];
  const names = new Set<string>();
  for (const item of splitFirst(field, /[,|]/, limits.maxNames, "names that one package depends on or provides")) {
    const name = item.trim().split(/[\s(:[]/, 1)[0];
    if (isName(name)) names.add(name);
  }
  return [...names];
}
