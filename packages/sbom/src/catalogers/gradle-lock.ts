import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What Gradle resolves, by gradle.lockfile: lines of `group:artifact:version=configurations`.
 *
 * @see https://docs.gradle.org/current/userguide/dependency_locking.html
 */
export const gradleLock: Cataloger<LockFacts> = lockCataloger({
  id: "gradle-lock",
  version: 1,
  type: "maven",
  among: { extensions: ["lockfile"] },
  wants: (path) =>
    isNamed(path, "gradle.lockfile") ||
    isNamed(path, "buildscript-gradle.lockfile") ||
    (path.endsWith(".lockfile") && path.includes("gradle/dependency-locks/")),
  open: openLines,
  collect: (lines, entries) => {
    for (const line of lines) {
      if (line.startsWith("#") || line.trim() === "" || line.startsWith("empty=")) continue;
      const [coordinates = "", configurations = ""] = line.trim().split("=", 2);
      const [group = "", artifact = "", version = "", ...rest] = coordinates.split(":");
      if (rest.length > 0 || version === "")
        entries.fault(`${JSON.stringify(line.slice(0, 80))} is no line of a lock file`);
      else entries.add({ name: `${group}:${artifact}`, version, scope: scopeOf(configurations) });
    }
    return undefined;
  },
});

function scopeOf(configurations: string): string | undefined {
  const names = configurations.split(",").filter((name) => name !== "");
  return names.length > 0 && names.every((name) => /^test|Test/.test(name)) ? "test" : undefined;
}
