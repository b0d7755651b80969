import type { CapturedFile } from "@sc/rootfs";
import type { License, Problem, SourcePackage } from "@sc/model";
import type { CatalogContext, Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { type CopyrightLicenses, parseCopyright } from "../read/debian-copyright.ts";
import { isThirdPartyDebian } from "../read/debian-vendors.ts";
import { type DpkgRecord, type DpkgStatus, parseDpkgStatus } from "../read/dpkg-status.ts";
import { tooLarge, tooManyLines } from "../read/too-large.ts";
import { faultProblems } from "../read/faults.ts";
import { osPurl } from "../read/os-purl.ts";
import { remains, unrecorded } from "../read/unrecorded.ts";
import { splitFirst } from "../read/cuts.ts";

/** What one file of dpkg's database, or one copyright file, says. */
export type DpkgFacts =
  | { readonly kind: "status"; readonly status: DpkgStatus }
  | { readonly kind: "files"; readonly files: readonly string[] }
  | { readonly kind: "diversions"; readonly diversions: readonly Diversion[] }
  | { readonly kind: "copyright"; readonly licenses: CopyrightLicenses };

/** A file that one package puts elsewhere, so that its own can take the place. */
export interface Diversion {
  readonly from: string;
  readonly to: string;
  /** The package whose file stays in the place; none of an administrator's diversion. */
  readonly by: string;
}

/**
 * Packages of Debian, Ubuntu and their kin, in one status file or, as distroless images have it, one file each.
 *
 * @see https://manpages.debian.org/bookworm/dpkg/dpkg.1.en.html
 */
export const dpkg: Cataloger<DpkgFacts> = {
  id: "dpkg",
  version: 4,
  evidence: "installed",
  database: true,
  among: { names: ["status", "diversions", "copyright"], extensions: ["list"], above: ["status.d"] },
  wants: (file) => kindOf(file.path) !== undefined,
  read: (file) => {
    const kind = kindOf(file.path);
    return kind === undefined ? undefined : (tooLarge(file, limits.maxDatabaseBytes) ?? readFile(file, kind));
  },
  *catalog(found, context) {
    const diversions = diversionsIn(found);
    for (const [path, facts] of found) {
      if (facts.kind !== "status") continue;
      yield* faultProblems(path, facts.status.faults);
      yield* unrecordedProblems(path, facts.status, { found, context });
      for (const record of facts.status.packages) yield packageOf(record, { path, found, context, diversions });
    }
  },
};

const database = "lib/dpkg/";

/** Scripts and lists that lie beside the packages of status.d; a package's own name may hold dots as well. */
const besides = /\.(md5sums|preinst|postinst|prerm|postrm|conffiles|list|triggers|shlibs|symbols|templates|config)$/;

type FileKind = "status" | "diversions" | "list" | "md5sums" | "copyright";

function kindOf(path: string): FileKind | undefined {
  if (path.endsWith("/copyright")) {
    return path.startsWith("usr/share/doc/") || path.includes("/usr/share/doc/") ? "copyright" : undefined;
  }
  const at = path.lastIndexOf(database);
  if (at === -1 || (at > 0 && path[at - 1] !== "/")) return undefined;
  const rest = path.slice(at + database.length);
  if (rest === "status" || rest === "diversions") return rest;
  if (rest.startsWith("info/")) return rest.endsWith(".list") ? "list" : undefined;
  if (!rest.startsWith("status.d/")) return undefined;
  if (rest.endsWith(".md5sums")) return "md5sums";
  return besides.test(rest) ? undefined : "status";
}

function readFile(file: CapturedFile, kind: FileKind): DpkgFacts | Problem {
  if (kind === "copyright") return { kind, licenses: parseCopyright(file.text(limits.maxManifestBytes)) };
  const text = file.text(limits.maxDatabaseBytes);
  if (kind === "status") return { kind, status: parseDpkgStatus(text) };
  if (kind === "diversions") return { kind, diversions: parseDiversions(text) };
  const tooMany = tooManyLines(file, text);
  if (tooMany !== undefined) return tooMany;
  return { kind: "files", files: kind === "list" ? parseFileList(text) : parseChecksumList(text) };
}

/** Every path of the package, its directories included; a path that another one is in is a directory. */
function parseFileList(text: string): string[] {
  const paths = text
    .split("\n")
    .filter((line) => line.startsWith("/") && line !== "/.")
    .map((line) => line.slice(1));
  const directories = new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/")))));
  return [...new Set(paths.filter((path) => !directories.has(path)))].toSorted();
}

/** Lines of a checksum, two spaces and the path without its leading slash. */
function parseChecksumList(text: string): string[] {
  const paths: string[] = [];
  for (const line of text.split("\n")) {
    const path = /^[0-9a-f]{32} [ *]\/?(.+)$/.exec(line)?.[1];
    if (path !== undefined) paths.push(path);
  }
  return paths.toSorted();
}

/** Three lines each: the file, where it goes, and the package that may keep its own there, or a colon. */
function parseDiversions(text: string): Diversion[] {
  const lines = splitFirst(text, "\n", limits.maxRecords, "lines");
  const diversions: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = "", to = "", by = ""] = lines.slice(at, at + 3);
    if (from.startsWith("/") && to.startsWith("/")) diversions.push({ from: from.slice(1), to: to.slice(1), by });
  }
  return diversions;
}

/** Lists of files whose packages the status file does not know, though their files are there: it was edited. */
function* unrecordedProblems(
  path: string,
  { packages, removed = [], faults }: DpkgStatus,
  { found, context }: Pick<Surroundings, "found" | "context">,
): Generator<Problem> {
  // Of a status file that was not read whole nothing can be said.
  if (faults !== undefined || !path.endsWith("var/lib/dpkg/status")) return;
  const info = `${path.slice(0, -"status".length)}info/`;
  const root = info.slice(0, -"var/lib/dpkg/info/".length);
  const recorded = new Set([...packages.map(({ name }) => name), ...removed]);
  const unknown = new Set<string>();
  for (const [place, facts] of found) {
    if (facts.kind !== "files" || !place.startsWith(info)) continue;
    const name = place.slice(info.length, -".list".length).split(":", 1)[0] ?? "";
    if (!recorded.has(name) && remains(facts.files, (file) => context.resolve(root + file))) unknown.add(name);
  }
  if (unknown.size > 0) yield unrecorded(path, unknown);
}

interface Surroundings {
  readonly path: string;
  readonly found: ReadonlyMap<string, DpkgFacts>;
  readonly context: CatalogContext;
  /** By database, by the file that is diverted. */
  readonly diversions: ReadonlyMap<string, ReadonlyMap<string, Diversion>>;
}

function diversionsIn(found: ReadonlyMap<string, DpkgFacts>): Surroundings["diversions"] {
  const diversions = new Map<string, ReadonlyMap<string, Diversion>>();
  for (const [path, facts] of found) {
    if (facts.kind !== "diversions") continue;
    const root = path.slice(0, -"diversions".length);
    diversions.set(root, new Map(facts.diversions.map((diversion) => [diversion.from, diversion])));
  }
  return diversions;
}

function packageOf(record: DpkgRecord, surroundings: Surroundings): FoundPackage {
  const { path, context } = surroundings;
  const { name, version, architecture } = record;
  const list = fileListOf(record, surroundings);
  const copyright = copyrightOf(name, surroundings);
  return defined<FoundPackage>({
    kind: "package",
    type: "deb",
    name,
    version,
    purl: osPurl({ type: "deb", name, version, architecture, upstream: upstreamOf(record) }, context.distribution),
    paths: [path, list?.path, copyright?.path].filter((place) => place !== undefined),
    licenses: copyright?.licenses ?? [],
    source: defined<SourcePackage>({ name: record.source ?? name, version: record.sourceVersion }),
    origin: isThirdPartyDebian(record.maintainer, version) ? "third-party" : "distribution",
    architecture,
    supplier: record.maintainer,
    description: record.description,
    homepage: record.homepage,
    files: list?.files,
    properties: someProperties({ "dpkg:section": record.section, "dpkg:state": record.state }),
    dependsOn: record.depends,
    provides: record.provides,
  });
}

function upstreamOf({ name, source, sourceVersion }: DpkgRecord): string | undefined {
  if (sourceVersion !== undefined) return `${source ?? name}@${sourceVersion}`;
  return source === name ? undefined : source;
}

/** The package's file list: `info/<name>.list`, `info/<name>:<arch>.list`, or beside its file in status.d. */
function fileListOf(
  { name, architecture }: DpkgRecord,
  { path, found, diversions }: Surroundings,
): { readonly path: string; readonly files: readonly string[] } | undefined {
  const root = path.slice(0, path.lastIndexOf(database) + database.length);
  const places = [`${root}info/${name}:${architecture}.list`, `${root}info/${name}.list`, `${path}.md5sums`];
  for (const place of places) {
    const facts = found.get(place);
    if (facts?.kind !== "files") continue;
    const diverted = diversions.get(root);
    return { path: place, files: diverted === undefined ? facts.files : divert(facts.files, name, diverted) };
  }
  return undefined;
}

/** The files of a package where they really are. */
function divert(files: readonly string[], name: string, diverted: ReadonlyMap<string, Diversion>): readonly string[] {
  const places = files.map((file) => {
    const diversion = diverted.get(file);
    return diversion === undefined || diversion.by === name ? file : diversion.to;
  });
  return places.toSorted();
}

/** The package's copyright file, whose directory is often a link to that of a sister package. */
function copyrightOf(
  name: string,
  { path, found, context }: Surroundings,
): { readonly path: string; readonly licenses: License[] } | undefined {
  const at = path.lastIndexOf(`var/${database}`);
  const root = at === -1 ? "" : path.slice(0, at);
  const place = context.resolve(`${root}usr/share/doc/${name}/copyright`);
  const facts = place === undefined ? undefined : found.get(place);
  if (place === undefined || facts?.kind !== "copyright") return undefined;
  return { path: place, licenses: licensesOf(facts.licenses) };
}

/** Text that only points to a licence of the GNU family leaves open whether later versions will do. */
function licensesOf({ declared, mentioned }: CopyrightLicenses): License[] {
  if (declared !== undefined) return readLicenses(declared);
  return readLicenses(mentioned ?? []).map((license) =>
    /^[AL]?GPL|^GFDL/.test(license.declared) ? { declared: license.declared } : license,
  );
}
