import { ScError } from "@sc/model";

/**
 * The bytes that a base64 text stands for: standard or URL-safe alphabet, padded or not, but never both alphabets, no
 * white space and no stray bits, so that one text stands for each value. Throws `BASE64_INVALID`.
 *
 * `Buffer.from` alone would skip what it does not know: two readers of one document could then see different bytes.
 */
export function decodeBase64(text: string, where: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") === text) return bytes;
  const bare = text.replace(/={1,2}$/, "");
  const padded = bare.length === text.length || text.length % 4 === 0;
  const canonical = bytes.toString("base64url") === bare || bytes.toString("base64").replace(/={1,2}$/, "") === bare;
  if (padded && canonical) return bytes;
  throw new ScError("BASE64_INVALID", `${where}: wanted canonical base64, got ${JSON.stringify(text.slice(0, 40))}`);
}

/** The standard base64 of bytes, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
