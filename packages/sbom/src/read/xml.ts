import { ScError } from "@sc/model";
import { quote } from "./token.ts";

/** An element of an XML document, names without their namespace prefixes. */
export interface XmlElement {
  readonly name: string;
  /** The namespace of the element; empty when there is none. */
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside it, pieces joined. */
  readonly text: string;
}

/** Elements inside elements: nested components of real documents stay below 20. */
const maxDepth = 500;
/** A document of the largest size that is read has fewer. */
const maxElements = 20_000_000;
const maxAttributes = 200;

/**
 * The root element of an XML document.
 *
 * A document type declaration is refused whatever is in it, so that there are no entities besides the five that XML
 * has itself, and nothing is ever fetched. Comments and processing instructions are passed over.
 * Throws `XML_INVALID`.
 *
 * @see https://www.w3.org/TR/xml/
 */
export function parseXml(text: string, where: string): XmlElement {
  return new XmlParser(text, where).parse();
}

interface OpenElement {
  readonly qualified: string;
  readonly name: string;
  readonly namespace: string;
  readonly namespaces: ReadonlyMap<string, string>;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const namePattern = /[A-Za-z_][\w.:-]*/y;
const attributePattern = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEndPattern = /\s*(\/?)>/y;

class XmlParser {
  readonly #text: string;
  readonly #where: string;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #elements = 0;
  #root: XmlElement | undefined;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  parse(): XmlElement {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf("<", this.#at);
      this.#addText(this.#text.slice(this.#at, next === -1 ? this.#text.length : next));
      if (next === -1) break;
      this.#at = next;
      this.#markup();
    }
    const [unclosed] = this.#open;
    if (unclosed !== undefined) throw this.#wrong(`${quote(unclosed.qualified)} is not closed`);
    if (this.#root === undefined) throw this.#wrong("there is no element");
    return this.#root;
  }

  #markup(): void {
    const text = this.#text;
    if (text.startsWith("<!--", this.#at)) this.#skip("-->");
    else if (text.startsWith("<?", this.#at)) this.#skip("?>");
    else if (text.startsWith("<![CDATA[", this.#at)) {
      const begin = this.#at + "<![CDATA[".length;
      this.#skip("]]>");
      this.#addLiteral(text.slice(begin, this.#at - "]]>".length));
    } else if (text.startsWith("<!", this.#at)) {
      throw this.#wrong("a document type declaration is not allowed");
    } else if (text[this.#at + 1] === "/") this.#close();
    else this.#begin();
  }

  #skip(end: string): void {
    const at = this.#text.indexOf(end, this.#at + 2);
    if (at === -1) throw this.#wrong(`${quote(end)} is missing`);
    this.#at = at + end.length;
  }

  #begin(): void {
    const { qualified, attributes } = this.#tag();
    if (this.#root !== undefined) throw this.#wrong("there is a second root element");
    this.#elements += 1;
    if (this.#elements > maxElements) throw this.#wrong(`there are more than ${maxElements} elements`);
    const namespaces = this.#namespaces(attributes);
    const colon = qualified.indexOf(":");
    this.#open.push({
      qualified,
      name: qualified.slice(colon + 1),
      namespace: namespaces.get(qualified.slice(0, Math.max(colon, 0))) ?? "",
      namespaces,
      attributes,
      children: [],
      text: "",
    });
    if (this.#open.length > maxDepth) throw this.#wrong(`elements are nested deeper than ${maxDepth} levels`);
    tagEndPattern.lastIndex = this.#at;
    const end = tagEndPattern.exec(this.#text);
    if (end === null) throw this.#wrong(`the tag of ${quote(qualified)} does not end`);
    this.#at = tagEndPattern.lastIndex;
    if (end[1] === "/") this.#finish();
  }

  #namespaces(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const inherited = this.#open.at(-1)?.namespaces ?? new Map<string, string>();
    const declared = [...attributes].filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"));
    if (declared.length === 0) return inherited;
    if (inherited.size > maxAttributes) throw this.#wrong(`there are more than ${maxAttributes} namespaces`);
    return new Map([...inherited, ...declared.map(([name, value]) => [name.slice("xmlns:".length), value] as const)]);
  }

  #tag(): { readonly qualified: string; readonly attributes: ReadonlyMap<string, string> } {
    namePattern.lastIndex = this.#at + 1;
    const qualified = namePattern.exec(this.#text)?.[0];
    if (qualified === undefined) throw this.#wrong("a tag has no name");
    this.#at = namePattern.lastIndex;
    const attributes = new Map<string, string>();
    attributePattern.lastIndex = this.#at;
    for (let match = attributePattern.exec(this.#text); match !== null; match = attributePattern.exec(this.#text)) {
      const [, name = "", double, single = ""] = match;
      if (attributes.has(name)) throw this.#wrong(`the attribute ${quote(name)} stands twice`);
      if (attributes.size >= maxAttributes) throw this.#wrong(`there are more than ${maxAttributes} attributes`);
      attributes.set(name, this.#decode((double ?? single).replaceAll(/\r\n|[\t\r\n]/g, " ")));
      this.#at = attributePattern.lastIndex;
    }
    return { qualified, attributes };
  }

  #close(): void {
    namePattern.lastIndex = this.#at + 2;
    const qualified = namePattern.exec(this.#text)?.[0];
    const open = this.#open.at(-1);
    if (open === undefined || qualified !== open.qualified) {
      throw this.#wrong(`${quote(qualified ?? "")} is closed, wanted ${quote(open?.qualified ?? "")}`);
    }
    tagEndPattern.lastIndex = namePattern.lastIndex;
    if (tagEndPattern.exec(this.#text)?.[1] !== "") throw this.#wrong(`the end of ${quote(qualified)} is broken`);
    this.#at = tagEndPattern.lastIndex;
    this.#finish();
  }

  #finish(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { name, namespace, attributes, children, text } = element;
    const finished: XmlElement = { name, namespace, attributes, children, text };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = finished;
    else parent.children.push(finished);
  }

  #addText(raw: string): void {
    if (raw !== "") this.#addLiteral(this.#decode(raw.replaceAll(/\r\n?/g, "\n")));
  }

  #addLiteral(text: string): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.text += text;
    else if (text.replace("\uFEFF", "").trim() !== "") throw this.#wrong("there is text outside the root element");
  }

  #decode(raw: string): string {
    if (!raw.includes("&")) return raw;
    return raw.replaceAll(/&([^;&]{0,12});?/g, (whole, name: string) => {
      const character = whole.endsWith(";") ? characterOf(name) : undefined;
      if (character === undefined) throw this.#wrong(`${quote(whole)} is no character that XML itself knows`);
      return character;
    });
  }

  #wrong(what: string): ScError {
    return new ScError("XML_INVALID", `${this.#where}: not an XML document: character ${this.#at}: ${what}`);
  }
}

const predefined: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

function characterOf(name: string): string | undefined {
  const known = predefined.get(name);
  if (known !== undefined) return known;
  const match = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
  if (match === null) return undefined;
  const point = match[1] === undefined ? Number(match[2]) : Number.parseInt(match[1], 16);
  const allowed = point === 9 || point === 10 || point === 13 || (point >= 0x20 && point <= 0x10_ffff);
  return allowed && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : undefined;
}
