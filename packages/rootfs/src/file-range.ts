import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import type { FileRange } from "./layer.ts";

const chunkBytes = 512 * 1024;

/**
 * The bytes of a stretch of a file, through two buffers in turn: each chunk is valid until the next one is asked for,
 * and the next one is read while it is at work.
 */
export async function* readFileRange({ path, offset, length }: FileRange): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  const end = offset + length;
  const read = async (buffer: Buffer, at: number): Promise<Uint8Array> => {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
    return buffer.subarray(0, bytesRead);
  };
  const size = Math.min(chunkBytes, length);
  let [now, next] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
  let reading = read(now, offset);
  for (let at = offset; at < end;) {
    const chunk = await reading;
    if (chunk.length === 0) return;
    at += chunk.length;
    if (at < end) reading = read(next, at);
    // When the consumer stops early nobody waits for this one.
    reading.catch(() => undefined);
    yield chunk;
    [now, next] = [next, now];
  }
}
