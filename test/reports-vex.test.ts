import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatPurl, parsePurl } from "@sc/model";
import { applyVex, readVex, reports, type VexStatement } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { emptyReport, exampleReport, finding } from "./report-samples.ts";

const { subject } = emptyReport;
const bytes = (document: object): Uint8Array => Buffer.from(JSON.stringify(document));
const lodash = finding({ name: "lodash", type: "npm", version: "4.17.15", id: "CVE-2021-23337", aliases: ["GHSA-x"] });
const statement: Omit<VexStatement, "products"> = {
  ids: ["CVE-2021-23337"],
  status: "not_affected",
  reason: "vulnerable_code_not_present",
  time: 1,
  source: "vex.json",
};

function told(products: VexStatement["products"], rest: Partial<VexStatement> = {}): string | undefined {
  return applyVex([lodash], [{ ...statement, products, ...rest }], { subject })[0]?.suppressed?.reason;
}

describe("what VEX says", () => {
  test("counts for the package of exactly this purl, or for any version where it names none (SCAN-5)", () => {
    for (const name of ["pkg:npm/lodash@4.17.15", "pkg:npm/lodash"]) {
      expect(told([{ names: [name], parts: [] }]), name).toBe("not affected: vulnerable_code_not_present");
    }
    for (const name of ["pkg:npm/lodash@4.17.1", "pkg:npm/lodash@4.17", "pkg:npm/lodas", "pkg:pypi/lodash", "lodash"]) {
      expect(told([{ names: [name], parts: [] }]), name).toBeUndefined();
    }
    expect(told([{ names: ["pkg:npm/lodash"], parts: [] }], { ids: ["GHSA-x"] })).toBeDefined();
    expect(told([{ names: ["pkg:npm/lodash"], parts: [] }], { ids: ["CVE-2021-2333"] })).toBeUndefined();
    expect(told([])).toBeUndefined();
  });

  test("counts for the image in both styles of its purl, and for no other image (SCAN-5)", () => {
    const digest = encodeURIComponent(subject.digest ?? "");
    const own = [
      `pkg:oci/api@${digest}?repository_url=ghcr.io%2Facme%2Fapi`,
      `pkg:oci/api@${digest}?repository_url=ghcr.io/acme`,
      `pkg:oci/api@${digest}`,
      "pkg:oci/ghcr.io/acme/api@1.4.2",
      "pkg:docker/acme/api@1.4.2",
      "pkg:oci/api?repository_url=ghcr.io/acme/api",
      subject.digest ?? "",
    ];
    for (const name of own) expect(told([{ names: [name], parts: [] }]), name).toBeDefined();
    const others = [
      `pkg:oci/api@${digest.replaceAll("9", "8")}?repository_url=ghcr.io%2Facme%2Fapi`,
      "pkg:oci/api?repository_url=ghcr.io/mallory/api",
      "pkg:oci/ghcr.io/acme/api@1.4.3",
      "pkg:oci/ghcr.io/acme/webapi@1.4.2",
      "pkg:oci/pi@1.4.2",
      "pkg:oci/api@1.4.2?arch=arm64",
      "sha256:99",
    ];
    for (const name of others) expect(told([{ names: [name], parts: [] }]), name).toBeUndefined();
  });

  test("of a part of the image counts for that part alone (SCAN-5)", () => {
    const image = ["pkg:oci/ghcr.io/acme/api@1.4.2"];
    expect(told([{ names: image, parts: [["pkg:npm/lodash@4.17.15"]] }])).toBeDefined();
    expect(told([{ names: image, parts: [["pkg:npm/minimist"]] }])).toBeUndefined();
    // The part alone, in somebody else's image, is no statement on this one.
    expect(told([{ names: ["pkg:oci/other@1"], parts: [["pkg:npm/lodash@4.17.15"]] }])).toBeUndefined();
    expect(told([{ names: ["pkg:npm/lodash"], parts: [["pkg:npm/minimist"]] }])).toBeUndefined();
  });

  test("last holds: a later statement brings a finding back or takes it away, in whatever order they are given (SCAN-5)", () => {
    const products = [{ names: ["pkg:npm/lodash"], parts: [] }];
    const early = { ...statement, products };
    for (const status of ["affected", "under_investigation"] as const) {
      const late = { ...early, status, time: 2 };
      expect(applyVex([lodash], [late, early], { subject })[0]?.suppressed).toBeUndefined();
      expect(applyVex([lodash], [{ ...late, time: 0 }, early], { subject })[0]?.suppressed).toBeDefined();
      expect(applyVex([lodash], [early, { ...late, time: 1 }], { subject })[0]?.suppressed).toBeUndefined();
    }
    expect(told(products, { status: "fixed", reason: "" })).toBe("fixed");
  });

  test("is not heard of what another rule has suppressed already", () => {
    const suppressed = { by: "matcher", reason: "owned by a package of the system" } as const;
    const [kept] = applyVex([{ ...lodash, suppressed }], [{ ...statement, products: [] }], { subject });
    expect(kept?.suppressed).toEqual(suppressed);
  });
});

describe("VEX documents", () => {
  test("as OpenVEX, CSAF and CycloneDX say the same (SCAN-5)", () => {
    const purl = "pkg:npm/lodash@4.17.15";
    const openvex = {
      "@context": "https://openvex.dev/ns/v0.2.0",
      author: "A",
      timestamp: "2026-01-01T00:00:00Z",
      statements: [
        {
          vulnerability: { name: "CVE-2021-23337" },
          products: [{ "@id": "x", identifiers: { purl } }],
          status: "not_affected",
          justification: "vulnerable_code_not_present",
        },
      ],
    };
    const old = {
      "@context": "https://openvex.dev/ns",
      statements: [{ vulnerability: "CVE-2021-23337", products: [purl], status: "not_affected" }],
    };
    const csaf = {
      document: {
        csaf_version: "2.0",
        publisher: { name: "B" },
        tracking: { current_release_date: "2026-01-01T00:00:00Z" },
      },
      product_tree: {
        full_product_names: [
          { name: "l", product_id: "L", product_identification_helper: { purl } },
          { name: "i", product_id: "I", product_identification_helper: { purl: "pkg:oci/ghcr.io/acme/api@1.4.2" } },
        ],
        relationships: [
          {
            category: "default_component_of",
            product_reference: "L",
            relates_to_product_reference: "I",
            full_product_name: { name: "l in i", product_id: "LI" },
          },
        ],
      },
      vulnerabilities: [
        {
          cve: "CVE-2021-23337",
          product_status: { known_not_affected: ["LI"] },
          flags: [{ label: "vulnerable_code_not_present", product_ids: ["LI"] }],
        },
      ],
    };
    const cyclonedx = {
      bomFormat: "CycloneDX",
      components: [{ name: "lodash", "bom-ref": "r", purl }],
      vulnerabilities: [
        {
          id: "CVE-2021-23337",
          analysis: { state: "not_affected", justification: "code_not_present" },
          affects: [{ ref: "r" }],
        },
      ],
    };
    const linked = {
      ...cyclonedx,
      components: [],
      vulnerabilities: [
        {
          id: "CVE-2021-23337",
          analysis: { state: "false_positive" },
          affects: [{ ref: "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Flodash%404.17.15" }],
        },
      ],
    };
    for (const document of [openvex, old, csaf, cyclonedx, linked]) {
      const { statements } = readVex(bytes(document), "vex.json");
      const [judged] = applyVex([lodash], statements, { subject });
      expect(judged?.suppressed, JSON.stringify(document)).toMatchObject({ by: "vex", source: "vex.json" });
    }
  });

  test.each<readonly [string, unknown, boolean]>([
    ["no list", undefined, true],
    ["this version, unaffected", [{ version: "4.17.15", status: "unaffected" }], true],
    ["another version, unaffected", [{ version: "4.17.14", status: "unaffected" }], false],
    ["this version, affected", [{ version: "4.17.15", status: "affected" }], false],
    ["this version without a status, which is affected", [{ version: "4.17.15" }], false],
    ["a range around it, unaffected", [{ range: "vers:npm/>=4.17.0|<4.18.0", status: "unaffected" }], true],
    ["a range beside it, unaffected", [{ range: "vers:npm/<4.17.15", status: "unaffected" }], false],
    ["a range of a scheme that nobody knows", [{ range: "vers:martian/*", status: "unaffected" }], false],
    ["an empty list", [], false],
  ])("of CycloneDX take out only the versions that they call unaffected: %s (SCAN-5)", (_, versions, isOut) => {
    const document = {
      bomFormat: "CycloneDX",
      components: [{ name: "lodash", "bom-ref": "r", purl: "pkg:npm/lodash" }],
      vulnerabilities: [
        { id: "CVE-2021-23337", analysis: { state: "not_affected" }, affects: [{ ref: "r", versions }] },
      ],
    };
    const { statements } = readVex(bytes(document), "vex.json");
    const [judged] = applyVex([lodash], statements, { subject });
    expect(judged?.suppressed !== undefined).toBe(isOut);
  });

  // The repository as a qualifier, as purl says, with and without its last part, and as namespace.
  test.each([
    `pkg:oci/api@sha256%3A${"9".repeat(64)}?repository_url=ghcr.io/acme/api`,
    `pkg:oci/api@sha256:${"9".repeat(64)}?repository_url=ghcr.io/acme`,
    "pkg:oci/ghcr.io/acme/api@1.4.2",
    "pkg:oci/api?repository_url=ghcr.io/acme/api&tag=1.4.2",
    "pkg:docker/acme/api@1.4.2?repository_url=ghcr.io",
  ])("name the image the same way in all three forms: %s (SCAN-5)", (image) => {
    const id = "CVE-2021-23337";
    const openvex = {
      "@context": "https://openvex.dev/ns/v0.2.0",
      statements: [{ vulnerability: { name: id }, products: [{ "@id": image }], status: "not_affected" }],
    };
    const csaf = {
      document: { csaf_version: "2.0" },
      product_tree: {
        full_product_names: [{ name: "i", product_id: "I", product_identification_helper: { purl: image } }],
      },
      vulnerabilities: [{ cve: id, product_status: { known_not_affected: ["I"] } }],
    };
    const cyclonedx = {
      bomFormat: "CycloneDX",
      metadata: { component: { name: "api", "bom-ref": "i", purl: image } },
      vulnerabilities: [{ id, analysis: { state: "not_affected" }, affects: [{ ref: "i" }] }],
    };
    for (const document of [openvex, csaf, cyclonedx]) {
      const { statements } = readVex(bytes(document), "vex.json");
      expect(applyVex([lodash], statements, { subject })[0]?.suppressed, JSON.stringify(document)).toBeDefined();
      const other = {
        ...subject,
        repository: "ghcr.io/mallory/web",
        digest: `sha256:${"8".repeat(64)}`,
        tag: "1",
      } as const;
      expect(applyVex([lodash], statements, { subject: other })[0]?.suppressed).toBeUndefined();
    }
  });

  test("that we wrote is read back to the same effect (SCAN-5)", () => {
    const suppressed = { by: "vex", reason: "never called" } as const;
    const findings = [...exampleReport.findings, { ...lodash, id: "CVE-2020-1", suppressed }];
    for (const id of ["openvex", "cyclonedx-vex"]) {
      const text = reports.find((format) => format.id === id)?.render({ ...exampleReport, findings }) ?? "";
      const { statements } = readVex(Buffer.from(text), id);
      const [judged] = applyVex([{ ...lodash, id: "CVE-2020-1" }], statements, { subject });
      expect(judged?.suppressed?.reason, id).toBe("not affected: never called");
    }
  });

  test("that are none, broken or hostile are refused with what was wrong, and hang nobody", () => {
    const deep = { product_id: "x" };
    const branches = Array.from({ length: 2000 }).reduce<object>((inner) => ({ branches: [inner] }), { product: deep });
    const refused: readonly (readonly [unknown, string])[] = [
      [{}, "VEX_UNKNOWN"],
      [{ "@context": "https://evil.example/openvex.dev/ns" }, "VEX_UNKNOWN"],
      [[], "DECODE_FAILED"],
      [{ "@context": "https://openvex.dev/ns", statements: [{ status: "fine" }] }, "DECODE_FAILED"],
      [{ "@context": "https://openvex.dev/ns", statements: {} }, "DECODE_FAILED"],
      [{ document: { csaf_version: "2.0" }, product_tree: { branches: [branches] } }, "DECODE_FAILED"],
      [{ bomFormat: "CycloneDX", vulnerabilities: [{ id: 1, analysis: { state: "resolved" } }] }, "DECODE_FAILED"],
    ];
    for (const [document, code] of refused) {
      const read = (): unknown => readVex(Buffer.from(JSON.stringify(document)), "x.json");
      expect(read, JSON.stringify(document).slice(0, 100)).toThrow(expect.objectContaining({ code }));
    }
    expect(() => readVex(Buffer.from("no"), "x.json")).toThrow(expect.objectContaining({ code: "JSON_INVALID" }));
  });
});

const samples = dataFolder("policy/openvex");
const examples = dataFolder("sbom/bom-examples");
const reported = dataFolder("reports/openvex");

describe("VEX documents of others", () => {
  test.skipIf(samples === undefined)("of every version are read (SCAN-5)", () => {
    for (const name of readdirSync(samples ?? "")) {
      const content = readFileSync(join(samples ?? "", name));
      const { format, statements } = readVex(content, name);
      // Vendors' advisories in CSAF may name products by their own ids and CPEs alone: nothing in an image is one of them.
      const isNamed = format !== "csaf" || /"purl"|"file_hashes"/.test(content.toString());
      expect(statements.length > 0, name).toBe(isNamed);
    }
    expect(readdirSync(samples ?? "")).not.toEqual([]);
  });

  test.skipIf(examples === undefined)(
    "in CycloneDX's own examples are read, and a document without analysis says nothing",
    () => {
      const counts = readdirSync(examples ?? "")
        .filter((name) => name.startsWith("VEX_"))
        .map((name) => readVex(readFileSync(join(examples ?? "", name)), name).statements.length);
      expect(counts.filter((count) => count > 0).length).toBeGreaterThan(counts.length / 2);
    },
  );

  test.skipIf(reported === undefined).each(reported === undefined ? [] : readdirSync(reported))(
    "%s, as another tool wrote it, is heard, and refused where it is no such document",
    (name) => {
      const content = readFileSync(join(reported ?? "", name));
      const document: OpenVex = JSON.parse(content.toString());
      if (!document["@context"]?.startsWith("https://openvex.dev/ns") || document.statements === undefined) {
        expect(() => readVex(content, name)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(VEX_UNKNOWN|DECODE_FAILED)$/) }),
        );
        return;
      }
      const { statements } = readVex(content, name);
      for (const { vulnerability, products, status } of document.statements) {
        const purl = products.find((product) => /^pkg:(?!oci|docker)/.test(product["@id"]))?.["@id"];
        if (purl === undefined || status === "affected" || status === "under_investigation") continue;
        const one = finding({ name: parsePurl(purl).name, id: vulnerability.name });
        const [judged] = applyVex(
          [{ ...one, package: { ...one.package, purl: formatPurl(parsePurl(purl)) } }],
          statements,
          {
            subject,
          },
        );
        expect(judged?.suppressed?.by, `${vulnerability.name} in ${purl}`).toBe("vex");
      }
    },
  );
});

interface OpenVex {
  readonly "@context"?: string;
  readonly statements?: readonly {
    readonly vulnerability: { readonly name: string };
    readonly products: readonly { readonly "@id": string }[];
    readonly status: string;
  }[];
}
