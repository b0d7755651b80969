import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { namesIn, openJson, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What Composer would install, by composer.lock.
 *
 * @see https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control
 */
export const composerLock: Cataloger<LockFacts> = lockCataloger({
  id: "composer-lock",
  version: 2,
  type: "composer",
  among: { names: ["composer.lock"] },
  wants: (path) => isNamed(path, "composer.lock"),
  open: openJson,
  collect: (lock, entries) => {
    for (const section of ["packages", "packages-dev"]) {
      for (const entry of tablesOf(lock, section)) {
        const name = stringMember(entry, "name") ?? "";
        const dist = objectMember(entry, "dist") ?? {};
        const hash = hexHash("sha1", stringMember(dist, "shasum"));
        entries.add({
          name,
          version: stringMember(entry, "version") ?? "",
          // What it replaces or provides is required by that name, which Composer compares without case.
          keys: [name, ...namesIn(entry, "provide"), ...namesIn(entry, "replace")].map((key) => key.toLowerCase()),
          dependsOn: namesIn(entry, "require").map((key) => key.toLowerCase()),
          scope: section === "packages" ? undefined : "dev",
          url: stringMember(dist, "url"),
          hashes: hash === undefined ? undefined : [hash],
          licenses: textsOf(entry, "license"),
          description: stringMember(entry, "description"),
          homepage: stringMember(entry, "homepage"),
        });
      }
    }
    return undefined;
  },
});
