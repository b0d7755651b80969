import {
  formatPurl,
  isJsonArray,
  isJsonObject,
  isScError,
  type JsonObject,
  type JsonValue,
  parseJson,
  type PackageHash,
  type Problem,
} from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { tooLarge, unreadable } from "../read/too-large.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { publicUrl } from "../read/url.ts";
import { firstOf } from "../read/cuts.ts";

interface ComposerPackage {
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly description?: string;
  readonly homepage?: string;
  readonly download?: string;
  readonly reference?: string;
  readonly sha1?: string;
  readonly development?: true;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
}

/** What one installed.json says. */
export interface ComposerFacts {
  readonly packages: readonly ComposerPackage[];
  readonly dropped: number;
}

/** PHP packages that Composer installed, by the list it keeps in the vendor folder, of version 1 and 2. */
export const composerPackages: Cataloger<ComposerFacts> = {
  id: "composer-packages",
  version: 1,
  evidence: "installed",
  among: { names: ["installed.json"] },
  wants: (file) => file.path === "composer/installed.json" || file.path.endsWith("/composer/installed.json"),
  read: (file) => tooLarge(file, limits.maxDatabaseBytes) ?? readInstalled(file),
  *catalog(found) {
    for (const [path, { packages, dropped }] of found) {
      for (const one of packages) yield packageOf(one, path);
      if (dropped === 0) continue;
      const message = `${path}: ${dropped} packages have no valid name or version`;
      yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
    }
  },
};

function readInstalled(file: CapturedFile): ComposerFacts | Problem {
  const document = parseDocument(file);
  const object = isJsonObject(document) ? document : {};
  const list = isJsonArray(document) ? document : memberOf(object, "packages");
  if (!isJsonArray(list)) return unreadable(file, "no list of packages of Composer");
  if (list.length > limits.maxRecords) return unreadable(file, `${list.length} packages`);
  const names = memberOf(object, "dev-package-names");
  const development = new Set(isJsonArray(names) ? names : []);
  const packages = list.flatMap((entry) => {
    const one = isJsonObject(entry) ? composerPackage(entry, development) : undefined;
    return one === undefined ? [] : [one];
  });
  return { packages, dropped: list.length - packages.length };
}

function parseDocument(file: CapturedFile): JsonValue | undefined {
  try {
    return parseJson(file.bytes(limits.maxDatabaseBytes), file.path);
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}

function composerPackage(entry: JsonObject, development: ReadonlySet<JsonValue>): ComposerPackage | undefined {
  const name = stringMember(entry, "name");
  const version = stringMember(entry, "version");
  if (!isName(name) || !/^[^/]+\/[^/]+$/.test(name) || !isVersion(version)) return undefined;
  const dist = objectMember(entry, "dist") ?? {};
  const license = memberOf(entry, "license");
  const sha1 = stringMember(dist, "shasum");
  return defined<ComposerPackage>({
    name,
    version,
    licenses: firstOf(isJsonArray(license) ? license : [license], 100, "licences").filter(
      (one) => typeof one === "string",
    ),
    description: shortText(stringMember(entry, "description")),
    homepage: publicUrl(stringMember(entry, "homepage")),
    download: publicUrl(stringMember(dist, "url")),
    reference: shortText(
      stringMember(dist, "reference") ?? stringMember(objectMember(entry, "source") ?? {}, "reference"),
    ),
    sha1: sha1 !== undefined && /^[0-9a-f]{40}$/.test(sha1) ? sha1 : undefined,
    development: development.has(name) ? true : undefined,
    requires: namesIn(entry, "require"),
    provides: [...namesIn(entry, "provide"), ...namesIn(entry, "replace")],
  });
}

function namesIn(entry: JsonObject, member: string): string[] {
  const names = firstOf(Object.keys(objectMember(entry, member) ?? {}), limits.maxNames, `names under ${member}`);
  // The rest are PHP itself and its extensions.
  return names.filter((name) => name.includes("/") && isName(name)).map((name) => name.toLowerCase());
}

function here(path: string, name: string): string {
  return `${path}#${name}`;
}

function packageOf(one: ComposerPackage, path: string): FoundPackage {
  const { name, version, sha1 } = one;
  const slash = name.indexOf("/");
  const hashes: PackageHash[] | undefined = sha1 === undefined ? undefined : [{ algorithm: "sha1", value: sha1 }];
  return defined<FoundPackage>({
    kind: "package",
    type: "composer",
    name,
    version,
    purl: formatPurl({ type: "composer", namespace: name.slice(0, slash), name: name.slice(slash + 1), version }),
    paths: [path],
    licenses: readLicenses(one.licenses),
    description: one.description,
    homepage: one.homepage,
    downloadLocation: one.download,
    hashes,
    properties: someProperties({
      "composer:dev": one.development === true ? "true" : undefined,
      "composer:reference": one.reference,
    }),
    provides: [here(path, name.toLowerCase()), ...one.provides.map((provided) => here(path, provided))],
    dependsOn: one.requires.map((required) => here(path, required)),
  });
}
