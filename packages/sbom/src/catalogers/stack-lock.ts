import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openYaml, tablesOf } from "../read/tree-file.ts";

/**
 * What Stack builds with besides its snapshot, by stack.yaml.lock.
 *
 * @see https://docs.haskellstack.org/en/stable/topics/lock_files/
 */
export const stackLock: Cataloger<LockFacts> = lockCataloger({
  id: "stack-lock",
  version: 1,
  type: "hackage",
  among: { names: ["stack.yaml.lock"] },
  wants: (path) => isNamed(path, "stack.yaml.lock"),
  open: openYaml,
  collect: (documents, entries) => {
    for (const entry of documents.flatMap((document) => tablesOf(document, "packages"))) {
      const hackage = stringMember(objectMember(entry, "completed") ?? {}, "hackage");
      const match = /^([A-Za-z0-9-]+)-([0-9.]+)(?:@sha256:([0-9a-f]{64}))?/.exec(hackage ?? "");
      const hash = hexHash("sha256", match?.[3]);
      if (match === null) continue;
      entries.add({ name: match[1] ?? "", version: match[2] ?? "", hashes: hash === undefined ? undefined : [hash] });
    }
    return undefined;
  },
});
