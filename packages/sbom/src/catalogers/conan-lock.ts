import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { addConanReference } from "../read/conan-reference.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
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
    for (const reference of textsOf(lock, "requires")) addConanReference(reference, {}, entries);
    for (const list of ["build_requires", "python_requires"]) {
      for (const reference of textsOf(lock, list)) addConanReference(reference, { scope: "build" }, entries);
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
  addConanReference(reference, { keys: [key], dependsOn, scope }, entries);
}
