import { type Inventory, type Package, ScError } from "@sc/model";
import { defined } from "./defined.ts";
import { purlWithParts, sortPackages } from "./document-reading.ts";
import { factsOfParts } from "./purl-facts.ts";
import { quote } from "./read/token.ts";

/** Purls of one list: the largest images have a tenth of them. */
const maxPurls = 1_000_000;

/** Characters of a line; real purls have some hundreds. */
const maxLineLength = 8_192;

/** One for all, of which a list may have 100,000. */
const none: readonly never[] = [];

/** Whether a text is a list of purls: the first line that is neither empty nor a remark begins as a purl does. */
export function isPurlList(document: Uint8Array): boolean {
  const head = new TextDecoder().decode(document.subarray(0, 64 * 1024));
  const first = head.split("\n", 1_000).find((line) => line.trim() !== "" && !line.trimStart().startsWith("#"));
  return first?.trimStart().startsWith("pkg:") === true;
}

/**
 * The packages that a list of purls names: one a line, empty lines and remarks behind `#` at the start of a line left
 * out. An operating system's package says its distribution by its own `distro` qualifier. `where` names the list in
 * errors.
 *
 * Throws `PURL_LIST_INVALID` with the number of the line, since a package that is passed over would count as clean.
 */
export function readPurlList(document: Uint8Array, { where }: { readonly where: string }): Inventory {
  const packages: Package[] = [];
  for (const [index, text] of linesOf(document, where).entries()) {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) continue;
    const found = packageOf(line);
    if (found === undefined) throw invalid(`${where}:${index + 1}`, `${quote(line)} is not a package URL`);
    packages.push(found);
  }
  return {
    subject: { type: "document", name: where },
    layers: [],
    packages: sortPackages(packages),
    relationships: [],
    problems: [],
    incomplete: false,
    catalogers: [],
  };
}

function linesOf(document: Uint8Array, where: string): readonly string[] {
  const lines = new TextDecoder("utf-8", { fatal: false }).decode(document).split("\n", maxPurls + 1);
  if (lines.length > maxPurls) throw invalid(where, `more than ${maxPurls} lines`);
  return lines;
}

function packageOf(line: string): Package | undefined {
  const found = line.length > maxLineLength ? undefined : purlWithParts(line);
  if (found === undefined) return undefined;
  const { type, name, version, architecture, source } = factsOfParts(found.parts);
  const entry: Package = {
    kind: "package",
    id: found.purl,
    type,
    name,
    version,
    purl: found.purl,
    cataloger: "purl-list",
    evidence: "declared",
    locations: none,
    licenses: none,
  };
  return architecture === undefined && source === undefined
    ? entry
    : defined<Package>({ ...entry, architecture, source });
}

function invalid(where: string, what: string): ScError {
  return new ScError("PURL_LIST_INVALID", `${where}: ${what}`, {
    hint: "Write one package URL a line: pkg:npm/lodash@4.17.21",
  });
}
