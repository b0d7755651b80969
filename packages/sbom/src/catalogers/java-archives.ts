import { formatPurl, type Problem } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { faultProblems } from "../read/faults.ts";
import { isJavaArchive, type JarContent, type JavaArtifact, readJar } from "../read/jar.ts";
import { publicUrl } from "../read/url.ts";

/**
 * Java archives and those nested in them, by Maven's own files where they have them, else by manifest and file name.
 * What was shaded into an archive is a package of its own.
 */
export const javaArchives: Cataloger<JarContent> = {
  id: "java-archives",
  version: 5,
  evidence: "installed",
  among: { extensions: ["jar", "war", "ear", "par", "sar", "nar", "jpi", "hpi", "kar", "lpkg", "far", "rar", "zap"] },
  wants: (file) => isJavaArchive(file.path),
  read: (file) => readJar(file, file.path),
  *catalog(found) {
    for (const [path, content] of found) {
      for (const problem of faultProblems(path, content.faults)) yield withCompleteness(problem, content);
      const contents = contentsOf(content.artifacts);
      for (const artifact of content.artifacts) yield packageOf(artifact, path, contents);
    }
  },
};

function withCompleteness(problem: Problem, { incomplete }: JarContent): Problem {
  return incomplete === true ? { ...problem, incomplete } : problem;
}

function nameOf({ group, artifact }: JavaArtifact): string {
  return group === undefined ? artifact : `${group}:${artifact}`;
}

/** How the artifacts of one file name each other. */
function here(path: string, { inside, role }: JavaArtifact, name: string): string {
  return role === "archive" ? `${path}#${inside}` : `${path}#${inside}#${name}`;
}

function packageOf(
  artifact: JavaArtifact,
  path: string,
  contents: ReadonlyMap<string | undefined, readonly JavaArtifact[]>,
): FoundPackage {
  const { group, version, inside, role } = artifact;
  const name = nameOf(artifact);
  return defined<FoundPackage>({
    kind: "package",
    type: "maven",
    name,
    version,
    purl: formatPurl({ type: "maven", namespace: group, name: artifact.artifact, version }),
    paths: [path],
    licenses: readLicenses(artifact.licenses),
    supplier: artifact.supplier,
    description: artifact.description,
    homepage: publicUrl(artifact.homepage),
    hashes: artifact.hashes,
    properties: someProperties({
      "java:inside": inside === "" ? undefined : inside,
      "java:named-by": artifact.from === "manifest" ? "manifest" : undefined,
      "java:shaded": role === "shaded" ? "true" : undefined,
    }),
    provides: [here(path, artifact, name)],
    dependsOn: role === "archive" ? (contents.get(inside) ?? []).map((one) => here(path, one, nameOf(one))) : [],
  });
}

/** What lies in each archive itself, by where that is: what is shaded into it, and archives right inside. */
function contentsOf(all: readonly JavaArtifact[]): ReadonlyMap<string | undefined, JavaArtifact[]> {
  return Map.groupBy(all, ({ inside, role }) => (role === "shaded" ? inside : parentOf(inside)));
}

/** The archive that one is right inside of: `a.jar!/` for `a.jar!/b.jar!/`. The outermost is in none. */
function parentOf(inside: string): string | undefined {
  if (inside === "") return undefined;
  const end = inside.lastIndexOf("!/", inside.length - 3);
  return end === -1 ? "" : inside.slice(0, end + 2);
}
