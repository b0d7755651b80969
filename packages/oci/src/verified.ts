import { createDigest, type Descriptor, type Digest, digestAlgorithm, digestOf, ScError } from "@sc/model";

/**
 * The same bytes, checked against the descriptor as they pass: the stream ends with an error, and never silently, when
 * size or digest are not the descriptor's. Throws `SIZE_MISMATCH` as soon as there is a byte too many, and
 * `DIGEST_MISMATCH` before the last chunk is handed out, so that nobody ever holds the whole of a bad blob.
 */
export async function* verifyContent(
  content: AsyncIterable<Uint8Array>,
  descriptor: Descriptor,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = createDigest(digestAlgorithm(descriptor.digest));
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    if (held !== undefined) yield held;
    size += chunk.length;
    if (size > descriptor.size) throw sizeMismatch(descriptor, `at least ${size}`, where);
    digest.update(chunk);
    held = chunk;
  }
  if (size < descriptor.size) throw sizeMismatch(descriptor, `${size}`, where);
  const got = digest.finish();
  if (got !== descriptor.digest) throw digestMismatch(descriptor, got, where);
  if (held !== undefined) yield held;
}

/** The bytes again, when size and digest are the descriptor's. Throws `SIZE_MISMATCH`, `DIGEST_MISMATCH`. */
export function verifyBytes(bytes: Uint8Array, descriptor: Descriptor, where: string): Uint8Array {
  if (bytes.length !== descriptor.size) throw sizeMismatch(descriptor, `${bytes.length}`, where);
  const got = digestOf(bytes, digestAlgorithm(descriptor.digest));
  if (got !== descriptor.digest) throw digestMismatch(descriptor, got, where);
  return bytes;
}

/** All bytes of a stream, never more than `maxBytes` of them. Throws `BLOB_TOO_LARGE`. */
export async function collect(
  content: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes: number; readonly where: string },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > options.maxBytes) throw tooLarge(options.where, `at least ${size}`, options.maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The error for content that is larger than what was asked for. */
export function tooLarge(where: string, got: string, maxBytes: number): ScError {
  return new ScError("BLOB_TOO_LARGE", `${where}: has ${got} bytes, at most ${maxBytes} are read`);
}

function sizeMismatch(descriptor: Descriptor, got: string, where: string): ScError {
  return new ScError(
    "SIZE_MISMATCH",
    `${where}: ${where.includes(descriptor.digest) ? "it" : descriptor.digest} has ${got} bytes, its descriptor says ${descriptor.size}`,
  );
}

function digestMismatch(descriptor: Descriptor, got: Digest, where: string): ScError {
  return new ScError("DIGEST_MISMATCH", `${where}: content has digest ${got}, wanted ${descriptor.digest}`);
}
