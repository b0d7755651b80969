import { formatPurl, type JsonObject, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { memberOf, objectMember, readJsonObject, stringMember } from "../read/json-file.ts";
import { normalizePythonName, parsePythonMetadata, type PythonMetadata } from "../read/python-metadata.ts";
import { parseRecord, type PythonRecord } from "../read/python-record.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { publicUrl } from "../read/url.ts";

/** Where a package was installed from, when that was not an index (PEP 610). */
interface DirectUrl {
  readonly url?: string;
  /** The version control system and the commit. */
  readonly vcs?: string;
  readonly commit?: string;
  readonly editable?: true;
  readonly sha256?: string;
}

/** What one file of a dist-info or egg-info directory says. */
export type PythonFacts =
  | { readonly kind: "metadata"; readonly metadata: PythonMetadata }
  | ({ readonly kind: "record" } & PythonRecord)
  | { readonly kind: "direct-url"; readonly origin: DirectUrl };

/**
 * Python projects that are installed, by the metadata that pip, uv, setuptools and distutils leave beside them.
 *
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export const pythonPackages: Cataloger<PythonFacts> = {
  id: "python-packages",
  version: 2,
  evidence: "installed",
  among: { names: ["METADATA", "RECORD", "direct_url.json", "PKG-INFO"], extensions: ["egg-info"] },
  wants: (file) => kindOf(file.path) !== undefined,
  read: (file) => {
    const kind = kindOf(file.path);
    return kind === undefined ? undefined : (tooLarge(file, limits.maxManifestBytes) ?? readFile(file, kind));
  },
  *catalog(found) {
    const places = placesOf(found);
    for (const [path, facts] of found) {
      if (facts.kind === "metadata") yield packageOf(facts.metadata, { path, found, places });
      else if (facts.kind === "record" && facts.truncated) yield cut(path);
    }
  },
};

/** What a project owns beyond the limit is not known to be its own. */
function cut(path: string): Problem {
  const message = `${path}: more than ${limits.maxProjectFiles} files`;
  return { kind: "problem", code: "TOO_MANY_RECORDS", message, path, incomplete: true };
}

function kindOf(path: string): PythonFacts["kind"] | undefined {
  const segments = path.split("/");
  const directory = segments.at(-2)?.toLowerCase() ?? "";
  const name = segments.at(-1) ?? "";
  if (directory.endsWith(".dist-info")) {
    if (name === "METADATA") return "metadata";
    if (name === "RECORD") return "record";
    return name === "direct_url.json" ? "direct-url" : undefined;
  }
  if (name === "PKG-INFO") return directory.endsWith(".egg-info") || directory === "egg-info" ? "metadata" : undefined;
  return name.endsWith(".egg-info") ? "metadata" : undefined;
}

function readFile(file: CapturedFile, kind: PythonFacts["kind"]): PythonFacts | Problem {
  if (kind === "record") return { kind, ...parseRecord(file.text(limits.maxManifestBytes), siteOf(file.path)) };
  if (kind === "direct-url") {
    const document = readJsonObject(file);
    return "kind" in document ? document : { kind, origin: directUrlOf(document.json) };
  }
  const metadata = parsePythonMetadata(file.text(limits.maxManifestBytes));
  return typeof metadata === "string" ? malformed(file, metadata) : { kind, metadata };
}

function directUrlOf(json: JsonObject): DirectUrl {
  const vcs = objectMember(json, "vcs_info") ?? {};
  const directory = objectMember(json, "dir_info") ?? {};
  const archive = objectMember(json, "archive_info") ?? {};
  // Before there were several, an archive had one hash, with its algorithm before it.
  const single = stringMember(archive, "hash")?.replace(/^sha256=/, "");
  return defined<DirectUrl>({
    url: publicUrl(stringMember(json, "url")),
    vcs: matching(stringMember(vcs, "vcs"), /^[a-z]{1,10}$/),
    commit: matching(stringMember(vcs, "commit_id"), /^[0-9A-Za-z]{1,64}$/),
    editable: memberOf(directory, "editable") === true ? true : undefined,
    sha256: matching(stringMember(objectMember(archive, "hashes") ?? {}, "sha256") ?? single, /^[0-9a-f]{64}$/),
  });
}

function matching(text: string | undefined, pattern: RegExp): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined;
}

/** The directory on Python's path that the metadata directory, or the single metadata file, lies in. */
function siteOf(path: string): string {
  const segments = path.split("/");
  return segments.slice(0, path.endsWith(".egg-info") ? -1 : -2).join("/");
}

/** By normalised name: where each project's metadata lies. */
function placesOf(found: ReadonlyMap<string, PythonFacts>): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const [path, facts] of found) {
    if (facts.kind !== "metadata") continue;
    const name = normalizePythonName(facts.metadata.name);
    const known = places.get(name);
    if (known === undefined) places.set(name, [path]);
    else known.push(path);
  }
  return places;
}

interface Surroundings {
  readonly path: string;
  readonly found: ReadonlyMap<string, PythonFacts>;
  readonly places: ReadonlyMap<string, readonly string[]>;
}

function packageOf(metadata: PythonMetadata, { path, found, places }: Surroundings): FoundPackage {
  const { name, version } = metadata;
  const directory = path.slice(0, path.lastIndexOf("/"));
  const record = found.get(`${directory}/RECORD`);
  const direct = found.get(`${directory}/direct_url.json`);
  const origin = direct?.kind === "direct-url" ? direct.origin : undefined;
  return defined<FoundPackage>({
    kind: "package",
    type: "pypi",
    name,
    version,
    purl: formatPurl({ type: "pypi", name: normalizePythonName(name), version, qualifiers: qualifiersOf(origin) }),
    paths: [
      path,
      ...(record === undefined ? [] : [`${directory}/RECORD`]),
      ...(direct === undefined ? [] : [`${directory}/direct_url.json`]),
    ],
    licenses: readLicenses(metadata.licenses),
    supplier: metadata.author,
    description: metadata.summary,
    homepage: metadata.homepage,
    downloadLocation: origin?.url,
    hashes: origin?.sha256 === undefined ? undefined : [{ algorithm: "sha256", value: origin.sha256 }],
    files: record?.kind === "record" ? record.files : undefined,
    properties: someProperties({ "python:editable": origin?.editable === true ? "true" : undefined }),
    dependsOnPaths: dependenciesOf(metadata, path, places),
    lists:
      record?.kind === "record" ? record.files.filter((file) => file.startsWith(`${directory}/sboms/`)) : undefined,
  });
}

/** A copy from elsewhere than an index says so in its purl: it need not be what the index has under that version. */
function qualifiersOf(origin: DirectUrl | undefined): Readonly<Record<string, string>> | undefined {
  if (origin?.url === undefined) return undefined;
  if (origin.vcs === undefined) return { download_url: origin.url };
  const revision = origin.commit === undefined ? "" : `@${origin.commit}`;
  return { vcs_url: `${origin.vcs}+${origin.url}${revision}` };
}

/** The copy in the same directory, else the only copy there is: of several, none is known to be on the path. */
function dependenciesOf(
  metadata: PythonMetadata,
  path: string,
  places: ReadonlyMap<string, readonly string[]>,
): string[] {
  const site = siteOf(path);
  const dependencies: string[] = [];
  for (const name of metadata.requires) {
    const copies = places.get(name) ?? [];
    const beside = copies.find((copy) => siteOf(copy) === site);
    const dependency = beside ?? (copies.length === 1 ? copies[0] : undefined);
    if (dependency !== undefined && dependency !== path) dependencies.push(dependency);
  }
  return dependencies;
}
