import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { memberOf, objectMember, stringMember } from "./json-file.ts";
import { isName, shortText } from "./token.ts";
import { publicUrl } from "./url.ts";
import { firstOf, hasRoom } from "./cuts.ts";

/** What an installed package's package.json says. */
export interface NpmManifest {
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly author?: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly repository?: string;
  readonly private?: true;
  /** Names it requires when it runs: dependencies, optional and peer dependencies. */
  readonly requires: readonly string[];
  /** Names whose copies are shipped inside it; `true` for all it requires. */
  readonly bundles: readonly string[] | true;
}

/** Names that npm takes or once took, in the letters that need no escape in a URL. */
const packageName = /^(?:@[A-Za-z0-9._~!'()*-]+\/)?[A-Za-z0-9_~!'()*-][A-Za-z0-9._~!'()*-]*$/;

/** Whether a text can be the name of an npm package. */
export function isNpmName(text: string | undefined): text is string {
  return isName(text) && packageName.test(text);
}

/**
 * What a package.json says besides its name and version.
 *
 * @see https://docs.npmjs.com/cli/v11/configuring-npm/package-json
 */
export function npmManifestOf(json: JsonObject, name: string, version: string): NpmManifest {
  return defined<NpmManifest>({
    name,
    version,
    licenses: licensesOf(json),
    author: authorOf(memberOf(json, "author")),
    description: shortText(stringMember(json, "description")),
    homepage: publicUrl(stringMember(json, "homepage")),
    repository: repositoryOf(memberOf(json, "repository")),
    private: memberOf(json, "private") === true ? true : undefined,
    requires: requiresOf(json),
    bundles: bundlesOf(json),
  });
}

function licensesOf(json: JsonObject): string[] {
  const texts: string[] = [];
  for (const value of [memberOf(json, "license"), memberOf(json, "licenses")]) {
    for (const item of isJsonArray(value) ? firstOf(value, 100, "licences") : [value]) {
      const text = isJsonObject(item) ? (stringMember(item, "type") ?? stringMember(item, "name")) : item;
      if (typeof text === "string") texts.push(text);
    }
  }
  return texts;
}

function authorOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return shortText(value);
  if (!isJsonObject(value)) return undefined;
  const name = shortText(stringMember(value, "name"));
  const email = shortText(stringMember(value, "email"));
  return name !== undefined && email !== undefined ? `${name} <${email}>` : (name ?? email);
}

function repositoryOf(value: JsonValue | undefined): string | undefined {
  const text = isJsonObject(value) ? stringMember(value, "url") : value;
  return typeof text === "string" ? publicUrl(text) : undefined;
}

function requiresOf(json: JsonObject): string[] {
  const names = new Set<string>();
  for (const member of ["dependencies", "optionalDependencies", "peerDependencies"]) {
    for (const name of Object.keys(objectMember(json, member) ?? {})) {
      if (!isNpmName(name) || names.has(name)) continue;
      if (!hasRoom(names.size, limits.maxNames, "names it depends on")) return [...names].toSorted();
      names.add(name);
    }
  }
  return [...names].toSorted();
}

function bundlesOf(json: JsonObject): readonly string[] | true {
  const value = memberOf(json, "bundleDependencies") ?? memberOf(json, "bundledDependencies");
  if (value === true) return true;
  if (!isJsonArray(value)) return [];
  const names = value.filter((name) => typeof name === "string").filter(isNpmName);
  return firstOf(names, limits.maxNames, "names it bundles");
}
