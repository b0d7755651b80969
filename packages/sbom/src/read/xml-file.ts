import type { Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { limits } from "../limits.ts";
import { malformed } from "./too-large.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** The root element of an XML file: in UTF-8, in UTF-16 by its byte order mark, or in Latin letters when it says so. */
export function openXml(file: CapturedFile): { readonly content: XmlElement } | Problem {
  const bytes = file.bytes(limits.maxManifestBytes);
  const root = parseXml(new TextDecoder(encodingOf(bytes)).decode(bytes));
  return typeof root === "string" ? malformed(file, root) : { content: root };
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const head = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  return /^<\?xml[^>]*encoding=["'](?:iso-8859-1|windows-1252|us-ascii)["']/i.test(head) ? "windows-1252" : "utf-8";
}
