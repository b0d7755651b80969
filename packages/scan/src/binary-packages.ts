import { isJsonObject, type JsonValue, type Package } from "@sc/model";
import { compareTexts } from "./decimal.ts";
import { maxBinariesPerPackage, maxNameLength } from "./limits.ts";

/**
 * The binary packages that an advisory lists as built from the source package it is about, in the form they are compared
 * in and sorted: `[{binary_name, binary_version}]` as Ubuntu writes them, or `[{NAME: VERSION}]` as SUSE does.
 *
 * Nothing where it lists none, or where a part of the list cannot be read: then every package of the source is affected.
 */
export function readBinaries(value: JsonValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > maxBinariesPerPackage) return undefined;
  const names = new Set<string>();
  for (const entry of value) {
    if (!isJsonObject(entry)) return undefined;
    const listed = "binary_name" in entry ? [entry["binary_name"]] : Object.keys(entry);
    for (const name of listed) {
      if (typeof name !== "string" || name === "" || name.length > maxNameLength) return undefined;
      names.add(normalizeBinary(name));
    }
    if (names.size > maxBinariesPerPackage) return undefined;
  }
  return names.size === 0 ? undefined : [...names].toSorted(compareTexts);
}

/** The name that a package has in such lists; nothing for a source package, of which a list of binaries says nothing. */
export function binaryNameOf({ name, architecture }: Pick<Package, "name" | "architecture">): string | undefined {
  return architecture === "source" || architecture === "src" ? undefined : normalizeBinary(name);
}

/**
 * A kernel's packages bear its version in their names: `linux-image-5.15.0-91-generic`. A record lists those of the
 * mended kernel alone, and is about the older ones.
 */
function normalizeBinary(name: string): string {
  return name.replace(/(?<=-)\d{1,9}(?:\.\d{1,9}){2}-\d{1,9}(?![\d.])/, "*");
}
