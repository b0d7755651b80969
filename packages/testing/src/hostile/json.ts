import { type HostileInput, listed, repeated, single } from "./input.ts";

const purl = (at: number): string => `pkg:npm/a${at}@1.0.0`;
const component = (at: number): string =>
  `{"type":"library","bom-ref":"r${at}","name":"a${at}","version":"1","purl":"${purl(at)}"}`;
const bom = '{"bomFormat":"CycloneDX","specVersion":"1.6",';
const spdx = '{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"x",';
const spdxPackage = (at: number): string => `{"SPDXID":"SPDXRef-${at}","name":"a${at}","versionInfo":"1"}`;
const graph = '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[';
const openVex =
  '{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"a","timestamp":"2026-01-01T00:00:00Z","version":1,';
const csaf = '{"document":{"csaf_version":"2.0"},"product_tree":{"full_product_names":[';
const csafProduct = (at: number): string =>
  `{"name":"a","product_id":"p${at}","product_identification_helper":{"purl":"${purl(at)}"}}`;
const osv = '{"schema_version":"1.6.0","id":"OSV-1","modified":"2026-01-01T00:00:00Z","affected":[';

/** Many levels of a value in itself, as deep as there is room for. */
function nested(name: string, open: string, close: string): HostileInput {
  return {
    name,
    bytes: (length) => {
      const depth = Math.floor(length / (open.length + close.length));
      return new TextEncoder().encode(open.repeat(depth) + close.repeat(depth));
    },
  };
}

/** Items of which each says as much again as all before it: half the room for a list, half for what names it. */
function crossed(
  name: string,
  { start, middle, end }: Record<"start" | "middle" | "end", string>,
  items: readonly [(at: number) => string, (at: number) => string],
): HostileInput {
  return {
    name,
    bytes: (length) => {
      const [left, right] = items;
      const count = Math.floor((length - 300) / (left(99_999).length + right(99_999).length + 2));
      const made = (item: (at: number) => string): string =>
        Array.from({ length: count }, (_, at) => item(at)).join(",");
      return new TextEncoder().encode(start + made(left) + middle + made(right) + end);
    },
  };
}

/** JSON of package managers: well-formed, so that what reads the values is reached as well as the parser. */
const packageJson: readonly HostileInput[] = [
  listed("JSON keys", (at) => `"k${at}":1`, { start: "{", between: ",", end: "}" }),
  nested("JSON lists in each other", "[", "]"),
  nested("JSON objects in each other", '{"a":', ""),
  repeated("JSON with comments", "/**/", "{"),
  listed("one long JSON text", () => "x".repeat(100), { start: '{"name":"', end: '","version":"1"}' }),
  listed("escapes in one JSON text", () => String.raw`\u0041\"`, { start: '{"name":"', end: '","version":"1"}' }),
  listed("dependencies of package.json", (at) => `"a${at}":"*"`, {
    start: '{"name":"a","version":"1.0.0","dependencies":{',
    between: ",",
    end: "}}",
  }),
  listed("licences of package.json", () => '{"type":"MIT"}', {
    start: '{"name":"a","version":"1.0.0","licenses":[',
    between: ",",
    end: "]}",
  }),
  listed("places of package-lock.json", (at) => `"node_modules/a${at}":{"version":"1.0.0","dependencies":{"b":"1"}}`, {
    start: '{"lockfileVersion":3,"packages":{',
    between: ",",
    end: "}}",
  }),
  listed("one deep place of package-lock.json", () => "node_modules/a/", {
    start: '{"lockfileVersion":3,"packages":{"',
    end: 'node_modules/b":{"version":"1.0.0","dependencies":{"c":"1"}}}}',
  }),
  repeated("dependencies in each other", '"dependencies":{"a":{"version":"1.0.0",', "{"),
  listed("libraries of deps.json", (at) => `"a${at}/1.0.0":{"dependencies":{"b":"1.0.0"},"runtime":{"a.dll":{}}}`, {
    start: '{"runtimeTarget":{"name":"n"},"targets":{"n":{',
    between: ",",
    end: "}}}",
  }),
  listed("composer packages", (at) => `{"name":"a/b${at}","version":"1.0.0","require":{"a/c":"*"}}`, {
    start: '{"packages":[',
    between: ",",
    end: "]}",
  }),
  listed("a prototype", (at) => `"a${at}":1`, {
    start: '{"__proto__":{"name":"a","version":"1"},"constructor":{"prototype":{}},"toString":1,',
    between: ",",
    end: "}",
  }),
];

/** Values that are not what stands in their place. */
const otherTypes: readonly HostileInput[] = [
  single(
    "JSON of other types",
    '{"packages":[],"dependencies":7,"default":null,"pins":{},"graph_lock":[],"libraries":"x","Packages":[1]}',
  ),
  single(
    "JSON of prototypes",
    '{"__proto__":{"polluted":"1"},"constructor":{"prototype":{"polluted":"1"}},"packages":{"__proto__":{"version":"1.0.0"}}}',
  ),
  single(
    "CycloneDX of other types",
    `${bom}"components":[7,null,{"name":[],"version":{},"purl":1}],"dependencies":[[]]}`,
  ),
  single("SPDX of other types", `${spdx}"packages":[7,{"SPDXID":1,"name":[]}],"relationships":{}}`),
  single("VEX of other types", `${openVex}"statements":[7,{"vulnerability":[],"products":{},"status":1}]}`),
  single("OSV of other types", `${osv}7,{"package":[],"ranges":{},"versions":[1]}]}`),
];

/** Documents of parts lists. */
const documents: readonly HostileInput[] = [
  listed("CycloneDX components", component, { start: `${bom}"components":[`, between: ",", end: "]}" }),
  nested("CycloneDX components in each other", `${bom}"components":[`, "]}"),
  listed("CycloneDX, one component over and over", () => component(1), {
    start: `${bom}"components":[`,
    between: ",",
    end: "]}",
  }),
  listed("one CycloneDX component that depends on much", (at) => `"r${at}"`, {
    start: `${bom}"components":[${component(1)}],"dependencies":[{"ref":"r1","dependsOn":[`,
    between: ",",
    end: "]}]}",
  }),
  crossed(
    "CycloneDX components that depend on each other",
    { start: `${bom}"components":[`, middle: '],"dependencies":[', end: "]}" },
    [component, (at) => `{"ref":"r${at}","dependsOn":["r${at + 1}"]}`],
  ),
  listed("properties of one CycloneDX component", (at) => `{"name":"n${at}","value":"v"}`, {
    start: `${bom}"components":[{"type":"library","name":"a","version":"1","properties":[`,
    between: ",",
    end: "]}]}",
  }),
  listed("licences of one CycloneDX component", () => '{"license":{"id":"MIT"}}', {
    start: `${bom}"components":[{"type":"library","name":"a","version":"1","licenses":[`,
    between: ",",
    end: "]}]}",
  }),
  listed("one long licence of CycloneDX", () => "(MIT OR ", {
    start: `${bom}"components":[{"type":"library","name":"a","version":"1","licenses":[{"expression":"`,
    end: '"}]}]}',
  }),
  listed(
    "CycloneDX in XML",
    (at) => `<component type="library" bom-ref="r${at}"><name>a${at}</name><version>1</version></component>`,
    {
      start: '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>',
      end: "</components></bom>",
    },
  ),
  repeated("XML elements in each other", "<components>", '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">'),
  listed("SPDX packages", spdxPackage, { start: `${spdx}"packages":[`, between: ",", end: "]}" }),
  crossed(
    "SPDX packages that depend on each other",
    { start: `${spdx}"packages":[`, middle: '],"relationships":[', end: "]}" },
    [
      spdxPackage,
      (at) => `{"spdxElementId":"SPDXRef-${at}","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-0"}`,
    ],
  ),
  listed("SPDX licences of one package", (at) => `LicenseRef-${at}`, {
    start: `${spdx}"packages":[{"SPDXID":"SPDXRef-1","name":"a","licenseDeclared":"`,
    between: " AND ",
    end: '"}]}',
  }),
  crossed(
    "SPDX licences of texts of their own",
    { start: `${spdx}"packages":[`, middle: '],"hasExtractedLicensingInfos":[', end: "]}" },
    [
      (at) => `{"SPDXID":"SPDXRef-${at}","name":"a${at}","licenseDeclared":"LicenseRef-${at}"}`,
      (at) => `{"licenseId":"LicenseRef-${at}","name":"MIT","extractedText":"x"}`,
    ],
  ),
  listed("SPDX tags", (at) => `PackageName: a${at}\nSPDXID: SPDXRef-${at}\nPackageVersion: 1\n`, {
    start: "SPDXVersion: SPDX-2.3\n",
  }),
  repeated("one open text of SPDX", "a\n", "SPDXVersion: SPDX-2.3\nDocumentComment: <text>"),
  repeated("many open texts of SPDX", "PackageComment: <text>\n", "SPDXVersion: SPDX-2.3\n"),
  listed("SPDX tags of relationships", (at) => `Relationship: SPDXRef-${at} DEPENDS_ON SPDXRef-0\n`, {
    start: "SPDXVersion: SPDX-2.3\n",
  }),
  listed("an SPDX graph", (at) => `{"type":"software_Package","spdxId":"urn:${at}","name":"a${at}"}`, {
    start: graph,
    between: ",",
    end: "]}",
  }),
  crossed("an SPDX graph of relationships", { start: graph, middle: ",", end: "]}" }, [
    (at) => `{"type":"software_Package","spdxId":"urn:${at}","name":"a${at}"}`,
    (at) =>
      `{"type":"Relationship","spdxId":"urn:r${at}","from":"urn:0","relationshipType":"dependsOn","to":["urn:${at}"]}`,
  ]),
  listed(
    "artifacts of syft",
    (at) => `{"id":"i${at}","name":"a${at}","version":"1","type":"npm","purl":"${purl(at)}"}`,
    {
      start: '{"schema":{"version":"16.0.0"},"artifacts":[',
      between: ",",
      end: "]}",
    },
  ),
  listed("package URLs", (at) => `${purl(at)}\n`),
  listed("package URLs of few characters", (at) => `pkg:a/${at.toString(36)}\n`),
  listed("one long package URL", () => "a/", { start: "pkg:golang/", end: "b@1\n" }),
];

/** Documents of what is vulnerable and what is not. */
const advisories: readonly HostileInput[] = [
  listed(
    "OpenVEX statements",
    (at) => `{"vulnerability":{"name":"CVE-2026-${at}"},"products":[{"@id":"${purl(at)}"}],"status":"fixed"}`,
    {
      start: `${openVex}"statements":[`,
      between: ",",
      end: "]}",
    },
  ),
  listed("one OpenVEX statement of many products", (at) => `{"@id":"${purl(at)}"}`, {
    start: `${openVex}"statements":[{"vulnerability":{"name":"CVE-2026-1"},"status":"fixed","products":[`,
    between: ",",
    end: "]}]}",
  }),
  nested(
    "CSAF branches in each other",
    '{"document":{"csaf_version":"2.0"},"product_tree":{"branches":[{"branches":[',
    "]}]}}",
  ),
  crossed(
    "CSAF products and their state",
    { start: csaf, middle: ']},"vulnerabilities":[{"cve":"CVE-2026-1","product_status":{"fixed":[', end: "]}}]}" },
    [csafProduct, (at) => `"p${at}"`],
  ),
  crossed(
    "CSAF products and why they are not affected",
    {
      start: csaf,
      middle: ']},"vulnerabilities":[{"cve":"CVE-2026-1","flags":[{"label":"x","product_ids":["p0"]}],"threats":[',
      end: '],"product_status":{"known_not_affected":["p0"]}}]}',
    },
    [csafProduct, (at) => `{"details":"x","product_ids":["p${at}"]}`],
  ),
  crossed(
    "CSAF states and as many that a reason is about",
    {
      start: `${csaf}${csafProduct(0)}]},"vulnerabilities":[{"cve":"CVE-2026-1","flags":[{"label":"x","product_ids":[`,
      middle: ']}],"product_status":{"known_not_affected":[',
      end: "]}}]}",
    },
    [(at) => `"q${at}"`, () => '"p0"'],
  ),
  crossed("CycloneDX vulnerabilities", { start: `${bom}"components":[`, middle: '],"vulnerabilities":[', end: "]}" }, [
    component,
    (at) => `{"id":"CVE-2026-${at}","analysis":{"state":"not_affected"},"affects":[{"ref":"r${at}"}]}`,
  ]),
  listed("events of one OSV range", (at) => `{"introduced":"${at}"}`, {
    start: `${osv}{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[`,
    between: ",",
    end: "]}]}]}",
  }),
  listed("versions of one OSV package", (at) => `"1.0.${at}"`, {
    start: `${osv}{"package":{"ecosystem":"npm","name":"a"},"versions":[`,
    between: ",",
    end: "]}]}",
  }),
  listed("packages of one OSV record", (at) => `{"package":{"ecosystem":"npm","name":"a${at}"},"versions":["1"]}`, {
    start: osv,
    between: ",",
    end: "]}",
  }),
  listed("Alpine's list", (at) => `{"pkg":{"name":"a${at}","secfixes":{"1.0-r0":["CVE-2026-${1000 + at}"]}}}`, {
    start:
      '{"distroversion":"v3.20","reponame":"main","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","packages":[',
    between: ",",
    end: "]}",
  }),
  listed("one package of Alpine's list", (at) => `"1.0-r${at}":["CVE-2026-1000"]`, {
    start:
      '{"distroversion":"v3.20","reponame":"main","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","packages":[{"pkg":{"name":"a","secfixes":{',
    between: ",",
    end: "}}}]}",
  }),
  listed("Debian's tracker", (at) => `"a${at}":{"CVE-2026-${1000 + at}":{"releases":{"bookworm":{"status":"open"}}}}`, {
    start: "{",
    between: ",",
    end: "}",
  }),
];

/** JSON and what is written in it: manifests, parts lists, advisories. */
export const json: readonly HostileInput[] = [...packageJson, ...otherTypes, ...documents, ...advisories];
