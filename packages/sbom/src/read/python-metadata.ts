import { defined } from "../defined.ts";
import { classifierLicenses } from "../license-aliases.ts";
import { limits } from "../limits.ts";
import { fieldValues, parseStanzas, type Stanza } from "./stanza.ts";
import { isName, isVersion, quote, shortText } from "./token.ts";
import { publicUrl } from "./url.ts";
import { firstOf } from "./cuts.ts";

/** What a METADATA or PKG-INFO file says. */
export interface PythonMetadata {
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly string[];
  readonly author?: string;
  readonly summary?: string;
  readonly homepage?: string;
  /** Normalised names of what it requires whichever extras are asked for. */
  readonly requires: readonly string[];
}

/** The form of a project's name that all its spellings share (PEP 503). */
export function normalizePythonName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

const projectName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * The metadata at the head of a METADATA or PKG-INFO file, or one sentence that says what is wrong with it.
 *
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export function parsePythonMetadata(text: string): PythonMetadata | string {
  const [stanza] = parseStanzas(text);
  if (stanza === undefined) return "the file is empty";
  const name = stanza.fields.get("name");
  const version = stanza.fields.get("version");
  if (!isName(name) || !projectName.test(name)) {
    return `the metadata has no valid Name: ${quote(name)}`;
  }
  if (!isVersion(version)) return `the metadata of ${quote(name)} has no valid Version: ${quote(version)}`;
  const summary = shortText(stanza.fields.get("summary")?.split("\n", 1)[0]);
  return defined<PythonMetadata>({
    name,
    version,
    licenses: licensesOf(stanza),
    author: authorOf(stanza),
    summary: summary === "UNKNOWN" ? undefined : summary,
    homepage: homepageOf(stanza),
    requires: requiresOf(stanza),
  });
}

/** The expression where there is one (PEP 639), else the classifiers, else the old field unless it is the whole text. */
function licensesOf(stanza: Stanza): string[] {
  const expression = stanza.fields.get("license-expression");
  if (expression !== undefined) return [expression];
  const classified = fieldValues(stanza, "classifier")
    .filter((classifier) => classifier.startsWith("License :: "))
    .map((classifier) => classifier.slice("License :: ".length))
    .filter((classifier) => classifier !== "OSI Approved")
    .map((classifier) => classifierLicenses.get(classifier) ?? classifier.split(" :: ").at(-1) ?? classifier);
  if (classified.length > 0) return [...firstOf(classified, 100, "licences")];
  const license = stanza.fields.get("license") ?? "";
  return license === "" || license.includes("\n") || license.length > 500 ? [] : [license];
}

function authorOf(stanza: Stanza): string | undefined {
  for (const role of ["author", "maintainer"]) {
    const name = shortText(stanza.fields.get(role));
    const email = shortText(stanza.fields.get(`${role}-email`));
    const known = name === "UNKNOWN" ? undefined : name;
    if (known !== undefined && email !== undefined) return email.includes("<") ? email : `${known} <${email}>`;
    if ((known ?? email) !== undefined) return known ?? email;
  }
  return undefined;
}

function homepageOf(stanza: Stanza): string | undefined {
  const field = publicUrl(stanza.fields.get("home-page"));
  if (field !== undefined) return field;
  for (const entry of fieldValues(stanza, "project-url")) {
    const comma = entry.indexOf(",");
    const label = entry
      .slice(0, Math.max(0, comma))
      .toLowerCase()
      .replaceAll(/[^a-z]/g, "");
    if (label === "homepage") return publicUrl(entry.slice(comma + 1).trim());
  }
  return undefined;
}

/** `Requires-Dist: name[extra] (>=1) ; marker`; what only an extra asks for is left out. */
function requiresOf(stanza: Stanza): string[] {
  const names = new Set<string>();
  for (const requirement of firstOf(fieldValues(stanza, "requires-dist"), limits.maxNames, "names it depends on")) {
    const semicolon = requirement.indexOf(";");
    if (semicolon !== -1 && /\bextra\s*==/.test(requirement.slice(semicolon, semicolon + 1000))) continue;
    const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement)?.[0];
    if (name !== undefined) names.add(normalizePythonName(name));
  }
  return [...names].toSorted();
}
