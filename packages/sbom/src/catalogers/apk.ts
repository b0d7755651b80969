import type { Distribution, PackageHash } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicense } from "../license.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { osPurl } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { tooLarge } from "../read/too-large.ts";
import { isName, isSystemName, isVersion, quote, shortText } from "../read/token.ts";
import { hasRoom } from "../read/cuts.ts";

/** One package of the database, by the letters of its fields. */
interface ApkRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  readonly license?: string;
  readonly origin?: string;
  readonly maintainer?: string;
  readonly url?: string;
  readonly description?: string;
  readonly checksum?: string;
  readonly commit?: string;
  readonly depends: readonly string[];
  readonly provides: readonly string[];
  readonly files: readonly string[];
}

/** What one database of installed packages says. */
export interface ApkFacts {
  readonly packages: readonly ApkRecord[];
  readonly faults?: Faults;
}

/**
 * Packages of Alpine and its kin: Wolfi, Chainguard, postmarketOS, OpenWrt since 24.10.
 *
 * @see https://wiki.alpinelinux.org/wiki/Apk_spec
 */
export const apk: Cataloger<ApkFacts> = {
  id: "apk",
  version: 3,
  evidence: "installed",
  database: true,
  among: { names: ["installed"] },
  wants: (file) => file.path === database || file.path.endsWith(`/${database}`),
  read: (file) => tooLarge(file, limits.maxDatabaseBytes) ?? parseDatabase(file.text(limits.maxDatabaseBytes)),
  *catalog(found, context) {
    for (const [path, facts] of found) {
      yield* faultProblems(path, facts.faults);
      for (const record of facts.packages) yield packageOf(record, path, context.distribution);
    }
  },
};

const database = "lib/apk/db/installed";

function parseDatabase(text: string): ApkFacts {
  const packages: ApkRecord[] = [];
  const faults = new FaultList();
  const paths = new PathBudget();
  let builder: RecordBuilder | undefined;
  let start = 0;
  for (let line = 1; start <= text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    if (end > start) {
      builder ??= new RecordBuilder(line, { faults, paths });
      builder.add(text.slice(start, end), line);
    } else if (builder !== undefined) {
      const record = builder.finish();
      builder = undefined;
      if (record !== undefined) packages.push(record);
      if (packages.length >= limits.maxRecords) {
        faults.truncate(`line ${line}: more than ${limits.maxRecords} packages`);
        break;
      }
    }
    start = end + 1;
  }
  const last = builder?.finish();
  if (last !== undefined) packages.push(last);
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

/** Gathers the fields of one package; files come as a directory line followed by the names in it. */
class RecordBuilder {
  readonly #line: number;
  readonly #faults: FaultList;
  readonly #paths: PathBudget;
  readonly #fields = new Map<string, string>();
  readonly #files: string[] = [];
  #directory = "";

  constructor(line: number, { faults, paths }: { readonly faults: FaultList; readonly paths: PathBudget }) {
    this.#line = line;
    this.#faults = faults;
    this.#paths = paths;
  }

  add(line: string, number: number): void {
    const value = line.slice(2);
    const key = line[0] ?? "";
    if (line[1] !== ":") this.#faults.add(`line ${number}: ${quote(line)} is not a field`);
    else if (key === "F") this.#directory = value;
    else if (key === "R") this.#addFile(value, number);
    else if (!"MaZ".includes(key) && !this.#fields.has(key)) this.#fields.set(key, value);
  }

  #addFile(name: string, number: number): void {
    const path = this.#directory === "" ? name : `${this.#directory}/${name}`;
    if (this.#paths.take(path)) this.#files.push(path);
    else this.#faults.add(`line ${number}: more or longer names of files than are read`);
  }

  finish(): ApkRecord | undefined {
    const name = this.#fields.get("P");
    const version = this.#fields.get("V");
    // What `apk add --virtual` makes to hold a set of packages together: it has no content of its own.
    if (name?.startsWith(".") === true) return undefined;
    if (!isSystemName(name)) {
      this.#faults.lose(`line ${this.#line}: the package has no valid name: ${quote(name)}`);
      return undefined;
    }
    if (!isVersion(version)) {
      this.#faults.lose(`line ${this.#line}: the package ${quote(name)} has no valid version: ${quote(version)}`);
      return undefined;
    }
    return {
      name,
      version,
      ...this.#texts(),
      depends: namesOf(this.#fields.get("D")),
      provides: namesOf(this.#fields.get("p")),
      files: this.#files.toSorted(),
    };
  }

  #texts(): Partial<ApkRecord> {
    const texts: Record<string, string> = {};
    for (const [name, key] of textFields) {
      const text = shortText(this.#fields.get(key));
      if (text !== undefined) texts[name] = text;
    }
    return texts;
  }
}

const textFields: readonly (readonly [keyof ApkRecord, string])[] = [
  ["architecture", "A"],
  ["license", "L"],
  ["origin", "o"],
  ["maintainer", "m"],
  ["url", "U"],
  ["description", "T"],
  ["checksum", "C"],
  ["commit", "c"],
];

/** The names of a list of dependencies or provisions, without versions; conflicts are left out. */
function namesOf(list: string | undefined): string[] {
  if (list === undefined) return [];
  const names = new Set<string>();
  for (const match of list.matchAll(/\S+/g)) {
    const name = match[0].split(/[<>=~@]/, 1)[0] ?? "";
    if (!isName(name) || name.startsWith("!") || names.has(name)) continue;
    if (!hasRoom(names.size, limits.maxNames, "names that one package depends on or provides")) break;
    names.add(name);
  }
  return [...names];
}

function packageOf(record: ApkRecord, path: string, distribution: Distribution | undefined): FoundPackage {
  const { name, version, origin, architecture } = record;
  const license = record.license === undefined ? undefined : readLicense(record.license, { spaceMeansAnd: true });
  const upstream = origin === undefined || origin === name ? undefined : origin;
  const hash = checksumOf(record.checksum);
  return defined<FoundPackage>({
    kind: "package",
    type: "apk",
    name,
    version,
    purl: osPurl({ type: "apk", name, version, architecture, upstream }, distribution),
    paths: [path],
    licenses: license === undefined ? [] : [license],
    source: { name: origin ?? name },
    origin: "distribution",
    architecture,
    supplier: record.maintainer,
    description: record.description,
    homepage: record.url,
    hashes: hash === undefined ? undefined : [hash],
    properties: someProperties({ "apk:commit": record.commit }),
    files: record.files,
    dependsOn: record.depends,
    provides: record.provides,
  });
}

/** `Q1` and the base64 of a SHA-1, `Q2` and that of a SHA-256: of the package's control segment. */
function checksumOf(checksum: string | undefined): PackageHash | undefined {
  const match = /^Q([12])([A-Za-z0-9+/]+=*)$/.exec(checksum ?? "");
  if (match === null) return undefined;
  const value = Buffer.from(match[2] ?? "", "base64").toString("hex");
  if (match[1] === "1") return value.length === 40 ? { algorithm: "sha1", value } : undefined;
  return value.length === 64 ? { algorithm: "sha256", value } : undefined;
}
