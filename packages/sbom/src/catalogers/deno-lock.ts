import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash, integrityHashes } from "../read/integrity.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { quote } from "../read/token.ts";
import { entriesIn, openJson, textsOf } from "../read/tree-file.ts";

/**
 * What Deno would load, by deno.lock of versions 2 to 5: packages of npm and of JSR. Single files that are fetched by
 * their URL have no name and no version, and are left out.
 *
 * @see https://docs.deno.com/runtime/fundamentals/modules/#integrity-checking-and-lock-files
 */
export const denoLock: Cataloger<LockFacts> = lockCataloger({
  id: "deno-lock",
  version: 1,
  type: "npm",
  among: { names: ["deno.lock"] },
  wants: (path) => isNamed(path, "deno.lock"),
  open: openJson,
  collect: (lock, entries) => {
    // Version 3 has everything under `packages`, version 2 the packages of npm under `npm.packages`.
    const whole = objectMember(lock, "packages") ?? lock;
    const npm = objectMember(objectMember(whole, "npm") ?? {}, "packages") ?? objectMember(whole, "npm") ?? {};
    const specifiers = objectMember(whole, "specifiers") ?? {};
    for (const [key, entry] of entriesIn({ npm }, "npm")) addNpm(key, entry, entries);
    for (const [key, entry] of entriesIn(whole, "jsr")) addJsr(key, { entry, specifiers }, entries);
    return undefined;
  },
});

interface Named {
  readonly name: string;
  readonly version: string;
}

/** `name@version`, behind which npm's have the versions of their peers after an underscore. */
function named(key: string, entries: LockEntries): Named | undefined {
  const at = key.indexOf("@", 1);
  const version = at === -1 ? "" : (key.slice(at + 1).split("_", 1)[0] ?? "");
  if (version !== "") return { name: key.slice(0, at), version };
  entries.fault(`${quote(key)} has no version`);
  return undefined;
}

/** Dependencies are names with versions; from version 4 on a name alone, where there is one version of it. */
function addNpm(key: string, entry: JsonObject, entries: LockEntries): void {
  const place = named(key, entries);
  if (place === undefined) return;
  const lists = ["dependencies", "optionalDependencies", "optionalPeers"];
  const dependsOn = lists.flatMap((list) => textsOf(entry, list).concat(textsIn(entry, list)));
  entries.add({
    ...place,
    keys: [`npm:${key}`, `npm:${place.name}`],
    dependsOn: dependsOn.map((name) => `npm:${name}`),
    hashes: integrityHashes(stringMember(entry, "integrity")),
  });
}

/** The texts that the members of a member that is an object have for values. */
function textsIn(entry: JsonObject, list: string): readonly string[] {
  return Object.values(objectMember(entry, list) ?? {}).filter((value) => typeof value === "string");
}

interface JsrEntry {
  readonly entry: JsonObject;
  readonly specifiers: JsonObject;
}

/** Dependencies are specifiers, which the file resolves to versions; one with a single version may be a name alone. */
function addJsr(key: string, { entry, specifiers }: JsrEntry, entries: LockEntries): void {
  const place = named(key, entries);
  if (place === undefined) return;
  const hash = hexHash("sha256", stringMember(entry, "integrity"));
  entries.add({
    ...place,
    type: "jsr",
    keys: [`jsr:${key}`, `jsr:${place.name}`],
    dependsOn: textsOf(entry, "dependencies").map((specifier) => resolved(specifier, specifiers)),
    hashes: hash === undefined ? undefined : [hash],
  });
}

/** `jsr:@scope/name@^1` is `jsr:@scope/name@1.2.3` (version 3), or has `1.2.3` for its value (from version 4 on). */
function resolved(specifier: string, specifiers: JsonObject): string {
  const value = memberOf(specifiers, specifier);
  if (typeof value !== "string") return specifier;
  if (/^(?:jsr|npm):/.test(value)) return value;
  const at = specifier.indexOf("@", specifier.indexOf(":") + 2);
  return `${at === -1 ? specifier : specifier.slice(0, at)}@${value}`;
}
