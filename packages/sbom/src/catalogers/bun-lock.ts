import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { integrityHashes } from "../read/integrity.ts";
import { objectMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { npmPlace } from "../read/npm-place.ts";
import { reachableFrom } from "../read/reach.ts";
import { quote } from "../read/token.ts";
import { entriesIn, namesIn, openRelaxedJson } from "../read/tree-file.ts";

/**
 * What bun would install, by its text lock file. Workspace members, links and directories are no packages.
 *
 * @see https://bun.com/docs/pm/lockfile
 */
export const bunLock: Cataloger<LockFacts> = lockCataloger({
  id: "bun-lock",
  version: 1,
  type: "npm",
  among: { names: ["bun.lock"] },
  wants: (path) => isNamed(path, "bun.lock"),
  open: openRelaxedJson,
  collect: (json, entries) => {
    const packages = new Map(Object.entries(objectMember(json, "packages") ?? {}));
    const graph = new Map([...packages].map(([key, tuple]) => [key, targetsOf(key, tuple, packages)] as const));
    const needed = reachableFrom(rootsOf(json, packages), (key) => graph.get(key) ?? []);
    for (const [key, tuple] of packages) {
      const dependsOn = graph.get(key) ?? [];
      addTuple(tuple, { key, dependsOn, scope: needed.has(key) ? undefined : "dev" }, entries);
    }
    return undefined;
  },
});

interface Node {
  readonly key: string;
  readonly dependsOn: readonly string[];
  readonly scope: string | undefined;
}

/** `[resolution, registry, facts, integrity]`; one from elsewhere than a registry has no registry. */
function addTuple(tuple: JsonValue | undefined, { key, dependsOn, scope }: Node, entries: LockEntries): void {
  const resolution = isJsonArray(tuple) ? tuple[0] : undefined;
  if (!isJsonArray(tuple) || typeof resolution !== "string") {
    entries.fault(`the package ${quote(key)} has no resolution`);
    return;
  }
  const at = resolution.indexOf("@", 1);
  const version = resolution.slice(at + 1);
  const registry = typeof tuple[1] === "string" && tuple[1] !== "" ? tuple[1] : undefined;
  const isRemote = /^[a-z+]+:/.test(version);
  const place = npmPlace({
    named: resolution.slice(0, Math.max(0, at)),
    version: isRemote ? undefined : version,
    resolved: isRemote ? version : registry,
  });
  if (place === undefined) return;
  const integrity = tuple.findLast((item) => typeof item === "string");
  entries.add({ ...place, keys: [key], dependsOn, scope, hashes: integrityHashes(integrity) });
}

const requiring = ["dependencies", "optionalDependencies", "peerDependencies"];

function targetsOf(key: string, tuple: JsonValue | undefined, packages: ReadonlyMap<string, unknown>): string[] {
  const facts: JsonObject = (isJsonArray(tuple) ? tuple.find(isJsonObject) : undefined) ?? {};
  return requiring.flatMap((field) => namesIn(facts, field)).flatMap((name) => resolveKey(name, key, packages) ?? []);
}

/** Keys are the paths of node_modules without that name: `a/b` is the `b` that lies in `a`. */
function resolveKey(name: string, from: string, packages: ReadonlyMap<string, unknown>): string | undefined {
  if (from.length > maxKeyChars || name.length > maxKeyChars) return undefined;
  for (let holder = from; holder !== ""; holder = holder.slice(0, Math.max(0, holder.lastIndexOf("/")))) {
    const isScope = holder.startsWith("@", holder.lastIndexOf("/") + 1);
    if (!isScope && packages.has(`${holder}/${name}`)) return `${holder}/${name}`;
  }
  return packages.has(name) ? name : undefined;
}

/** A longer key is deeper than any file system takes, and each of its parts is looked in. */
const maxKeyChars = 256;

function rootsOf(json: JsonObject, packages: ReadonlyMap<string, unknown>): string[] {
  const names = entriesIn(json, "workspaces").flatMap(([, workspace]) =>
    requiring.flatMap((field) => namesIn(workspace, field)),
  );
  return names.filter((name) => packages.has(name));
}
