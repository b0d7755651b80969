import { isJsonObject, type JsonValue, parseJson, ScError } from "@sc/model";
import { parseXml, type XmlElement } from "./read/xml.ts";

/** A document as far as it can be read without knowing its format. */
export type DocumentSyntax =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "xml"; readonly root: XmlElement }
  | { readonly kind: "text"; readonly text: string };

/** The largest document that is read: the engine's longest text is a little over 500 MiB. */
export const maxDocumentBytes: number = 400 * 1024 * 1024;

/** Values inside values: the deepest real documents have fewer than 30. */
const maxDepth = 1000;

/**
 * Takes a document apart by its first character: JSON, XML, or plain text. `where` names it in errors.
 *
 * Throws `DOCUMENT_TOO_LARGE`, `JSON_INVALID`, `XML_INVALID`, and `DOCUMENT_UNSUPPORTED` for text that is not UTF-8.
 */
export function parseSyntax(document: Uint8Array, where: string): DocumentSyntax {
  if (document.length > maxDocumentBytes) {
    throw new ScError("DOCUMENT_TOO_LARGE", `${where}: ${document.length} bytes, wanted at most ${maxDocumentBytes}`);
  }
  const first = firstByte(document);
  if (first === 0x7b || first === 0x5b) {
    checkDepth(document, where);
    return { kind: "json", value: parseJson(document, where) };
  }
  const text = decodeText(document, where);
  return first === 0x3c ? { kind: "xml", root: parseXml(text, where) } : { kind: "text", text };
}

/** The first byte that is neither white space nor part of a byte order mark. */
function firstByte(document: Uint8Array): number | undefined {
  return document.subarray(0, 4096).find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
}

function decodeText(document: Uint8Array, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(document);
  } catch (cause) {
    throw new ScError("DOCUMENT_UNSUPPORTED", `${where}: is not UTF-8`, { cause });
  }
}

/** What is nested deeper than any document would exhaust the stack of whoever walks it. */
function checkDepth(document: Uint8Array, where: string): void {
  let depth = 0;
  for (let at = 0; at < document.length; at += 1) {
    const byte = document[at];
    if (byte === 0x22) at = endOfString(document, at);
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (depth > maxDepth) {
      throw new ScError("JSON_INVALID", `${where}: values are nested deeper than ${maxDepth} levels`);
    }
  }
}

/** The place of the quotation mark that ends the string beginning at `start`. */
function endOfString(document: Uint8Array, start: number): number {
  let end = document.indexOf(0x22, start + 1);
  while (end !== -1) {
    let escapes = 0;
    while (document[end - 1 - escapes] === 0x5c) escapes += 1;
    if (escapes % 2 === 0) return end;
    end = document.indexOf(0x22, end + 1);
  }
  return document.length;
}

/** Whether a document is a JSON object that has a member of that name. */
export function hasMember(syntax: DocumentSyntax, name: string): boolean {
  return syntax.kind === "json" && isJsonObject(syntax.value) && Object.hasOwn(syntax.value, name);
}

/** The value of a document in JSON. Throws `DOCUMENT_UNSUPPORTED` for others, as the two below do for theirs. */
export function jsonOf(syntax: DocumentSyntax): JsonValue {
  if (syntax.kind === "json") return syntax.value;
  throw otherSyntax(syntax, "json");
}

/** The root element of a document in XML. */
export function rootOf(syntax: DocumentSyntax): XmlElement {
  if (syntax.kind === "xml") return syntax.root;
  throw otherSyntax(syntax, "xml");
}

/** The text of a document that is neither. */
export function textOf(syntax: DocumentSyntax): string {
  if (syntax.kind === "text") return syntax.text;
  throw otherSyntax(syntax, "text");
}

function otherSyntax({ kind }: DocumentSyntax, wanted: DocumentSyntax["kind"]): ScError {
  return new ScError("DOCUMENT_UNSUPPORTED", `document: got ${kind}, wanted ${wanted}`);
}
