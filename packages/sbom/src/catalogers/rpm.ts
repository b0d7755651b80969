import type { Distribution, Problem, SourcePackage } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { CatalogContext, CatalogResult, Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicense } from "../license.ts";
import { limits } from "../limits.ts";
import { faultProblems } from "../read/faults.ts";
import { osPurl } from "../read/os-purl.ts";
import { readRpmDatabase, type RpmDatabase } from "../read/rpm-database.ts";
import { parseRpmManifest } from "../read/rpm-manifest.ts";
import type { RpmRecord } from "../read/rpm-record.ts";
import { isDistributionRpm } from "../read/rpm-vendors.ts";
import { quote } from "../read/token.ts";
import { tooLarge } from "../read/too-large.ts";

/**
 * Packages of Red Hat, SUSE, Amazon, Azure Linux and their kin, in each of rpm's databases (SQLite, Berkeley DB and
 * rpm's own) and in the manifest of images without one.
 *
 * @see https://rpm-software-management.github.io/rpm/manual/
 */
export const rpm: Cataloger<RpmDatabase> = {
  id: "rpm",
  version: 1,
  evidence: "installed",
  database: true,
  among: { names: ["rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages", "container-manifest-2"] },
  wants: (file) => rootOf(file.path) !== undefined,
  companionOf: (path) => (path.endsWith("/rpmdb.sqlite-wal") ? path.slice(0, -"-wal".length) : undefined),
  read: (file, companions) =>
    tooLarge(file, limits.maxPagedDatabaseBytes) ??
    (file.path.includes("/rpmmanifest/")
      ? (tooLarge(file, limits.maxDatabaseBytes) ?? parseRpmManifest(file.text(limits.maxDatabaseBytes)))
      : readRpmDatabase(file, logOf(file, companions))),
  *catalog(found, context) {
    const roots = new Map<string, RpmSystem>();
    for (const [path, facts] of found) {
      yield* faultProblems(path, facts.faults);
      yield* editProblems(path, facts.packages);
      const root = rootOf(path) ?? "";
      const system = roots.get(root) ?? new RpmSystem();
      roots.set(root, system);
      for (const record of facts.packages) system.add(record, path);
    }
    for (const system of roots.values()) yield* system.results(context);
  },
};

/** Records that do not have the checksums they were built with: who edits a database hides what is installed. */
function* editProblems(path: string, records: readonly RpmRecord[]): Generator<Problem> {
  const edited = records.filter((record) => record.edited !== undefined);
  for (const { name, edited: how } of edited.slice(0, limits.maxFaults)) {
    const message = `${path}: the package ${quote(name)} was changed after it was built: ${how} (one of ${edited.length})`;
    yield { kind: "problem", code: "DATABASE_EDITED", message, path, incomplete: true };
  }
}

const databases: readonly string[] = ["var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"].flatMap((folder) =>
  ["rpmdb.sqlite", "Packages.db", "Packages"].map((name) => folder + name),
);
const evidence = [...databases, "var/lib/rpmmanifest/container-manifest-2"];

/** Where the root is that a database or manifest belongs to: empty or ending with a slash. */
function rootOf(path: string): string | undefined {
  for (const place of evidence) {
    if (!path.endsWith(place)) continue;
    const root = path.slice(0, -place.length);
    if (root === "" || root.endsWith("/")) return root;
  }
  return undefined;
}

function logOf(
  file: CapturedFile,
  companions: ReadonlyMap<string, CapturedFile> | undefined,
): CapturedFile | undefined {
  const log = companions?.get(`${file.path}-wal`);
  return log === undefined || log.size > limits.maxPagedDatabaseBytes ? undefined : log;
}

/** One installation: the same package in several of its databases is one package. */
class RpmSystem {
  readonly #records = new Map<string, { readonly record: RpmRecord; readonly paths: Set<string> }>();

  add(record: RpmRecord, path: string): void {
    const key = [record.name, record.epoch ?? 0, record.version, record.architecture ?? ""].join("\n");
    const known = this.#records.get(key);
    if (known === undefined) this.#records.set(key, { record, paths: new Set([path]) });
    else known.paths.add(path);
  }

  *results({ distribution }: CatalogContext): Generator<CatalogResult> {
    const wanted = new Set<string>();
    for (const { record } of this.#records.values()) {
      for (const name of record.requires) if (name.startsWith("/")) wanted.add(name);
    }
    for (const { record, paths } of this.#records.values()) {
      yield packageOf(record, { paths: [...paths], wanted, distribution });
    }
  }
}

interface Surroundings {
  readonly paths: readonly string[];
  /** The files that some package requires. */
  readonly wanted: ReadonlySet<string>;
  readonly distribution: Distribution | undefined;
}

function packageOf(record: RpmRecord, { paths, wanted, distribution }: Surroundings): FoundPackage {
  const { name, version, epoch, architecture, sourceRpm, modularity } = record;
  const license = record.license === undefined ? undefined : readLicense(record.license);
  const release = version.slice(version.lastIndexOf("-") + 1);
  const isOwn = isDistributionRpm({ vendor: record.vendor, release }, distribution?.id);
  return defined<FoundPackage>({
    kind: "package",
    type: "rpm",
    name,
    version: epoch === undefined ? version : `${epoch}:${version}`,
    purl: osPurl(
      {
        type: "rpm",
        name,
        version,
        architecture,
        upstream: sourceRpm,
        qualifiers: defined<Record<string, string>>({
          epoch: epoch?.toString(),
          rpmmod: modularity,
        }),
      },
      distribution,
    ),
    paths,
    licenses: license === undefined ? [] : [license],
    source: sourceOf(record),
    origin: isOwn ? "distribution" : "third-party",
    architecture,
    supplier: record.vendor ?? record.packager,
    description: record.summary,
    homepage: record.url,
    hashes: record.sha256 === undefined ? undefined : [{ algorithm: "sha256", value: record.sha256 }],
    properties: someProperties({ "rpm:modularity": modularity }),
    files: record.files,
    dependsOn: record.requires,
    provides: [...record.provides, ...ownFiles(record.files ?? [], wanted)],
  });
}

/** The files of a package that others require; what lies in `/usr/bin` answers to `/bin` too, since the two were merged. */
function ownFiles(files: readonly string[], wanted: ReadonlySet<string>): string[] {
  return files
    .flatMap((file) => [`/${file}`, file.startsWith("usr/") ? file.slice("usr".length) : `/usr/${file}`])
    .filter((path) => wanted.has(path));
}

/** `name-version-release.src.rpm`: the version is left out where it is the package's own. */
function sourceOf({ name, version, sourceRpm }: RpmRecord): SourcePackage {
  const parts = sourceRpm?.replace(/\.(no)?src\.rpm$/, "").split("-") ?? [];
  if (parts.length < 3) return { name };
  const sourceVersion = parts.slice(-2).join("-");
  const source = parts.slice(0, -2).join("-");
  return sourceVersion === version ? { name: source } : { name: source, version: sourceVersion };
}
