import { limits } from "../limits.ts";
import { hasRoom, splitFirst } from "./cuts.ts";

type Attributes = ReadonlyMap<string, string>;

/** What a jar's manifest states. Names of attributes are in lower case. */
export interface JavaManifest {
  /** Of the archive. */
  readonly main: Attributes;
  /** Of packages of classes in it, by their folders without a slash at the end: `org/apache/axis`. */
  readonly packages: ReadonlyMap<string, Attributes>;
}

/**
 * A jar's manifest: the main attributes, and those of the sections that speak of packages of classes; sections of single
 * files, of which a signed jar has thousands, are left out. A long line goes on in lines that begin with a space.
 *
 * @see https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest
 */
export function parseJavaManifest(text: string): JavaManifest {
  const [main = new Map<string, string>(), ...sections] = sectionsOf(text);
  const packages = new Map<string, Attributes>();
  for (const section of sections) {
    const folder = section.get("name")?.replace(/\/$/, "") ?? "";
    if (!/^[\w/]+$/.test(folder)) continue;
    if (hasRoom(packages.size, limits.maxFields, "packages in a manifest")) packages.set(folder, section);
  }
  return { main, packages };
}

function sectionsOf(text: string): Map<string, string>[] {
  const sections: Map<string, string>[] = [];
  let attributes = new Map<string, string>();
  let name = "";
  let parts: string[] = [];
  const keep = (): void => {
    if (name !== "" && !attributes.has(name)) attributes.set(name, parts.join("").trim());
    name = "";
  };
  const close = (): void => {
    keep();
    if (attributes.size > 0) sections.push(attributes);
    attributes = new Map();
  };
  for (const line of splitFirst(text, /\r\n|\n|\r/, limits.maxRecords, "lines of a manifest")) {
    if (line === "") close();
    else if (line.startsWith(" ")) parts.push(line.slice(1));
    else {
      keep();
      const colon = line.indexOf(":");
      const isKept = colon !== -1 && hasRoom(attributes.size, limits.maxFields, "attributes of a manifest");
      name = isKept ? line.slice(0, colon).toLowerCase() : "";
      parts = [line.slice(colon + 1).trimStart()];
    }
  }
  close();
  return sections;
}

/**
 * The keys and values of a `.properties` file. Values that go on in the next line are cut at its end: those read here
 * never do.
 */
export function parseJavaProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of splitFirst(text, /\r\n|\n|\r/, limits.maxFields, "lines of pom.properties")) {
    const trimmed = line.trim();
    if (trimmed.startsWith("#") || trimmed.startsWith("!")) continue;
    const end = trimmed.search(/[=:\s]/);
    if (end > 0) {
      const value = trimmed.slice(end).trimStart();
      properties.set(trimmed.slice(0, end), /^[=:]/.test(value) ? value.slice(1).trim() : value);
    }
  }
  return properties;
}
