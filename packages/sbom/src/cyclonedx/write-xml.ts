import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import type { Bom } from "./write-bom.ts";
import {
  componentRule,
  compositionRule,
  dependencyRule,
  licenseRules,
  metadataRule,
  type XmlItem,
  type XmlRule,
  type XmlValue,
} from "./xml-grammar.ts";

/**
 * A CycloneDX document as XML, in pieces of text, one component a line. What XML cannot hold, control characters,
 * stands in it as U+FFFD.
 *
 * @see https://cyclonedx.org/docs/1.6/xml/
 */
export function* xmlPieces({ head, components, dependencies, compositions }: Bom): Generator<string> {
  const { specVersion, serialNumber, version, metadata } = head;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n`;
  yield `<bom xmlns="http://cyclonedx.org/schema/bom/${plain(specVersion)}"${attribute("serialNumber", serialNumber)}${attribute("version", version)}>\n`;
  yield `  ${element("metadata", isJsonObject(metadata) ? metadata : {}, metadataRule)}\n`;
  yield* section("components", components, (one) => element("component", one, componentRule));
  yield* section("dependencies", dependencies, (one) => element("dependency", one, dependencyRule));
  yield* section("compositions", compositions, (one) => element("composition", one, compositionRule));
  yield "</bom>\n";
}

function* section(name: string, all: Iterable<JsonObject>, write: (one: JsonObject) => string): Generator<string> {
  yield `  <${name}>\n`;
  for (const one of all) yield `    ${write(one)}\n`;
  yield `  </${name}>\n`;
}

// Text is added to text here, without lists between: this is where the time of a large document goes.
function element(name: string, value: JsonObject, rule: XmlRule): string {
  let begin = `<${name}`;
  for (const member of rule.attributes) begin += attribute(member, value[member]);
  let inner = rule.text === undefined ? "" : escapeText(plain(value[rule.text]));
  for (const [member, child, form] of rule.children) {
    const present = value[member];
    if (present !== undefined) inner += written(child, present, form);
  }
  return inner === "" ? `${begin}/>` : `${begin}>${inner}</${name}>`;
}

function written(name: string, value: JsonValue, form: XmlValue): string {
  switch (form.kind) {
    case "text":
      return `<${name}>${escapeText(plain(value))}</${name}>`;
    case "object":
      return element(name, isJsonObject(value) ? value : {}, form.rule());
    case "list":
      return `<${name}>${repeated(form.item, value, form.value)}</${name}>`;
    case "repeat":
      break;
  }
  return repeated(name, value, form.value);
}

function repeated(name: string, value: JsonValue, form: XmlItem): string {
  let text = "";
  for (const one of items(value)) text += item(name, one, form);
  return text;
}

/** What XML repeats is one value alone in some versions of the JSON. */
function items(value: JsonValue): readonly JsonValue[] {
  return isJsonArray(value) ? value : [value];
}

function item(name: string, value: JsonValue, form: XmlItem): string {
  switch (form.kind) {
    case "text":
      return `<${name}>${escapeText(plain(value))}</${name}>`;
    case "reference":
      return `<${name}${attribute(form.attribute, value)}/>`;
    case "object":
      return element(name, isJsonObject(value) ? value : {}, form.rule());
    case "choice":
      break;
  }
  return licenseChoice(isJsonObject(value) ? value : {});
}

function licenseChoice(value: JsonObject): string {
  const { license } = value;
  return isJsonObject(license)
    ? element("license", license, licenseRules.license)
    : element("expression", value, licenseRules.expression);
}

function attribute(name: string, value: JsonValue | undefined): string {
  if (value === undefined) return "";
  const escaped = escapeText(plain(value));
  return ` ${name}="${/["\n\t]/.test(escaped) ? escapeAttribute(escaped) : escaped}"`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}

function plain(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

const markup: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/** Text of which every sign stands for itself: nearly all there is. */
const plainText = /^[\t\n\u0020-%'-;=?-\uD7FF\uE000-\uFFFD]*$/;

function escapeText(text: string): string {
  if (plainText.test(text)) return text;
  return xmlText(text).replaceAll(/[&<>\r]/g, (sign) => markup[sign] ?? sign);
}

/** The text with what XML cannot hold replaced: control characters, halves of surrogate pairs and two non-characters. */
function xmlText(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
