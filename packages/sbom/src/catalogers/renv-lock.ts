import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import type { JsonObject } from "@sc/model";
import { stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, openJson, textsOf } from "../read/tree-file.ts";

/**
 * What renv would install for R, by renv.lock: packages of CRAN and of Bioconductor, and those of repositories by their
 * commit.
 *
 * @see https://rstudio.github.io/renv/reference/lockfiles.html
 */
export const renvLock: Cataloger<LockFacts> = lockCataloger({
  id: "renv-lock",
  version: 1,
  type: "cran",
  among: { names: ["renv.lock"] },
  wants: (path) => isNamed(path, "renv.lock"),
  open: openJson,
  collect: (lock, entries) => {
    for (const [key, entry] of entriesIn(lock, "Packages")) {
      const name = stringMember(entry, "Package") ?? key;
      const commit = stringMember(entry, "RemoteSha");
      const owner = stringMember(entry, "RemoteUsername");
      const repository = stringMember(entry, "RemoteRepo");
      const isGithub = stringMember(entry, "Source") === "GitHub" && owner !== undefined && repository !== undefined;
      const hash = hexHash("md5", stringMember(entry, "Hash"));
      entries.add({
        name,
        type: isBioconductor(entry) ? "bioconductor" : undefined,
        version: stringMember(entry, "Version") ?? "",
        keys: [name],
        dependsOn: textsOf(entry, "Requirements"),
        // renv's own sum over the package's description.
        properties: hash === undefined ? undefined : { "renv:hash": hash.value },
        vcs: isGithub && commit !== undefined ? `git+https://github.com/${owner}/${repository}@${commit}` : undefined,
      });
    }
    return undefined;
  },
});

function isBioconductor(entry: JsonObject): boolean {
  return (
    stringMember(entry, "Source") === "Bioconductor" || stringMember(entry, "Repository")?.startsWith("BioC") === true
  );
}
