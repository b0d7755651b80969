import { type Inventory, type Package, ScError } from "@sc/model";
import { defined } from "./defined.ts";
import { purlOf, sortPackages } from "./document-reading.ts";
import { purlFacts } from "./purl-facts.ts";
import { quote } from "./read/token.ts";

/** Purls of one list: the largest images have a tenth of them. */
const maxPurls = 1_000_000;

/** Characters of a line; real purls have some hundreds. */
const maxLineLength = 8_192;

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
  const packages = linesOf(document, where).flatMap((line, index) => packageOf(line.trim(), `${where}:${index + 1}`));
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

function packageOf(line: string, where: string): readonly Package[] {
  if (line === "" || line.startsWith("#")) return [];
  const purl = line.length > maxLineLength ? undefined : purlOf(line);
  if (purl === undefined) throw invalid(where, `${quote(line)} is not a package URL`);
  const { type, name, version, architecture, source } = purlFacts(purl);
  const entry = defined<Package>({
    kind: "package",
    id: purl,
    type,
    name,
    version,
    purl,
    cataloger: "purl-list",
    evidence: "declared",
    locations: [],
    licenses: [],
    architecture,
    source,
  });
  return [entry];
}

function invalid(where: string, what: string): ScError {
  return new ScError("PURL_LIST_INVALID", `${where}: ${what}`, {
    hint: "Write one package URL a line: pkg:npm/lodash@4.17.21",
  });
}
