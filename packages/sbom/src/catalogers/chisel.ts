import { Buffer } from "node:buffer";
import { constants, zstdDecompressSync } from "node:zlib";
import {
  type Distribution,
  isJsonObject,
  isScError,
  type JsonObject,
  parseJson,
  type Problem,
  type SourcePackage,
} from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { stringMember } from "../read/json-file.ts";
import { osPurl } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { tooLarge, unreadable } from "../read/too-large.ts";
import { isSystemName, isVersion, quote, shortText } from "../read/token.ts";
import { firstOf, splitFirst } from "../read/cuts.ts";

interface ChiselRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Of the Debian package that was cut up. */
  readonly sha256?: string;
  readonly files?: readonly string[];
  readonly source?: string;
  /** Where it is not the package's own. */
  readonly sourceVersion?: string;
}

/** What a manifest of slices says, or the list of packages that a rock was built from. */
export interface ChiselFacts {
  readonly packages: readonly ChiselRecord[];
  readonly faults?: Faults;
}

/**
 * Packages of Ubuntu's chiselled images, which have slices of Debian packages and no database of dpkg. The manifest does
 * not say which source package each was built from; the list in a rock does, and is all there is in rocks without a
 * manifest. Packages that dpkg's own database lists as well are left out.
 *
 * @see https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/
 */
export const chisel: Cataloger<ChiselFacts> = {
  id: "chisel",
  version: 3,
  evidence: "installed",
  database: true,
  yieldsToOwner: true,
  among: { names: ["manifest.wall", "dpkg.query"] },
  wants: ({ path }) => isAt(path, manifestPlace) || isAt(path, listPlace),
  read: (file) =>
    tooLarge(file, limits.maxDatabaseBytes) ??
    (isAt(file.path, listPlace) ? parsePackageList(file.text(limits.maxDatabaseBytes)) : readManifest(file)),
  *catalog(found, context) {
    for (const [path, facts] of found) {
      yield* faultProblems(path, facts.faults);
      const isList = isAt(path, listPlace);
      const root = path.slice(0, -(isList ? listPlace : manifestPlace).length);
      const listPath = root + listPlace;
      // The list is of the time it was written; dpkg's own database is of now.
      if (isList && context.resolve(`${root}var/lib/dpkg/status`) !== undefined) continue;
      const listed = new Map(found.get(listPath)?.packages.map((record) => [keyOf(record), record]));
      // What the manifest has is told with it.
      const told = isList ? new Set(found.get(root + manifestPlace)?.packages.map(keyOf)) : new Set();
      for (const record of facts.packages) {
        if (told.has(keyOf(record))) continue;
        const known = isList ? record : listed.get(keyOf(record));
        const paths = known === undefined || isList ? [path] : [path, listPath];
        yield packageOf({ ...record, ...sourceIn(known) }, paths, context.distribution);
      }
    }
  },
};

const manifestPlace = "var/lib/chisel/manifest.wall";
const listPlace = "usr/share/rocks/dpkg.query";

function isAt(path: string, place: string): boolean {
  return path === place || path.endsWith(`/${place}`);
}

function keyOf({ name, version }: ChiselRecord): string {
  return `${name}\n${version}`;
}

function sourceIn(record: ChiselRecord | undefined): Pick<ChiselRecord, "source" | "sourceVersion"> {
  const { source, sourceVersion } = record ?? {};
  return defined<Pick<ChiselRecord, "source" | "sourceVersion">>({ source, sourceVersion });
}

function packageOf(
  record: ChiselRecord,
  paths: readonly string[],
  distribution: Distribution | undefined,
): FoundPackage {
  const { name, version, architecture, sha256, source = name, sourceVersion } = record;
  const upstream = sourceVersion === undefined ? source : `${source}@${sourceVersion}`;
  const parts = {
    type: "deb",
    name,
    version,
    architecture,
    upstream: upstream === name ? undefined : upstream,
  } as const;
  return defined<FoundPackage>({
    kind: "package",
    type: "deb",
    name,
    version,
    purl: osPurl(parts, distribution),
    paths,
    licenses: [],
    source: defined<SourcePackage>({ name: source, version: sourceVersion }),
    origin: "distribution",
    architecture,
    hashes: sha256 === undefined ? undefined : [{ algorithm: "sha256", value: sha256 }],
    files: record.files,
  });
}

/** Below a line `# dpkg-query` one package a line. */
function parsePackageList(text: string): ChiselFacts {
  const packages: ChiselRecord[] = [];
  const faults = new FaultList();
  let inList = false;
  for (const [index, line] of splitFirst(text, "\n", limits.maxFiles, "lines").entries()) {
    if (line.startsWith("#")) inList = line.includes("dpkg-query");
    else if (inList && line.trim() !== "") {
      const record = parseListed(line);
      if (record === undefined) faults.lose(`line ${index + 1}: ${quote(line)} is no package`);
      else if (record !== "removed") packages.push(record);
    }
    if (packages.length < limits.maxRecords) continue;
    faults.truncate(`line ${index + 1}: more than ${limits.maxRecords} packages`);
    break;
  }
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

/** State, name with architecture, version, source package and its version, by commas. */
function parseListed(line: string): ChiselRecord | "removed" | undefined {
  const [state = "", fullName = "", version, source, sourceVersion] = line.split(",", 6).map((field) => field.trim());
  const [name, architecture] = fullName.split(":", 2);
  // The second letter is how far the installation came: nothing, or configuration that was left.
  if (/^.[nc]/.test(state)) return "removed";
  if (!isSystemName(name) || !isVersion(version)) return undefined;
  return defined<ChiselRecord>({
    name,
    version,
    architecture: shortText(architecture),
    source: isSystemName(source) ? source : undefined,
    sourceVersion: isVersion(sourceVersion) && sourceVersion !== version ? sourceVersion : undefined,
  });
}

/** Lines of JSON, compressed; the first says which form they have. */
function readManifest(file: CapturedFile): ChiselFacts | Problem {
  let text: string;
  try {
    const bytes = zstdDecompressSync(file.bytes(limits.maxDatabaseBytes), {
      maxOutputLength: limits.maxSlicesBytes,
      params: { [constants.ZSTD_d_windowLogMax]: 27 },
    });
    text = Buffer.from(bytes).toString("utf8");
  } catch {
    return unreadable(file, `not compressed by zstd, or more than ${limits.maxSlicesBytes} bytes uncompressed`);
  }
  const lines = text.split("\n", limits.maxFiles + 1);
  const head = lineOf(lines[0] ?? "", file.path);
  const form = head === undefined ? undefined : stringMember(head, "jsonwall");
  if (form !== "1.0") return unreadable(file, `its form is ${quote(form)}, only "1.0" is known`);
  return factsOf(lines, file.path);
}

function factsOf(lines: readonly string[], path: string): ChiselFacts {
  const faults = new FaultList();
  if (lines.length > limits.maxFiles) faults.truncate(`more than ${limits.maxFiles} lines`);
  const records = new Map<string, ChiselRecord>();
  const owned: JsonObject[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === "") continue;
    const entry = lineOf(line, path);
    const kind = entry === undefined ? undefined : stringMember(entry, "kind");
    const record = entry !== undefined && kind === "package" ? recordOf(entry) : undefined;
    if (record !== undefined) records.set(record.name, record);
    else if (entry === undefined || kind === undefined || kind === "package") {
      faults.lose(`line ${index + 1}: ${quote(line)} is no entry, or a package without valid name and version`);
    } else if (kind === "path") owned.push(entry);
    if (records.size >= limits.maxRecords) {
      faults.truncate(`line ${index + 1}: more than ${limits.maxRecords} packages`);
      break;
    }
  }
  const files = filesOf(owned);
  const packages = [...records.values()].map((record) =>
    Object.assign(record, { files: (files.get(record.name) ?? []).toSorted() }),
  );
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

/** The files of each package, by its name: those that one of its slices put in place. */
function filesOf(entries: readonly JsonObject[]): Map<string, string[]> {
  const paths = new PathBudget();
  const files = new Map<string, string[]>();
  for (const entry of entries) {
    const path = stringMember(entry, "path") ?? "";
    if (path.endsWith("/") || !path.startsWith("/")) continue;
    for (const name of new Set(slicesOf(entry).map((slice) => slice.split("_", 1)[0] ?? ""))) {
      if (!paths.take(path)) continue;
      const list = files.get(name) ?? [];
      files.set(name, list);
      list.push(path.slice(1));
    }
  }
  return files;
}

function lineOf(line: string, path: string): JsonObject | undefined {
  try {
    const json = parseJson(line, path);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (isScError(error) && error.code === "JSON_INVALID") return undefined;
    throw error;
  }
}

function recordOf(entry: JsonObject): ChiselRecord | undefined {
  const name = stringMember(entry, "name");
  const version = stringMember(entry, "version");
  const sha256 = stringMember(entry, "sha256");
  if (!isSystemName(name) || !isVersion(version)) return undefined;
  return defined<ChiselRecord>({
    name,
    version,
    architecture: stringMember(entry, "arch")?.slice(0, limits.maxNameChars),
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
  });
}

/** `libc6_libs`: of the package libc6. A file may come from several. */
function slicesOf(entry: JsonObject): string[] {
  const slices = Object.hasOwn(entry, "slices") ? entry["slices"] : undefined;
  return Array.isArray(slices)
    ? firstOf(slices, 100, "slices of one file").filter((slice) => typeof slice === "string")
    : [];
}
