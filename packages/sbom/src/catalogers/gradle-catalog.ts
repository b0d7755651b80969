import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { namesIn, openToml } from "../read/tree-file.ts";

/**
 * What a project of Gradle gives versions to, by its version catalog gradle/*.versions.toml: libraries with one version.
 *
 * @see https://docs.gradle.org/current/userguide/version_catalogs.html
 */
export const gradleCatalog: Cataloger<LockFacts> = lockCataloger({
  id: "gradle-catalog",
  version: 2,
  type: "maven",
  among: { extensions: ["toml"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => path.endsWith(".versions.toml"),
  open: openToml,
  collect: (catalog, entries) => {
    const libraries = objectMember(catalog, "libraries") ?? {};
    for (const alias of namesIn(catalog, "libraries")) {
      const text = stringMember(libraries, alias);
      const library = text === undefined ? objectMember(libraries, alias) : libraryOf(text);
      const name = library === undefined ? undefined : nameOf(library);
      const version = library === undefined ? undefined : versionOf(library, objectMember(catalog, "versions") ?? {});
      if (name !== undefined && version !== undefined) entries.add({ name, version });
    }
    return undefined;
  },
});

function libraryOf(text: string): JsonObject {
  const [group = "", artifact = "", version] = text.split(":");
  return { module: `${group}:${artifact}`, version };
}

function nameOf(library: JsonObject): string | undefined {
  const group = stringMember(library, "group");
  const artifact = stringMember(library, "name");
  return (
    stringMember(library, "module") ??
    (group === undefined || artifact === undefined ? undefined : `${group}:${artifact}`)
  );
}

function isRange(version: string): boolean {
  return /[[\](),+]/.test(version);
}

/** A text, a reference to one, or what Gradle calls a rich version; ranges are open. */
function versionOf(library: JsonObject, versions: JsonObject): string | undefined {
  const table = objectMember(library, "version") ?? {};
  const referred = stringMember(table, "ref");
  const value = referred === undefined ? memberOf(library, "version") : memberOf(versions, referred);
  const rich = objectMember({ value }, "value") ?? {};
  const texts = ["strictly", "require", "prefer"].map((name) => stringMember(rich, name));
  // What is preferred is chosen from a range, and where nothing else is said.
  const version = typeof value === "string" ? value : texts.find((text) => text !== undefined && !isRange(text));
  return version === undefined || isRange(version) ? undefined : version.split("!!", 1)[0];
}
