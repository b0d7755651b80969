import { defined } from "../defined.ts";
import { knownArtifact } from "./known-artifacts.ts";

/** What a jar without Maven's own files tells of itself, beside the name of its file. */
export interface JarEvidence {
  /** The main attributes of its manifest, by names in lower case. */
  readonly manifest: ReadonlyMap<string, string>;
  /** Packages of classes that its manifest has a section of, as `org.apache.axis`. */
  readonly packages: readonly string[];
  /** Where its classes lie: distinct packages of classes, cut to three parts, as `org.apache.kafka`. */
  readonly classes: readonly string[];
}

/** What Maven calls a jar. */
export interface NameInMaven {
  readonly group?: string;
  readonly artifact: string;
}

/** What stands before the names of many projects and is the group of none. */
const umbrellas: ReadonlySet<string> = new Set([
  ..."com.github com.google com.ibm com.oracle com.sun io.github net.java net.sf net.sourceforge".split(" "),
  ..."org.apache org.codehaus org.eclipse org.jboss org.w3c".split(" "),
]);

/** Projects of Eclipse's own platform, which share a group. The others have one of their own. */
const platform =
  /^org\.eclipse\.(?:ant|compare|core|cvs|debug|e4|equinox|help|jface|jsch|ltk|osgi|platform|rcp|search|sdk|swt|team|text|tips|ui|unittest|update|urischeme)(?:\.|$)/;

/**
 * The group of an artifact (and its name, where the file's is another) by what its jar tells, the strongest first, and nothing where nothing tells it: a wrong group
 * is worse than none, for it takes the package to another project's advisories.
 *
 * 1. `Group-Id`, as Jenkins' plugins have it; `Implementation-Title` in the form `group#artifact;version` of Gradle.
 * 2. The reviewed table of well-known artifacts, where the jar's classes or title are those of the table; the file may
 *    be named by group and artifact.
 * 3. `Implementation-Vendor-Id`, into which Maven writes the group; not an umbrella, which people write there.
 * 4. The artifact's own name, where it is a whole name of a project of Eclipse.
 * 5. `Bundle-SymbolicName`, `Automatic-Module-Name`, `Extension-Name`, packages with a section of the manifest: each only
 *    where it holds the artifact's name too, so that it is plain where the group ends.
 *
 * Where the classes lie tells no group: Batik's are in `org.apache.batik`, and it is `org.apache.xmlgraphics:batik-all`.
 */
export function nameInMaven(artifact: string, version: string, evidence: JarEvidence): NameInMaven {
  const { manifest, classes } = evidence;
  const stated =
    manifest.get("group-id") ?? /^([^#\s]+)#[^;\s]+;/.exec(manifest.get("implementation-title") ?? "")?.[1];
  if (isGroup(stated)) return { group: stated, artifact };
  const titles = [manifest.get("implementation-title"), manifest.get("automatic-module-name")];
  const known = knownAfterGroup(artifact, (name) => knownArtifact(name, version, { titles, classes }));
  return known ?? defined<NameInMaven>({ group: groupByManifest(artifact, evidence), artifact });
}

/**
 * What the table knows under a name, or under what stands behind the very group of it, as Quarkus' builds call files:
 * `com.squareup.okhttp3.okhttp`. Nothing but the table tells where such a name's group ends: org.eclipse.sisu.inject of
 * org.eclipse.sisu is whole.
 */
function knownAfterGroup(name: string, lookUp: (artifact: string) => NameInMaven | undefined): NameInMaven | undefined {
  const known = lookUp(name);
  if (known !== undefined) return known;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const artifact = name.slice(dot + 1);
    const behind = lookUp(artifact);
    if (behind?.artifact === artifact && behind.group === name.slice(0, dot)) return behind;
  }
  return undefined;
}

function groupByManifest(artifact: string, { manifest, packages }: JarEvidence): string | undefined {
  const vendor = manifest.get("implementation-vendor-id");
  if (isGroup(vendor) || (vendor !== undefined && vendor === artifact)) return vendor;
  if (/^org\.eclipse\.[\w.]+$/.test(artifact)) {
    return platform.test(artifact) ? "org.eclipse.platform" : artifact.split(".", 3).join(".");
  }
  const names = ["bundle-symbolicname", "automatic-module-name", "extension-name"].map((name) => manifest.get(name));
  for (const name of [...names, ...packages]) {
    const group = groupIn(name?.split(";", 1)[0]?.trim() ?? "", artifact);
    if (group !== undefined) return group;
  }
  return undefined;
}

/** Whether a text can be a group in reverse order of a domain's, and not one that many projects share. */
function isGroup(text: string | undefined): text is string {
  return (
    text !== undefined &&
    text.length <= 200 &&
    /^[a-z][a-z0-9_-]*(?:\.[a-zA-Z0-9_-]+)+$/.test(text) &&
    !umbrellas.has(text)
  );
}

/** The group in a name that was made of group and artifact. */
function groupIn(name: string, artifact: string): string | undefined {
  if (name.length > 300) return undefined;
  for (const end of [`.${artifact}`, `.${artifact.replaceAll("-", ".")}`]) {
    if (!name.endsWith(end)) continue;
    const group = name.slice(0, -end.length);
    // Two parts and a plain word may as well be a group that the artifact repeats: org.yaml:snakeyaml, but
    // org.fusesource.jansi:jansi. Apache's projects have a group each, by their own names.
    if (group === "org.apache" && /^[a-z0-9]+$/.test(artifact)) return name;
    if (isGroup(group) && (artifact.includes("-") || group.split(".").length > 2)) return group;
  }
  return groupBefore(name, artifact);
}

/**
 * The group in a name from which the artifact's beginning was left out because the group ends with it, as Maven's plugin
 * for bundles does: `org.apache.commons.lang3` of commons-lang3.
 *
 * @see https://felix.apache.org/documentation/subprojects/apache-felix-maven-bundle-plugin-bnd.html
 */
function groupBefore(name: string, artifact: string): string | undefined {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const group = name.slice(0, dot);
    const rest = name.slice(dot + 1).replaceAll(".", "-");
    if (isGroup(group) && artifact === `${group.slice(group.lastIndexOf(".") + 1)}-${rest}`) return group;
  }
  return undefined;
}
