import { describeSystemCode, ScError } from "@sc/model";
import type { OutputStream } from "./main.ts";

/**
 * Writes a result to standard output. Whoever reads it may stop reading, as `sc … | head` does: then the rest is left out,
 * and the exit code is still that of the result. Throws `OUTPUT_UNWRITABLE` where it cannot be written for another
 * reason, such as a full disk.
 */
export async function writeResult(
  stream: OutputStream,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    if (typeof content === "string" || content instanceof Uint8Array) return await writeChunk(stream, content);
    for await (const chunk of content) await writeChunk(stream, chunk);
  } catch (cause) {
    if (cause instanceof UnreadError) return;
    throw cause;
  }
}

/** Writes what is told beside a result, or of a failure. Where nobody reads it, or it cannot be written, nothing is said. */
export async function writeNotice(stream: OutputStream, text: string): Promise<void> {
  await writeChunk(stream, text).catch(() => {});
}

class UnreadError extends Error {}

async function writeChunk(stream: OutputStream, chunk: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error === undefined || error === null) resolve();
      // A stream that failed once is destroyed, and says only that: why, its first error says.
      else reject(outputError(stream.errored ?? error));
    });
  });
}

function outputError(cause: Error): Error {
  const code = "code" in cause ? String(cause.code) : cause.message;
  if (code === "EPIPE") return new UnreadError(code);
  return new ScError("OUTPUT_UNWRITABLE", `standard output: cannot be written: ${describeSystemCode(code)}`, { cause });
}
