/** How a stream is compressed; `none` is anything that is neither gzip nor zstd. */
export type Compression = "gzip" | "zstd" | "none";

/** Bytes that `detectCompression` needs to be certain. */
export const compressionMagicBytes: number = 4;

/**
 * The compression that the first bytes of a stream show, by magic number alone.
 *
 * Given fewer than `compressionMagicBytes`, the answer is `none`: nothing that short is a compressed stream.
 *
 * @see https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
export function detectCompression(first: Uint8Array): Compression {
  if (first.length < compressionMagicBytes) return "none";
  const [a, b, c, d] = first;
  if (a === 0x1f && b === 0x8b && c === 0x08) return "gzip";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zstd";
  // A skippable frame, 0x184D2A50 to 0x184D2A5F: seekable writers put one first.
  if (a !== undefined && a >= 0x50 && a <= 0x5f && b === 0x2a && c === 0x4d && d === 0x18) return "zstd";
  return "none";
}
