import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { formatPurl, isScError, parsePurl } from "@sc/model";
import { openDocument, type OpenedDocument } from "@sc/sbom";
import { expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

/** Where the data has documents, whoever wrote them: a folder that is not there is none. */
const folders = ["sbom", "lang", "scan-expected", "policy", "reports", "pkgdb", "rootfs"].flatMap((name) => {
  const folder = dataFolder(name);
  return folder === undefined ? [] : [folder];
});

/** Larger files are databases and archives. */
const maxBytes = 20_000_000;

/** What is of another format, or of a version that is not read, is refused: that is another test's claim. */
function open(file: string): OpenedDocument | undefined {
  try {
    const document = openDocument(readFileSync(file), { where: file });
    document?.inventory();
    return document;
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}

interface Foreign {
  readonly name: string;
  readonly document: OpenedDocument;
  readonly content: string;
}

const documents = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(json|spdx|xml)$/.test(entry.name) && !entry.name.startsWith("invalid-"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size < maxBytes)
    .toSorted()
    .flatMap((file): Foreign[] => {
      const document = open(file);
      const name = relative(join(folder, ".."), file);
      return document === undefined ? [] : [{ name, document, content: readFileSync(file, "utf8") }];
    }),
);

/** The purls that a document gives its packages, looked up without the reader: by plain search in the JSON or the text. */
function statedPurls({ content, document }: Foreign): string[] {
  if (document.format.id === "cyclonedx-xml") return purlsOfXml(content);
  if (document.format.id === "spdx-tag-value") return matches(content, /^ExternalRef: PACKAGE[-_]MANAGER purl (\S+)/gm);
  const found: string[] = [];
  const json: unknown = JSON.parse(content);
  const search = (value: unknown, inside: string): void => {
    if (Array.isArray(value)) for (const one of value) search(one, inside);
    else if (typeof value === "object" && value !== null) {
      const purl = purlOf(new Map(Object.entries(value)), inside);
      if (purl !== undefined) found.push(purl);
      for (const [name, member] of Object.entries(value)) {
        if (!aside.has(name)) search(member, Array.isArray(member) ? name : inside);
      }
    }
  };
  search(json, "");
  return found;
}

/** What a CycloneDX document says beside its components: of the tools that wrote it, of what a component was made from. */
const aside = new Set(["metadata", "pedigree", "formulation", "annotations"]);

/** Of the components alone: not of what the document is about, of what a component was made from, or of other schemas. */
function purlsOfXml(content: string): string[] {
  const plain = content
    .replaceAll(/<!--[^]*?-->/g, "")
    .replaceAll(/<!\[CDATA\[([^]*?)\]\]>/g, (_all, text: string) =>
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    )
    .replaceAll(/<(metadata|pedigree|formulation|annotations)\b[^>]*>[^]*?<\/\1>/g, "");
  return matches(plain, /<purl\b[^>]*>\s*([^<]*?)\s*<\/purl>/g);
}

function matches(content: string, pattern: RegExp): string[] {
  return [...content.matchAll(pattern)].map((match) => (match[1] ?? "").replaceAll("&amp;", "&"));
}

function purlOf(value: ReadonlyMap<string, unknown>, inside: string): string | undefined {
  const purl =
    inside === "components" || inside === "artifacts"
      ? value.get("purl")
      : value.get("referenceType") === "purl"
        ? value.get("referenceLocator")
        : /^(packageUrl|purl)$/.test(String(value.get("externalIdentifierType")))
          ? value.get("identifier")
          : value.get("software_packageUrl");
  return typeof purl === "string" && purl !== "" ? purl : undefined;
}

function canonical(purl: string): string | undefined {
  try {
    return formatPurl(parsePurl(purl));
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}

/** What the document is about, which is no package in it. */
const isSubject = (purl: string): boolean => /^pkg:(oci|docker)\//.test(purl);

test.each(documents)(
  "$name: every package that it gives a purl is in the inventory, and no other (SBOM-4)",
  (foreign) => {
    const inventory = foreign.document.inventory();
    const stated = statedPurls(foreign).flatMap((purl) => canonical(purl) ?? []);
    const read = inventory.packages.map(({ purl }) => canonical(purl) ?? purl);
    expect([...new Set(stated)].filter((purl) => !isSubject(purl) && !read.includes(purl))).toEqual([]);
    // What has no purl is there by its name alone.
    const others = read.filter((purl) => !stated.includes(purl));
    expect(others.filter((purl) => !purl.startsWith("pkg:generic/"))).toEqual([]);
    expect(read.filter((purl) => stated.includes(purl)).length).toBeLessThanOrEqual(stated.length);
  },
);

test.skipIf(folders.length === 0)("documents of many tools and of every format that is read are among them", () => {
  const formats = new Set(documents.map(({ document }) => document.format.id));
  expect(formats).toEqual(
    new Set([...formats, "cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx3-json"]),
  );
});
