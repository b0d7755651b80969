import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openJson, tablesOf, textsOf } from "../read/tree-file.ts";

/** Configurations of sbt whose dependencies are part of what runs. */
const running: ReadonlySet<string> = new Set(["compile", "runtime", "default", "runtime-internal", "compile-internal"]);

/**
 * What sbt resolved for a project of Scala, by the build.sbt.lock of its plugin sbt-dependency-lock.
 *
 * @see https://stringbean.github.io/sbt-dependency-lock/file-formats/version-1.html
 */
export const sbtLock: Cataloger<LockFacts> = lockCataloger({
  id: "sbt-lock",
  version: 1,
  type: "maven",
  among: { names: ["build.sbt.lock"] },
  wants: (path) => isNamed(path, "build.sbt.lock"),
  open: openJson,
  collect: (lock, entries) => {
    for (const one of tablesOf(lock, "dependencies")) {
      const configurations = textsOf(one, "configurations");
      const runs = configurations.length === 0 || configurations.some((name) => running.has(name));
      entries.add({
        name: `${stringMember(one, "org") ?? ""}:${stringMember(one, "name") ?? ""}`,
        version: stringMember(one, "version") ?? "",
        scope: runs ? undefined : configurations[0],
        hashes: hashesOf(one),
      });
    }
    return undefined;
  },
});

/** Of the jar: `sha1:` and forty digits. */
function hashesOf(one: JsonObject): NonNullable<ReturnType<typeof hexHash>>[] | undefined {
  const artifact = tablesOf(one, "artifacts")[0];
  const text = artifact === undefined ? undefined : stringMember(artifact, "hash");
  const hash = hexHash("sha1", text?.replace(/^sha1:/, ""));
  return hash === undefined ? undefined : [hash];
}
