import { limits } from "../limits.ts";
import { hasRoom, splitFirst } from "./cuts.ts";

/**
 * The main attributes of a jar's manifest, by their names in lower case; a long one goes on in lines that begin with a
 * space.
 *
 * @see https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest
 */
export function parseJavaManifest(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  let name = "";
  let parts: string[] = [];
  const keep = (): void => {
    if (name !== "" && !attributes.has(name)) attributes.set(name, parts.join("").trim());
  };
  for (const line of splitFirst(text, /\r\n|\n|\r/, limits.maxRecords, "lines of a manifest")) {
    // A blank line ends the main section; the sections after it speak of single files.
    if (line === "" && attributes.size + parts.length > 0) break;
    if (line.startsWith(" ")) {
      parts.push(line.slice(1));
      continue;
    }
    keep();
    const colon = line.indexOf(":");
    name =
      colon === -1 || !hasRoom(attributes.size, limits.maxFields, "attributes of a manifest")
        ? ""
        : line.slice(0, colon).toLowerCase();
    parts = [line.slice(colon + 1).trimStart()];
  }
  keep();
  return attributes;
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
