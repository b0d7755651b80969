import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { entriesIn, openYaml } from "../read/tree-file.ts";

/**
 * What Dart's and Flutter's pub would fetch, by pubspec.lock. It states no dependencies between the packages.
 *
 * @see https://dart.dev/tools/pub/glossary#lockfile
 */
export const pubspecLock: Cataloger<LockFacts> = lockCataloger({
  id: "pubspec-lock",
  version: 1,
  type: "pub",
  among: { names: ["pubspec.lock"] },
  wants: (path) => isNamed(path, "pubspec.lock"),
  open: openYaml,
  collect: (documents, entries) => {
    const [lock] = documents;
    if (lock === undefined) return "an empty document";
    for (const [name, entry] of entriesIn(lock, "packages")) {
      const description = objectMember(entry, "description") ?? {};
      const url = stringMember(description, "url");
      const isHosted = stringMember(entry, "source") === "hosted" && url !== undefined;
      const hash = hexHash("sha256", stringMember(description, "sha256"));
      entries.add({
        name: stringMember(description, "name") ?? name,
        version: stringMember(entry, "version") ?? "",
        scope: stringMember(entry, "dependency") === "direct dev" ? "dev" : undefined,
        hashes: hash === undefined ? undefined : [hash],
        vcs: gitPlace(url, stringMember(description, "resolved-ref")),
        qualifiers:
          isHosted && !/^https:\/\/pub\.(dev|dartlang\.org)\/?$/.test(url) ? { repository_url: url } : undefined,
      });
    }
    return undefined;
  },
});
