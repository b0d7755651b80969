import { Buffer } from "node:buffer";
import { constants, zstdDecompressSync } from "node:zlib";
import { isJsonObject, isScError, type JsonObject, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { stringMember } from "../read/json-file.ts";
import { osPurl } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { tooLarge, unreadable } from "../read/too-large.ts";
import { isSystemName, isVersion, quote } from "../read/token.ts";

interface ChiselRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Of the Debian package that was cut up. */
  readonly sha256?: string;
  readonly files?: readonly string[];
}

/** What a manifest of slices says. */
export interface ChiselFacts {
  readonly packages: readonly ChiselRecord[];
  readonly faults?: Faults;
}

/**
 * Packages of Ubuntu's chiselled images, which have slices of Debian packages and no database of dpkg.
 *
 * @see https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/
 */
export const chisel: Cataloger<ChiselFacts> = {
  id: "chisel",
  version: 1,
  evidence: "installed",
  database: true,
  wants: ({ path }) => path === place || path.endsWith(`/${place}`),
  read: (file) => tooLarge(file, limits.maxDatabaseBytes) ?? readManifest(file),
  *catalog(found, { distribution }) {
    for (const [path, facts] of found) {
      yield* faultProblems(path, facts.faults);
      for (const record of facts.packages) {
        const { name, version, architecture, sha256 } = record;
        yield defined<FoundPackage>({
          kind: "package",
          type: "deb",
          name,
          version,
          purl: osPurl({ type: "deb", name, version, architecture }, distribution),
          paths: [path],
          licenses: [],
          // The manifest does not say which source package it was built from.
          source: { name },
          origin: "distribution",
          architecture,
          hashes: sha256 === undefined ? undefined : [{ algorithm: "sha256", value: sha256 }],
          files: record.files,
        });
      }
    }
  },
};

const place = "var/lib/chisel/manifest.wall";

/** Lines of JSON, compressed; the first says which form they have. */
function readManifest(file: CapturedFile): ChiselFacts | Problem {
  let text: string;
  try {
    const bytes = zstdDecompressSync(file.bytes(limits.maxDatabaseBytes), {
      maxOutputLength: limits.maxDatabaseBytes,
      params: { [constants.ZSTD_d_windowLogMax]: 27 },
    });
    text = Buffer.from(bytes).toString("utf8");
  } catch {
    return unreadable(file, `not compressed by zstd, or more than ${limits.maxDatabaseBytes} bytes uncompressed`);
  }
  const lines = text.split("\n", limits.maxFiles);
  const head = lineOf(lines[0] ?? "", file.path);
  const form = head === undefined ? undefined : stringMember(head, "jsonwall");
  if (form !== "1.0") return unreadable(file, `its form is ${quote(form)}, only "1.0" is known`);
  return factsOf(lines, file.path);
}

function factsOf(lines: readonly string[], path: string): ChiselFacts {
  const faults = new FaultList();
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
  return Array.isArray(slices) ? slices.slice(0, 100).filter((slice) => typeof slice === "string") : [];
}
