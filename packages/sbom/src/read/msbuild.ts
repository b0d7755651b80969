import { hasRoom } from "./cuts.ts";
import type { XmlElement } from "./xml.ts";

/** The properties that one project file defines for every configuration: the last of each name. */
export function msbuildProperties(project: XmlElement): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const group of project.children) {
    if (group.name !== "PropertyGroup") continue;
    for (const { name, text } of group.children) properties.set(name.toLowerCase(), text.trim());
  }
  return properties;
}

/** The items of one kind, wherever in the project they are. */
export function msbuildItems(project: XmlElement, kind: string): readonly XmlElement[] {
  const groups = [project, ...project.children].filter(({ name }) => name === "ItemGroup");
  return groups.flatMap((group) => group.children.filter(({ name }) => name === kind));
}

/** A longer text is no name and no version. */
const maxChars = 256;

/**
 * What an attribute of an item, or an element in it, says, with the file's own properties replaced; `undefined` when
 * something else defines one of them.
 */
export function msbuildValue(
  { attributes, children }: XmlElement,
  name: string,
  { properties }: { readonly properties: ReadonlyMap<string, string> },
): string | undefined {
  const said = attributes.get(name) ?? children.find((child) => child.name === name)?.text;
  if (said !== undefined && !hasRoom(said.length - 1, maxChars, "characters of a value")) return undefined;
  const value = said?.replaceAll(
    /\$\(([\w.-]+)\)/g,
    (whole, key: string) => properties.get(key.toLowerCase())?.slice(0, maxChars) ?? whole,
  );
  return value === undefined || value === "" || value.includes("$(") ? undefined : value.trim();
}

/** The version of a reference: the least that it takes, or the one in square brackets. Floating ones are open. */
export function referencedVersion(version: string | undefined): string | undefined {
  const exact = version?.replace(/^\[([^,[\]()]+)\]$/, "$1");
  return exact === undefined || /[*,()[\]]/.test(exact) ? undefined : exact;
}
