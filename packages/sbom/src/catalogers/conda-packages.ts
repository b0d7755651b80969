import { formatPurl, isJsonArray, type JsonObject, type PackageHash, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { Copies } from "../read/copies.ts";
import { memberOf, readJsonObject, stringMember } from "../read/json-file.ts";
import { malformed } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";
import { publicUrl } from "../read/url.ts";
import { firstOf } from "../read/cuts.ts";

/** What conda keeps of one package of an environment. */
export interface CondaFacts {
  readonly name: string;
  readonly version: string;
  readonly build?: string;
  readonly channel?: string;
  readonly subdir?: string;
  readonly archive?: string;
  readonly license?: string;
  readonly url?: string;
  readonly md5?: string;
  readonly sha256?: string;
  readonly requires: readonly string[];
  /** Counted from the environment's folder. */
  readonly files: readonly string[];
}

/** Packages in conda environments, by the records in their `conda-meta` folders. */
export const condaPackages: Cataloger<CondaFacts> = {
  id: "conda-packages",
  version: 1,
  evidence: "installed",
  among: { folders: ["conda-meta"] },
  wants: (file) => /(?:^|\/)conda-meta\/[^/]+\.json$/.test(file.path),
  read: readRecord,
  *catalog(found) {
    const copies = new Copies(environmentOf);
    for (const [path, { name }] of found) copies.add(name, path);
    for (const [path, facts] of found) yield packageOf(facts, path, copies);
  },
};

function environmentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("conda-meta/"));
}

function readRecord(file: CapturedFile): CondaFacts | Problem {
  const document = readJsonObject(file);
  if ("kind" in document) return document;
  const { json } = document;
  const name = stringMember(json, "name");
  const version = stringMember(json, "version");
  if (!isName(name)) return malformed(file, `the package has no valid name: ${quote(name)}`);
  if (!isVersion(version)) return malformed(file, `the package ${quote(name)} has no valid version: ${quote(version)}`);
  return defined<CondaFacts>({
    name,
    version,
    build: shortText(stringMember(json, "build")),
    channel: channelOf(json),
    subdir: shortText(stringMember(json, "subdir")),
    archive: /\.(conda|tar\.bz2)$/.exec(stringMember(json, "fn") ?? "")?.[1],
    license: shortText(stringMember(json, "license")),
    url: publicUrl(stringMember(json, "url")),
    md5: hexOf(json, "md5", 32),
    sha256: hexOf(json, "sha256", 64),
    requires: textsIn(json, "depends", limits.maxNames).map((text) => text.split(" ", 1)[0] ?? ""),
    files: textsIn(json, "files", limits.maxFiles),
  });
}

/** The channel's own name: `main`, `conda-forge`. */
function channelOf(json: JsonObject): string | undefined {
  const channel = publicUrl(stringMember(json, "channel")) ?? stringMember(json, "channel");
  const segments = (channel ?? "").split("/").filter((segment) => segment !== "");
  const subdir = stringMember(json, "subdir");
  if (segments.at(-1) === subdir || segments.at(-1) === "noarch") segments.pop();
  return shortText(segments.at(-1));
}

function hexOf(json: JsonObject, name: string, length: number): string | undefined {
  const text = stringMember(json, name) ?? "";
  return text.length === length && /^[0-9a-f]+$/.test(text) ? text : undefined;
}

function textsIn(json: JsonObject, name: string, most: number): string[] {
  const list = memberOf(json, name);
  return isJsonArray(list)
    ? firstOf(list, most, `entries under ${name}`).filter((text) => typeof text === "string")
    : [];
}

function packageOf(facts: CondaFacts, path: string, copies: Copies): FoundPackage {
  const { name, version, build, channel, subdir, archive, md5, sha256 } = facts;
  const hashes: PackageHash[] = [];
  if (md5 !== undefined) hashes.push({ algorithm: "md5", value: md5 });
  if (sha256 !== undefined) hashes.push({ algorithm: "sha256", value: sha256 });
  const qualifiers = someProperties({ build, channel, subdir, type: archive });
  const root = environmentOf(path);
  return defined<FoundPackage>({
    kind: "package",
    type: "conda",
    name,
    version,
    purl: formatPurl({ type: "conda", name, version, qualifiers }),
    paths: [path],
    licenses: facts.license === undefined ? [] : readLicenses([facts.license]),
    downloadLocation: facts.url,
    hashes: hashes.length === 0 ? undefined : hashes,
    files: facts.files.length === 0 ? undefined : facts.files.map((file) => `${root}${file}`).toSorted(),
    dependsOnPaths: copies.allMeant(facts.requires, path),
  });
}
