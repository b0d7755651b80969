import { isScError, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { limits } from "../limits.ts";
import { malformed } from "./too-large.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** The root element of an XML file: in UTF-8, in UTF-16 by its byte order mark, or in Latin letters when it says so. */
export function openXml(file: CapturedFile): { readonly content: XmlElement } | Problem {
  const bytes = file.bytes(limits.maxManifestBytes);
  try {
    return { content: parseXml(new TextDecoder(encodingOf(bytes)).decode(bytes), file.path) };
  } catch (error) {
    if (isScError(error) && error.code === "XML_INVALID") return malformed(file, "not an XML document");
    throw error;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const head = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  return /^<\?xml[^>]*encoding=["'](?:iso-8859-1|windows-1252|us-ascii)["']/i.test(head) ? "windows-1252" : "utf-8";
}

/** The children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** The text of the first child of that name, trimmed; `undefined` when it is absent or empty. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  const text = childOf(element, name)?.text.trim();
  return text === "" ? undefined : text;
}
