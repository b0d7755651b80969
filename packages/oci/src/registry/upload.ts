import { type Call, type Descriptor, digestOf, hasCode } from "@sc/model";
import { verifyContent } from "../verified.ts";
import { hasBlob } from "./blobs.ts";
import { uploadChunks } from "./chunked-upload.ts";
import { ask, failureOf, imageName, type Repository } from "./request.ts";
import { cancelUpload, closeUpload, openUpload, sessionOf, type UploadSession } from "./upload-session.ts";

const defaultChunkBytes = 16 * 1024 * 1024;
const maxChunkBytes = 128 * 1024 * 1024;

/** Stores bytes as a blob, in one request where the registry takes it. */
export async function pushBlob(
  repository: Repository,
  bytes: Uint8Array,
  { mediaType, call }: { readonly mediaType: string; readonly call: Call },
): Promise<Descriptor> {
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  if (repository.seen.pushed.has(descriptor.digest)) return descriptor;
  await pushWhole(repository, descriptor, { bytes, call });
  // The same empty configuration goes with every signature: it is sent once.
  repository.seen.pushed.add(descriptor.digest);
  return descriptor;
}

/**
 * Stores a blob from a stream: whole when it is small, else in chunks that can be taken up again when a connection
 * breaks, and as one stream where the registry takes no chunks. Throws `SIZE_MISMATCH` and `DIGEST_MISMATCH` before
 * the last bytes are sent, so that nothing is stored.
 */
export async function writeBlob(
  repository: Repository,
  descriptor: Descriptor,
  { content, call }: { readonly content: AsyncIterable<Uint8Array>; readonly call: Call },
): Promise<void> {
  const { chunkBytes = defaultChunkBytes } = repository.session.options;
  const verified = verifyContent(content, descriptor, imageName(repository, descriptor.digest));
  if (descriptor.size <= chunkBytes) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of verified) chunks.push(chunk);
    await pushWhole(repository, descriptor, { bytes: Buffer.concat(chunks), call });
    return;
  }
  const session = await openUpload(repository, call);
  const size = Math.max(chunkBytes, session.minChunkBytes);
  const reported = report(verified, repository, { descriptor, call });
  if (size > maxChunkBytes || repository.session.withoutChunks.has(repository.base.origin)) {
    await uploadStream(repository, session, { descriptor, content: reported, call });
    return;
  }
  const source = new ChunkReader(reported, size);
  let first: Uint8Array;
  try {
    first = (await source.next()) ?? new Uint8Array(0);
  } catch (error) {
    await cancelUpload(repository, session, call);
    throw error;
  }
  const done = await uploadChunks(repository, session, { descriptor, first, source, call });
  if (done) return;
  repository.session.withoutChunks.add(repository.base.origin);
  const again = await openUpload(repository, call);
  await uploadStream(repository, again, { descriptor, content: source.rest(first), call });
}

/** Takes a blob over from another repository of the registry; false when the registry does not. */
export async function mountBlob(
  repository: Repository,
  descriptor: Descriptor,
  { from, call }: { readonly from: string; readonly call: Call },
): Promise<boolean> {
  try {
    const answer = await ask(repository, {
      method: "POST",
      at: `blobs/uploads/?mount=${encodeURIComponent(descriptor.digest)}&from=${encodeURIComponent(from)}`,
      body: new Uint8Array(0),
      actions: ["pull", "push"],
      alsoPull: from,
      retry: true,
      call,
    });
    await answer.response[Symbol.asyncDispose]();
    if (answer.response.status === 201) return true;
    if (answer.response.status === 202) await cancelUpload(repository, sessionOf(answer), call);
    return false;
  } catch (error) {
    // A token for both repositories may be refused where one for the target alone is not.
    if (hasCode(error, "OCI_UNAUTHORIZED")) return false;
    throw error;
  }
}

interface Whole {
  readonly bytes: Uint8Array;
  readonly call: Call;
}

async function pushWhole(repository: Repository, descriptor: Descriptor, { bytes, call }: Whole): Promise<void> {
  const session = (await postWhole(repository, descriptor, { bytes, call })) ?? undefined;
  if (session === "done") return;
  try {
    await closeUpload(repository, session ?? (await openUpload(repository, call)), { descriptor, body: bytes, call });
  } catch (error) {
    // When only the answer was lost, the repeated request finds its upload gone and the blob in place.
    if (hasCode(error, "REGISTRY_REFUSED") && (await hasBlob(repository, descriptor, call))) return;
    throw error;
  }
}

/** Sends a blob in a single POST: `"done"`, the upload that was opened instead, or `undefined` when that is refused. */
async function postWhole(
  repository: Repository,
  descriptor: Descriptor,
  { bytes, call }: Whole,
): Promise<"done" | UploadSession | undefined> {
  const { withoutMonolithicPost } = repository.session;
  if (withoutMonolithicPost.has(repository.base.origin)) return undefined;
  const answer = await ask(repository, {
    method: "POST",
    at: `blobs/uploads/?digest=${encodeURIComponent(descriptor.digest)}`,
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
    actions: ["pull", "push"],
    // Storing the same content twice is storing it once.
    retry: true,
    call,
  });
  const { status } = answer.response;
  if (status !== 201 && status !== 202 && ![400, 404, 405, 411, 415, 501].includes(status))
    throw await failureOf(answer);
  await answer.response[Symbol.asyncDispose]();
  if (status === 201) return "done";
  withoutMonolithicPost.add(repository.base.origin);
  return status === 202 ? sessionOf(answer) : undefined;
}

interface Streamed {
  readonly descriptor: Descriptor;
  readonly content: AsyncIterable<Uint8Array>;
  readonly call: Call;
}

async function uploadStream(repository: Repository, session: UploadSession, streamed: Streamed): Promise<void> {
  const { descriptor, content, call } = streamed;
  try {
    await closeUpload(repository, session, { descriptor, body: content, call });
  } catch (error) {
    await cancelUpload(repository, session, call);
    throw error;
  }
}

async function* report(
  content: AsyncIterable<Uint8Array>,
  repository: Repository,
  { descriptor, call }: { readonly descriptor: Descriptor; readonly call: Call },
): AsyncGenerator<Uint8Array, void, undefined> {
  let doneBytes = 0;
  for await (const chunk of content) {
    yield chunk;
    doneBytes += chunk.byteLength;
    const { digest, size: totalBytes } = descriptor;
    call.onProgress?.({ type: "blob", action: "push", subject: imageName(repository), digest, doneBytes, totalBytes });
  }
}

/** Cuts a stream into chunks of one size, the last one shorter. */
class ChunkReader {
  readonly #content: AsyncIterator<Uint8Array>;
  readonly #size: number;
  #left: Uint8Array = new Uint8Array(0);

  constructor(content: AsyncIterable<Uint8Array>, size: number) {
    this.#content = content[Symbol.asyncIterator]();
    this.#size = size;
  }

  async next(): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < this.#size) {
      const part = this.#left.byteLength > 0 ? { done: false, value: this.#left } : await this.#content.next();
      this.#left = new Uint8Array(0);
      if (part.done === true) break;
      const taken = part.value.subarray(0, this.#size - length);
      this.#left = part.value.subarray(taken.byteLength);
      parts.push(taken);
      length += taken.byteLength;
    }
    return length === 0 ? undefined : Buffer.concat(parts, length);
  }

  /** The stream again, from a chunk that was taken on. */
  async *rest(first: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = await this.next()) yield chunk;
  }
}
