import type { Cataloger } from "../cataloger.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import type { XmlElement } from "../read/xml.ts";
import { childOf, childText, childrenOf, openXml } from "../read/xml-file.ts";

/**
 * What a project's pom.xml depends on, as far as the one file says: with its own properties and its own dependency
 * management. What only a parent or an imported list of versions would tell, and ranges, are left out.
 *
 * @see https://maven.apache.org/pom.html
 */
export const pomXml: Cataloger<LockFacts> = lockCataloger({
  id: "pom-xml",
  version: 2,
  type: "maven",
  among: { names: ["pom.xml"] },
  wants: (path) => isNamed(path, "pom.xml"),
  open: openXml,
  collect: (project, entries) => {
    if (project.name !== "project") return "not a project";
    const properties = propertiesOf(project);
    const managed = new Map<string, XmlElement>();
    const parts = [project, ...activeProfiles(project)];
    for (const entry of parts.flatMap((part) => dependenciesOf(childOf(part, "dependencyManagement"))))
      managed.set(keyOf(entry, properties), entry);
    for (const entry of parts.flatMap(dependenciesOf)) addDependency(entry, { properties, managed }, entries);
    return undefined;
  },
});

/** The profiles that a build has when it asks for none: the others depend on where it runs. */
function activeProfiles(project: XmlElement): readonly XmlElement[] {
  return childrenOf(childOf(project, "profiles"), "profile").filter(
    (profile) => childText(childOf(profile, "activation"), "activeByDefault") === "true",
  );
}

function dependenciesOf(element: XmlElement | undefined): readonly XmlElement[] {
  return childrenOf(childOf(element, "dependencies"), "dependency");
}

/** The properties that the file defines, and those that it is. */
function propertiesOf(project: XmlElement): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  // Those of the project itself go before, whatever a file defines by their names.
  for (const element of [project, ...activeProfiles(project)]) {
    for (const { name, text } of childOf(element, "properties")?.children ?? []) properties.set(name, text.trim());
  }
  const parent = childOf(project, "parent");
  for (const name of ["groupId", "artifactId", "version"]) {
    const inherited = name === "artifactId" ? undefined : childText(parent, name);
    const value = childText(project, name) ?? inherited;
    if (value !== undefined) for (const prefix of ["project.", "pom.", ""]) properties.set(`${prefix}${name}`, value);
    const ofParent = childText(parent, name);
    if (ofParent !== undefined) properties.set(`project.parent.${name}`, ofParent).set(`parent.${name}`, ofParent);
  }
  return properties;
}

/** How often a property may lead to another: more is a circle. */
const maxSteps = 10;
/** A longer text is no coordinate, and each step may make it longer. */
const maxChars = 256;

/** The text with every property replaced; `undefined` when one of them is not known. */
function interpolate(text: string | undefined, properties: ReadonlyMap<string, string>): string | undefined {
  let current = text;
  for (let step = 0; current?.includes("${") === true; step += 1) {
    if (step === maxSteps || current.length > maxChars) return undefined;
    const next = current.replaceAll(
      /\$\{([^${}]*)\}/g,
      (whole, name: string) => properties.get(name.trim())?.slice(0, maxChars) ?? whole,
    );
    if (next === current) return undefined;
    current = next;
  }
  return current;
}

function keyOf(entry: XmlElement, properties: ReadonlyMap<string, string>): string {
  const texts = ["groupId", "artifactId", "classifier"].map(
    (name) => interpolate(childText(entry, name), properties) ?? "",
  );
  return [...texts, childText(entry, "type") ?? "jar"].join("\n");
}

interface Project {
  readonly properties: ReadonlyMap<string, string>;
  readonly managed: ReadonlyMap<string, XmlElement>;
}

function addDependency(entry: XmlElement, { properties, managed }: Project, entries: LockEntries): void {
  const management = managed.get(keyOf(entry, properties));
  const said = (name: string): string | undefined =>
    interpolate(childText(entry, name) ?? childText(management, name), properties);
  const group = interpolate(childText(entry, "groupId"), properties);
  const artifact = interpolate(childText(entry, "artifactId"), properties);
  // `[1.0]` is just that version; other brackets are ranges.
  const version = said("version")?.replace(/^\[([^,[\]()]+)\]$/, "$1");
  if (group === undefined || artifact === undefined || version === undefined || /[[(,]/.test(version)) return;
  const scope = said("scope");
  const type = said("type") ?? "jar";
  entries.add({
    name: `${group}:${artifact}`,
    version,
    scope: scope === undefined || ["compile", "runtime"].includes(scope) ? optionalOf(said("optional")) : scope,
    qualifiers: { classifier: said("classifier") ?? "", type: type === "jar" ? "" : type },
  });
}

function optionalOf(optional: string | undefined): string | undefined {
  return optional === "true" ? "optional" : undefined;
}
