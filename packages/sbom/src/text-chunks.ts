/** Bytes of a chunk: large enough that handing it on costs nothing beside making it. */
const chunkBytes = 1 << 18;

/**
 * Pieces of text as chunks of UTF-8, none held longer than its chunk: what takes the chunks decides how much of a
 * document is in memory. Each chunk is its taker's own.
 */
export function* encodeText(pieces: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let chunk = new Uint8Array(chunkBytes);
  let used = 0;
  for (const piece of pieces) {
    // One UTF-16 code unit is at most three bytes of UTF-8.
    if (piece.length * 3 > chunkBytes - used && used > 0) {
      yield chunk.subarray(0, used);
      chunk = new Uint8Array(chunkBytes);
      used = 0;
    }
    if (piece.length * 3 > chunkBytes) yield encoder.encode(piece);
    else used += encoder.encodeInto(piece, chunk.subarray(used)).written;
  }
  if (used > 0) yield chunk.subarray(0, used);
}
