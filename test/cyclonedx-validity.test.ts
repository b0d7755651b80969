import { isScError } from "@sc/model";
import { openDocument } from "@sc/sbom";
import { describe, expect, test } from "vitest";

/** What reading a document says of it: the messages of its problems, or that of the error which refuses it. */
function told(text: string): readonly string[] {
  try {
    return (
      openDocument(Buffer.from(text), { where: "bom" })
        ?.inventory()
        .problems.map(({ message }) => message) ?? []
    );
  } catch (error) {
    if (isScError(error)) return [`${error.code}: ${error.message}`];
    throw error;
  }
}

const component = { type: "library", name: "a", version: "1" };
const json = (members: object, specVersion = "1.7"): string =>
  JSON.stringify({ bomFormat: "CycloneDX", specVersion, version: 1, ...members });
const xml = (inner: string, version = "1.7"): string =>
  `<bom xmlns="http://cyclonedx.org/schema/bom/${version}" version="1">${inner}</bom>`;
const inXml = (inner: string): string =>
  xml(`<components><component type="library"><name>a</name>${inner}</component></components>`);

const sha256 = "0".repeat(64);

/** What the schema demands beyond types and required members, whole and broken, in both forms. */
const cases: readonly (readonly [claim: string, whole: string, broken: string, complaint: string])[] = [
  [
    "a hash is of an algorithm that the standard has",
    json({ components: [{ ...component, hashes: [{ alg: "SHA-256", content: sha256 }] }] }),
    json({ components: [{ ...component, hashes: [{ alg: "CRC", content: "00" }] }] }),
    'the algorithm "CRC"',
  ],
  [
    "a hash in XML is of an algorithm that the standard has",
    inXml(`<hashes><hash alg="SHA-256">${sha256}</hash></hashes>`),
    inXml(`<hashes><hash alg="CRC">00</hash></hashes>`),
    'the algorithm "CRC"',
  ],
  [
    "a reference is that of one part",
    json({ components: [{ ...component, "bom-ref": "1" }], services: [{ name: "s", "bom-ref": "2" }] }),
    json({ components: [{ ...component, "bom-ref": "1" }], services: [{ name: "s", "bom-ref": "1" }] }),
    "that of another part",
  ],
  [
    "a reference is not empty",
    json({ components: [{ ...component, "bom-ref": "1" }] }),
    json({ components: [{ ...component, "bom-ref": "" }] }),
    "is empty",
  ],
  [
    "a component has a version or a range of versions",
    json({ components: [{ type: "library", name: "a", versionRange: "vers:npm/*", isExternal: true }] }),
    json({ components: [{ ...component, versionRange: "vers:npm/*", isExternal: true }] }),
    "both a version and a range",
  ],
  [
    "a range of versions is for what comes from elsewhere",
    xml(
      `<components><component type="library" isExternal="true"><name>a</name><versionRange>vers:npm/*</versionRange></component></components>`,
    ),
    inXml(`<versionRange>vers:npm/*</versionRange>`),
    "is not external",
  ],
  [
    "a citation names what it is of and who says so",
    json({ citations: [{ pointers: ["/components/0"], timestamp: "2025-01-01T00:00:00Z", attributedTo: "x" }] }),
    json({ citations: [{ pointers: ["/components/0"], timestamp: "2025-01-01T00:00:00Z" }] }),
    "neither a source nor a process",
  ],
  [
    "a patch is of a kind that the standard has",
    inXml(`<pedigree><patches><patch type="backport"/></patches></pedigree>`),
    inXml(`<pedigree><patches><patch type="other"/></patches></pedigree>`),
    'type "other"',
  ],
  ["a SWID tag has its identifier", inXml(`<swid tagId="t" name="a"/>`), inXml(`<swid name="a"/>`), "lacks its tagId"],
  [
    "the text of a licence is plain or base64",
    inXml(`<licenses><license><id>MIT</id><text encoding="base64">YQ==</text></license></licenses>`),
    inXml(`<licenses><license><id>MIT</id><text encoding="base85">YQ==</text></license></licenses>`),
    'encoding "base85"',
  ],
  [
    "an element that may stand once does",
    inXml(`<licenses><license><id>MIT</id></license><license><id>ISC</id></license></licenses>`),
    inXml(`<licenses><license><id>MIT</id><id>ISC</id></license></licenses>`),
    'wanted "id" once',
  ],
  [
    "data of a service flows in a direction that the standard has",
    xml(
      `<services><service><name>s</name><data><classification flow="inbound">x</classification></data></service></services>`,
    ),
    xml(
      `<services><service><name>s</name><data><classification flow="up">x</classification></data></service></services>`,
    ),
    'flow "up"',
  ],
  [
    "metadata has no other elements",
    xml(`<metadata><timestamp>2025-01-01T00:00:00Z</timestamp><x:other xmlns:x="urn:x">1</x:other></metadata>`),
    xml(`<metadata><distribution>free</distribution></metadata>`),
    'has "distribution"',
  ],
];

describe("CycloneDX documents are accepted in silence only when they are valid (SBOM-4)", () => {
  test.each(cases)("%s", (_claim, whole, broken, complaint) => {
    expect(told(whole)).toEqual([]);
    expect(told(broken).join("\n")).toContain(complaint);
  });

  test("an expression with details of its parts is the licence", () => {
    const text = inXml(
      `<licenses><expression-detailed expression="MIT OR ISC"><details license-identifier="MIT"/></expression-detailed></licenses>`,
    );
    const [only] = openDocument(Buffer.from(text), { where: "bom" })?.inventory().packages ?? [];
    expect(only?.licenses).toMatchObject([{ declared: "MIT OR ISC" }]);
  });
});
