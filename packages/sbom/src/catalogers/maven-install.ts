import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { lockCataloger, type LockEntries, type LockFacts } from "../read/lock-file.ts";
import { quote } from "../read/token.ts";
import { entriesIn, openJson, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What a workspace of Bazel would fetch from Maven repositories, by maven_install.json of rules_jvm_external, in its old
 * form (one tree of coordinates) and in its second (artifacts and dependencies by name).
 *
 * @see https://github.com/bazel-contrib/rules_jvm_external#pinning-artifacts-and-integration-with-bazels-downloader
 */
export const mavenInstall: Cataloger<LockFacts> = lockCataloger({
  id: "maven-install",
  version: 1,
  type: "maven",
  among: { extensions: ["json"] },
  wants: (path) => path.endsWith("maven_install.json"),
  open: openJson,
  collect: (lock, entries) => {
    const tree = objectMember(lock, "dependency_tree");
    if (tree !== undefined) for (const entry of tablesOf(tree, "dependencies")) addCoordinate(entry, entries);
    const edges = objectMember(lock, "dependencies") ?? {};
    for (const [key, artifact] of entriesIn(lock, "artifacts")) {
      const checksum = stringMember(objectMember(artifact, "shasums") ?? {}, "jar");
      const version = stringMember(artifact, "version") ?? "";
      addArtifact({ key, version, checksum, dependsOn: textsOf(edges, key) }, entries);
    }
    return undefined;
  },
});

interface Locked {
  /** `group:artifact`, with packaging and classifier behind where they are not those of a jar. */
  readonly key: string;
  readonly version: string;
  readonly checksum: string | undefined;
  readonly dependsOn: readonly string[];
}

function addArtifact({ key, version, checksum, dependsOn }: Locked, entries: LockEntries): void {
  const [group = "", artifact = "", packaging = "jar", classifier = ""] = key.split(":");
  if (group === "" || artifact === "") return entries.fault(`an artifact has no group and name: ${quote(key)}`);
  // Sources and documentation are no code that runs; their artifact stands beside them.
  if (classifier === "sources" || classifier === "javadoc") return undefined;
  const hash = hexHash("sha256", checksum);
  const type = packaging === "jar" ? {} : { type: packaging };
  return entries.add({
    name: `${group}:${artifact}`,
    version,
    keys: [key],
    dependsOn,
    hashes: hash === undefined ? undefined : [hash],
    qualifiers: classifier === "" ? type : { ...type, classifier },
  });
}

/** `group:artifact[:packaging[:classifier]]:version` of the old form. */
function addCoordinate(entry: JsonObject, entries: LockEntries): void {
  const coordinate = stringMember(entry, "coord") ?? "";
  const at = coordinate.lastIndexOf(":");
  addArtifact(
    {
      key: coordinate.slice(0, Math.max(0, at)),
      version: coordinate.slice(at + 1),
      checksum: stringMember(entry, "sha256"),
      dependsOn: textsOf(entry, "directDependencies").map((name) => name.slice(0, Math.max(0, name.lastIndexOf(":")))),
    },
    entries,
  );
}
