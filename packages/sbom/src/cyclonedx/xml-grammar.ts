/**
 * How one value of CycloneDX's JSON stands in XML, as data, for writing and reading alike: `text` is an element's text;
 * `object` an element of its own; `list` an element around its items; `repeat` items without one; `reference` an item
 * that is only an attribute.
 */
export type XmlValue =
  | { readonly kind: "text" }
  | { readonly kind: "object"; readonly rule: () => XmlRule }
  | { readonly kind: "list"; readonly item: string; readonly value: XmlItem }
  | { readonly kind: "repeat"; readonly value: XmlItem };

/** How an item of a list stands in XML; `choice` is told by the name of its element. */
export type XmlItem =
  | { readonly kind: "text" }
  | { readonly kind: "object"; readonly rule: () => XmlRule }
  | { readonly kind: "reference"; readonly attribute: string }
  | { readonly kind: "choice" };

/** How an object stands in XML. */
export interface XmlRule {
  /** Members that are attributes. */
  readonly attributes: readonly string[];
  /** The member that is the element's own text. */
  readonly text?: string;
  /** Whether elements that are not among the children are kept by their names, to be told; others are left out. */
  readonly closed?: true;
  /** Members that are elements, in the order that the XML schema demands: member, element, form. */
  readonly children: readonly (readonly [member: string, element: string, value: XmlValue])[];
}

const text = { kind: "text" } as const;
const texts = (...names: readonly string[]): XmlRule["children"] => names.map((name) => [name, name, text] as const);
const object = (rule: () => XmlRule): XmlValue => ({ kind: "object", rule });
const list = (item: string, rule: () => XmlRule): XmlValue => ({ kind: "list", item, value: { kind: "object", rule } });
const repeat = (rule: () => XmlRule): XmlValue => ({ kind: "repeat", value: { kind: "object", rule } });

const property: XmlRule = { attributes: ["name"], text: "value", children: [] };
const hash: XmlRule = { attributes: ["alg"], text: "content", children: [] };
const contact: XmlRule = { attributes: ["bom-ref"], children: texts("name", "email", "phone") };
const organization: XmlRule = {
  attributes: ["bom-ref"],
  children: [
    ["name", "name", text],
    ["url", "url", { kind: "repeat", value: text }],
    ["contact", "contact", repeat(() => contact)],
  ],
};
const reference: XmlRule = {
  attributes: ["type"],
  children: [
    ["url", "url", text],
    ["comment", "comment", text],
    ["hashes", "hashes", list("hash", () => hash)],
  ],
};
const method: XmlRule = { attributes: [], children: texts("technique", "confidence", "value") };
const identity: XmlRule = {
  attributes: [],
  children: [...texts("field", "confidence", "concludedValue"), ["methods", "methods", list("method", () => method)]],
};
const occurrence: XmlRule = { attributes: ["bom-ref"], children: texts("location") };
const evidence: XmlRule = {
  attributes: [],
  children: [
    ["identity", "identity", repeat(() => identity)],
    ["occurrences", "occurrences", list("occurrence", () => occurrence)],
  ],
};
const licenses: XmlValue = { kind: "list", item: "license", value: { kind: "choice" } };

const attachment: XmlRule = { attributes: ["content-type", "encoding"], text: "content", children: [] };

/** The things that a list of licences may hold, by the name of their element. */
export const licenseRules: Readonly<Record<"license" | "expression" | "expression-detailed", XmlRule>> = {
  license: {
    attributes: ["bom-ref", "acknowledgement"],
    children: [...texts("id", "name"), ["text", "text", object(() => attachment)], ...texts("url")],
  },
  expression: { attributes: ["bom-ref", "acknowledgement"], text: "expression", children: [] },
  // Since 1.7; what it says of the expression's parts is left out.
  "expression-detailed": { attributes: ["bom-ref", "acknowledgement", "expression"], children: [] },
};

const swid: XmlRule = { attributes: ["tagId", "name", "version", "tagVersion", "patch"], children: texts("url") };
const issue: XmlRule = { attributes: ["type"], children: texts("id", "name", "description") };
const diff: XmlRule = { attributes: [], children: [["text", "text", object(() => attachment)], ...texts("url")] };
const patch: XmlRule = {
  attributes: ["type"],
  children: [
    ["diff", "diff", object(() => diff)],
    ["resolves", "resolves", list("issue", () => issue)],
  ],
};
const pedigree: XmlRule = {
  attributes: [],
  children: [
    ["ancestors", "ancestors", list("component", () => componentRule)],
    ["descendants", "descendants", list("component", () => componentRule)],
    ["variants", "variants", list("component", () => componentRule)],
    ["patches", "patches", list("patch", () => patch)],
    ["notes", "notes", text],
  ],
};

/** A component. */
export const componentRule: XmlRule = {
  attributes: ["type", "mime-type", "bom-ref", "isExternal"],
  children: [
    ["supplier", "supplier", object(() => organization)],
    ["manufacturer", "manufacturer", object(() => organization)],
    ["authors", "authors", list("author", () => contact)],
    ...texts("author", "publisher", "group", "name", "version", "versionRange", "description", "scope"),
    ["hashes", "hashes", list("hash", () => hash)],
    ["licenses", "licenses", licenses],
    ...texts("copyright", "cpe", "purl"),
    ["swid", "swid", object(() => swid)],
    ["pedigree", "pedigree", object(() => pedigree)],
    ["externalReferences", "externalReferences", list("reference", () => reference)],
    ["properties", "properties", list("property", () => property)],
    ["components", "components", list("component", () => componentRule)],
    ["evidence", "evidence", object(() => evidence)],
  ],
};

const lifecycle: XmlRule = { attributes: [], children: texts("phase", "name", "description") };
const tools: XmlRule = {
  attributes: [],
  children: [["components", "components", list("component", () => componentRule)]],
};

/** The metadata of a document. */
export const metadataRule: XmlRule = {
  attributes: [],
  closed: true,
  children: [
    ["timestamp", "timestamp", text],
    ["lifecycles", "lifecycles", list("lifecycle", () => lifecycle)],
    ["tools", "tools", object(() => tools)],
    ["authors", "authors", list("author", () => contact)],
    ["component", "component", object(() => componentRule)],
    ["manufacturer", "manufacturer", object(() => organization)],
    ["manufacture", "manufacture", object(() => organization)],
    ["supplier", "supplier", object(() => organization)],
    ["licenses", "licenses", licenses],
    ["properties", "properties", list("property", () => property)],
  ],
};

/** One component and what it depends on. */
export const dependencyRule: XmlRule = {
  attributes: ["ref"],
  children: [["dependsOn", "dependency", { kind: "repeat", value: { kind: "reference", attribute: "ref" } }]],
};

/** How complete a part of the document is. */
export const compositionRule: XmlRule = {
  attributes: ["bom-ref"],
  children: [
    ["aggregate", "aggregate", text],
    ["assemblies", "assemblies", { kind: "list", item: "assembly", value: { kind: "reference", attribute: "ref" } }],
    [
      "dependencies",
      "dependencies",
      { kind: "list", item: "dependency", value: { kind: "reference", attribute: "ref" } },
    ],
  ],
};

const dataFlow: XmlRule = { attributes: ["flow"], text: "classification", children: [] };
const service: XmlRule = {
  attributes: ["bom-ref"],
  children: [
    ...texts("group", "name", "version", "description"),
    ["data", "data", list("classification", () => dataFlow)],
    ["licenses", "licenses", licenses],
    ["properties", "properties", list("property", () => property)],
    ["services", "services", list("service", () => service)],
  ],
};
const citation: XmlRule = {
  attributes: ["bom-ref"],
  children: [
    ["pointers", "pointers", { kind: "list", item: "pointer", value: text }],
    ["expressions", "expressions", { kind: "list", item: "expression", value: text }],
    ...texts("timestamp", "attributedTo", "process", "note"),
  ],
};

/** A whole document. */
export const bomRule: XmlRule = {
  attributes: ["serialNumber", "version"],
  children: [
    ["metadata", "metadata", object(() => metadataRule)],
    ["components", "components", list("component", () => componentRule)],
    ["services", "services", list("service", () => service)],
    ["externalReferences", "externalReferences", list("reference", () => reference)],
    ["dependencies", "dependencies", list("dependency", () => dependencyRule)],
    ["compositions", "compositions", list("composition", () => compositionRule)],
    ["properties", "properties", list("property", () => property)],
    ["citations", "citations", list("citation", () => citation)],
  ],
};
