import type { Inventory } from "@sc/model";
import { documentFormats, findDocumentFormat, openDocument } from "@sc/sbom";
import { describe, expect, test } from "vitest";
import { bytesOf, everything, nothing, textOf, written } from "./document-cases.ts";

function read(bytes: Uint8Array): Inventory | undefined {
  return openDocument(bytes, { where: "document" })?.inventory();
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("documents that are none", () => {
  test.each([
    ["nothing", ""],
    ["a list", "[]"],
    ["an object of something else", "{}"],
    ["text of something else", "hello"],
    ["XML of something else", "<html/>"],
    // What a pattern could read in two ways would take it for ever.
    ["blanks and comments without end", " #".repeat(100_000)],
    ["comments of blanks without end", `${"# \n".repeat(100_000)}x`],
    ["empty lines without end", `${"\n".repeat(100_000)}x`],
  ])("%s is no document of a known format", (_what, text) => {
    expect(openDocument(bytes(text), { where: "x" })).toBeUndefined();
  });

  const bom = `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">`;
  test.each([
    ["a later CycloneDX", '{"bomFormat":"CycloneDX","specVersion":"2.0"}', "DOCUMENT_UNSUPPORTED"],
    ["a later CycloneDX in XML", '<bom xmlns="http://cyclonedx.org/schema/bom/2.0"/>', "DOCUMENT_UNSUPPORTED"],
    ["another SPDX", '{"spdxVersion":"SPDX-3.0"}', "DOCUMENT_UNSUPPORTED"],
    ["another SPDX in tags", "SPDXVersion: SPDX-9\n", "DOCUMENT_UNSUPPORTED"],
    ["a later SPDX graph", '{"@context":"https://spdx.org/rdf/4.0.0/x","@graph":[]}', "DOCUMENT_UNSUPPORTED"],
    ["a graph that is none", '{"@context":"https://spdx.org/rdf/3.0.1/x","@graph":5}', "DECODE_FAILED"],
    ["a syft document without a version", '{"artifacts":[],"schema":{}}', "DOCUMENT_UNSUPPORTED"],
    ["JSON nested without end", "[".repeat(1_000_000), "JSON_INVALID"],
    ["JSON nested too deep", `{"bomFormat":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`, "JSON_INVALID"],
    ["components that are none", '{"bomFormat":"CycloneDX","specVersion":"1.6","components":5}', "DECODE_FAILED"],
    ["packages that are none", '{"spdxVersion":"SPDX-2.3","packages":5}', "DECODE_FAILED"],
    ["a document type declaration", `<!DOCTYPE bom SYSTEM "file:///etc/passwd">${bom}</bom>`, "XML_INVALID"],
    ["entities", `<!DOCTYPE b [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]>${bom}&b;</bom>`, "XML_INVALID"],
    ["an unknown entity", `${bom}<metadata>&xxe;</metadata></bom>`, "XML_INVALID"],
    ["XML nested too deep", `${bom}${"<components>".repeat(100_000)}`, "XML_INVALID"],
    ["XML that does not end", `${bom}<metadata>`, "XML_INVALID"],
    ["a tag that does not end", `${bom}<metadata `, "XML_INVALID"],
    ["an attribute twice", `${bom}<component type="library" type="file"/></bom>`, "XML_INVALID"],
    ["two roots", `${bom}</bom>${bom}</bom>`, "XML_INVALID"],
    ["a tag without value", "SPDXVersion: SPDX-2.3\nnothing here\n", "TAGS_INVALID"],
    ["a text that does not end", "SPDXVersion: SPDX-2.3\nDocumentComment: <text>and so on\n", "TAGS_INVALID"],
    ["a relationship of three", "SPDXVersion: SPDX-2.3\nRelationship: a CONTAINS b c\n", "TAGS_INVALID"],
  ])("%s is refused", (_what, text, code) => {
    expect(() => read(bytes(text))).toThrow(expect.objectContaining({ code }));
  });

  test("a document larger than any is refused before it is looked at", () => {
    expect(() => read(new Uint8Array(400 * 1024 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: "DOCUMENT_TOO_LARGE" }),
    );
  });

  test("a document in a statement or an envelope is refused: nobody has verified its signature", () => {
    const [format] = documentFormats;
    const predicate: unknown = JSON.parse(format === undefined ? "" : textOf(format, everything));
    const statement = { _type: "https://in-toto.io/Statement/v1", predicateType: "x", subject: [], predicate };
    const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
    const envelope = { payloadType: "application/vnd.in-toto+json", payload, signatures: [] };
    for (const wrapped of [statement, envelope].map((one) => bytes(JSON.stringify(one)))) {
      expect(() => read(wrapped)).toThrow(expect.objectContaining({ code: "DOCUMENT_WRAPPED" }));
    }
  });
});

describe("hostile documents", () => {
  test("members called __proto__, ids given twice, and cycles are data", () => {
    const component = { type: "library", "bom-ref": "a", name: "__proto__", version: "1", purl: "pkg:npm/x@1" };
    const bom = {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      components: [component, component, { ...component, "bom-ref": "b" }],
      dependencies: [
        { ref: "a", dependsOn: ["b", "a"] },
        { ref: "b", dependsOn: ["a"] },
      ],
    };
    const text = JSON.stringify(bom).replace("{", '{"__proto__":{"incomplete":true},');
    const inventory = read(bytes(text));
    expect(inventory?.incomplete).toBe(false);
    expect(inventory?.packages.map(({ id }) => id)).toEqual(["a", "a#1", "b"]);
    for (const format of written) {
      const again = format.reading === undefined ? undefined : read(bytesOf(format, inventory ?? nothing));
      if (again !== undefined) expect(again.relationships, format.name).toEqual(inventory?.relationships);
    }
  });

  test("a value in a tag-value document cannot begin another tag", () => {
    const [first] = everything.packages;
    if (first === undefined) throw new Error("no package");
    const name = "a\nPackageName: b\nSPDXID: SPDXRef-Evil";
    const evil: Inventory = { ...everything, packages: [{ ...first, name, description: "</text>\nPackageName: c" }] };
    const format = findDocumentFormat("spdx-tag-value");
    const inventory = format === undefined ? undefined : read(bytesOf(format, { ...evil, relationships: [] }));
    expect(inventory?.packages.map((entry) => entry.name)).toEqual([name]);
  });
});

test("a document's text that should be a purl and is none costs the purl, not the document", () => {
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    components: [
      { type: "library", name: "odd", version: "1", purl: "pkg:swift/odd@1" },
      { type: "library", name: "even", version: "2", purl: "pkg:npm/even@2" },
    ],
  };
  const inventory = read(bytes(JSON.stringify(bom)));
  expect(inventory?.packages.map(({ purl }) => purl)).toEqual(["pkg:generic/odd@1", "pkg:npm/even@2"]);
  expect(inventory?.problems).toMatchObject([{ code: "PURL_INVALID" }]);
});
