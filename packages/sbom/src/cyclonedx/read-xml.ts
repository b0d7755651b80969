import { type JsonObject, type JsonValue, ScError } from "@sc/model";
import type { XmlElement } from "../read/xml.ts";
import { quote } from "../read/token.ts";
import { bomRule, licenseRules, type XmlItem, type XmlRule, type XmlValue } from "./xml-grammar.ts";

const namespace = /^http:\/\/cyclonedx\.org\/schema\/bom\/(1\.[0-9]+)$/;

/** Whether an XML document is one of CycloneDX. */
export function isBomElement(root: XmlElement): boolean {
  return root.name === "bom" && root.namespace.startsWith("http://cyclonedx.org/schema/bom/");
}

/**
 * A CycloneDX document in XML as the JSON that says the same. What the reader of inventories does not look at is left
 * out. Throws `DOCUMENT_UNSUPPORTED`, and `DECODE_FAILED` for an element that stands twice where one may: readers would
 * differ in which of them they take.
 */
export function bomOfXml(root: XmlElement): JsonObject {
  const version = namespace.exec(root.namespace)?.[1];
  if (root.name !== "bom" || version === undefined) {
    const got = `${quote(root.name)} of ${quote(root.namespace)}`;
    throw new ScError("DOCUMENT_UNSUPPORTED", `the root element is ${got}, wanted the bom of CycloneDX`);
  }
  return { bomFormat: "CycloneDX", specVersion: version, ...objectOf(root, bomRule) };
}

function objectOf(element: XmlElement, rule: XmlRule): JsonObject {
  const members: [string, JsonValue][] = [];
  for (const name of rule.attributes) {
    const value = element.attributes.get(name);
    if (value !== undefined) members.push([name, value]);
  }
  if (rule.text !== undefined) members.push([rule.text, element.text]);
  const byName = Map.groupBy(element.children, ({ name }) => name);
  for (const [member, name, form] of rule.children) {
    const elements = byName.get(name);
    if (elements === undefined) continue;
    if (elements.length > 1 && form.kind !== "repeat") {
      throw new ScError("DECODE_FAILED", `${quote(element.name)}: wanted ${quote(name)} once, got ${elements.length}`);
    }
    members.push([member, valueOf(elements, form)]);
  }
  if (rule.closed) {
    const known = new Set(rule.children.map(([, name]) => name));
    for (const { name, namespace: outer, text } of element.children) {
      if (outer === element.namespace && !known.has(name)) members.push([name, text]);
    }
  }
  return Object.fromEntries(members);
}

function valueOf(elements: readonly XmlElement[], form: XmlValue): JsonValue {
  const [first] = elements;
  switch (form.kind) {
    case "text":
      return first?.text ?? "";
    case "object":
      return first === undefined ? {} : objectOf(first, form.rule());
    case "list":
      return (first?.children ?? [])
        .filter(({ name }) => form.value.kind === "choice" || name === form.item)
        .map((one) => itemOf(one, form.value));
    case "repeat":
      break;
  }
  return elements.map((one) => itemOf(one, form.value));
}

function itemOf(element: XmlElement, form: XmlItem): JsonValue {
  switch (form.kind) {
    case "text":
      return element.text;
    case "reference":
      return element.attributes.get(form.attribute) ?? "";
    case "object":
      return objectOf(element, form.rule());
    case "choice":
      break;
  }
  return element.name === "expression" || element.name === "expression-detailed"
    ? objectOf(element, licenseRules[element.name])
    : { license: objectOf(element, licenseRules.license) };
}
