import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { quote } from "../read/token.ts";
import { entriesIn, openJson, textsOf } from "../read/tree-file.ts";

/**
 * What Conan would install, by the lock files of Conan 1 (a graph) and of Conan 2 (lists).
 *
 * @see https://docs.conan.io/2/reference/commands/lock.html
 */
export const conanLock: Cataloger<LockFacts> = lockCataloger({
  id: "conan-lock",
  version: 2,
  type: "conan",
  among: { names: ["conan.lock"] },
  wants: (path) => isNamed(path, "conan.lock"),
  open: openJson,
  collect: (lock, entries) => {
    const nodes = entriesIn(objectMember(lock, "graph_lock") ?? {}, "nodes");
    const required = new Set(nodes.flatMap(([, node]) => requirementsOf(node)));
    for (const [key, node] of nodes) if (required.has(key) || !isProject(node)) addNode(key, node, entries);
    for (const reference of textsOf(lock, "requires")) addReference(reference, {}, entries);
    for (const list of ["build_requires", "python_requires"]) {
      for (const reference of textsOf(lock, list)) addReference(reference, { scope: "build" }, entries);
    }
    return undefined;
  },
});

/** The project's own node names the file it was made from, as one does that is edited in place and that others need. */
function isProject(node: JsonObject): boolean {
  return stringMember(node, "path") !== undefined;
}

function requirementsOf(node: JsonObject): readonly string[] {
  return [...textsOf(node, "requires"), ...textsOf(node, "build_requires")];
}

/** Formats before 0.4 put the package's id behind a colon. */
function addNode(key: string, node: JsonObject, entries: LockEntries): void {
  const reference = stringMember(node, "ref") ?? stringMember(node, "pref")?.split(":", 1)[0];
  if (reference === undefined) return;
  const dependsOn = requirementsOf(node);
  const scope = stringMember(node, "context") === "build" ? "build" : undefined;
  addReference(reference, { keys: [key], dependsOn, scope }, entries);
}

interface Node {
  readonly keys?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly scope?: string | undefined;
}

/** `name/version@user/channel#revision%time`, of which all but name and version may be absent. */
function addReference(reference: string, node: Node, entries: LockEntries): void {
  const match = /^([^/@#%]+)\/([^/@#%]+)(?:@([^/#%]*)(?:\/([^#%]*))?)?(?:#([0-9a-f]+))?(?:%.*)?$/.exec(reference);
  if (match === null) {
    entries.fault(`${quote(reference)} is no reference of a package`);
    return;
  }
  const [, name = "", version = "", user, channel, revision] = match;
  const qualifiers = { user: user ?? "", channel: channel ?? "", rrev: revision ?? "" };
  entries.add({ name, version, qualifiers, keys: node.keys, dependsOn: node.dependsOn, scope: node.scope });
}
