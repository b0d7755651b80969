import type { HttpResponse } from "@sc/http";
import { type Call, type Descriptor, type FetchBlobOptions, isScError, ScError } from "@sc/model";
import type { OpenBlobOptions } from "../source.ts";
import { collect, tooLarge, verifyContent } from "../verified.ts";
import { ask, failureOf, imageName, type Repository } from "./request.ts";

// A download that breaks is taken up again as long as it comes forward; this often in a row without coming forward.
const maxStalls = 3;
const progressBytes = 64 * 1024;
const maxForeignUrls = 4;

/** Whether the repository holds a blob. */
export async function hasBlob(repository: Repository, descriptor: Descriptor, call: Call = {}): Promise<boolean> {
  const answer = await ask(repository, { method: "HEAD", at: `blobs/${descriptor.digest}`, call });
  const { status } = answer.response;
  await answer.response[Symbol.asyncDispose]();
  if (status === 200) return true;
  if (status === 404) return false;
  throw await failureOf(answer);
}

/**
 * The bytes of a blob, verified while they pass: the last chunk is given out only when size and digest are right. A
 * connection that breaks is taken up again where it broke. Throws `BLOB_NOT_FOUND`; the stream throws
 * `SIZE_MISMATCH`, `DIGEST_MISMATCH` and what the connection throws.
 */
export async function openBlob(
  repository: Repository,
  descriptor: Descriptor,
  options: OpenBlobOptions = {},
): Promise<AsyncIterable<Uint8Array>> {
  const first = await requestBlob(repository, descriptor, { from: 0, options });
  const content = resumed(repository, descriptor, { first, options });
  const verified = verifyContent(content, descriptor, imageName(repository, descriptor.digest));
  return options.onProgress === undefined
    ? verified
    : reported(verified, options, { subject: imageName(repository), descriptor });
}

/** A small blob, whole and verified. Throws `BLOB_TOO_LARGE` before asking when the descriptor says more. */
export async function fetchBlob(
  repository: Repository,
  descriptor: Descriptor,
  { maxBytes, ...call }: FetchBlobOptions,
): Promise<Uint8Array> {
  const where = imageName(repository, descriptor.digest);
  if (descriptor.size > maxBytes) throw tooLarge(where, String(descriptor.size), maxBytes);
  return await collect(await openBlob(repository, descriptor, call), { maxBytes, where });
}

interface BlobRequest {
  readonly from: number;
  readonly options: OpenBlobOptions;
}

/** The answer that holds the blob from a byte on, or as a whole when the server has no ranges. */
async function requestBlob(
  repository: Repository,
  descriptor: Descriptor,
  request: BlobRequest,
): Promise<HttpResponse> {
  const { from, options } = request;
  const headers = from === 0 ? {} : { range: `bytes=${from}-${descriptor.size - 1}` };
  const answer = await ask(repository, { at: `blobs/${descriptor.digest}`, headers, call: options });
  const { response } = answer;
  if (response.status === 404) {
    await response[Symbol.asyncDispose]();
    const foreign =
      options.unsafeFollowForeignUrls === true ? await requestForeign(repository, descriptor, request) : undefined;
    if (foreign !== undefined) return foreign;
    throw new ScError(
      "BLOB_NOT_FOUND",
      `${imageName(repository, descriptor.digest)}: the registry does not hold this blob`,
      {
        facts: { image: imageName(repository), sent: answer.asked.sent },
      },
    );
  }
  if (response.status !== 200 && response.status !== 206) throw await failureOf(answer);
  return await checkedAnswer(response, descriptor, { from, where: imageName(repository, descriptor.digest) });
}

async function requestForeign(
  repository: Repository,
  descriptor: Descriptor,
  { from, options }: BlobRequest,
): Promise<HttpResponse | undefined> {
  for (const url of (descriptor.urls ?? []).slice(0, maxForeignUrls)) {
    if (!url.startsWith("https://")) continue;
    const response = await repository.session.http.request({
      url,
      headers: from === 0 ? {} : { range: `bytes=${from}-${descriptor.size - 1}` },
      namedBy: repository.base,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    if (response.status === 200 || response.status === 206) {
      return await checkedAnswer(response, descriptor, { from, where: imageName(repository, descriptor.digest) });
    }
    await response[Symbol.asyncDispose]();
  }
  return undefined;
}

async function checkedAnswer(
  response: HttpResponse,
  descriptor: Descriptor,
  { from, where }: { readonly from: number; readonly where: string },
): Promise<HttpResponse> {
  const length = response.headers["content-length"];
  const wanted = response.status === 206 ? descriptor.size - from : descriptor.size;
  const rightPart = response.status === 200 || rangeStart(response.headers["content-range"]) === from;
  if (rightPart && (length === undefined || Number(length) === wanted)) return response;
  await response[Symbol.asyncDispose]();
  if (!rightPart) {
    throw new ScError(
      "REGISTRY_RESPONSE_INVALID",
      `${where}: wanted the blob from byte ${from} on and got another part`,
    );
  }
  throw sizeMismatch(where, `${Number(length)} bytes`, wanted);
}

function rangeStart(header: string | undefined): number | undefined {
  const start = /^bytes (\d{1,15})-/.exec(header ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

interface Download {
  readonly first: HttpResponse;
  readonly options: OpenBlobOptions;
}

async function* reported(
  content: AsyncIterable<Uint8Array>,
  { onProgress }: Call,
  { subject, descriptor }: { readonly subject: string; readonly descriptor: Descriptor },
): AsyncGenerator<Uint8Array, void, undefined> {
  let doneBytes = 0;
  for await (const chunk of content) {
    doneBytes += chunk.byteLength;
    yield chunk;
    const { digest, size: totalBytes } = descriptor;
    onProgress?.({ type: "blob", action: "fetch", subject, digest, doneBytes, totalBytes });
  }
}

/** The bytes of a blob, going on where a connection broke; not verified. */
async function* resumed(
  repository: Repository,
  descriptor: Descriptor,
  { first, options }: Download,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { clock } = repository.session;
  let done = 0;
  let stalls = 0;
  let response = first;
  for (;;) {
    const before = done;
    // A server without ranges begins anew: what has passed already is passed over.
    const content = response.status === 206 ? response.body : behind(response.body, done);
    let broken: ScError | undefined;
    try {
      for await (const chunk of content) {
        done += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      if (!isScError(error) || error.retryable !== true) throw error;
      broken = error;
    }
    // Whether what came is right is for the digest to say, also when the connection broke behind the last byte.
    if (done >= descriptor.size) return;
    stalls = done - before >= progressBytes ? 0 : stalls + 1;
    if (stalls >= maxStalls) {
      throw broken ?? sizeMismatch(imageName(repository, descriptor.digest), `${done} bytes`, descriptor.size);
    }
    await clock.sleep(250 * 2 ** stalls * (0.5 + clock.random() / 2), options.signal);
    response = await requestBlob(repository, descriptor, { from: done, options });
  }
}

async function* behind(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes;
  for await (const chunk of content) {
    const fresh = chunk.subarray(Math.min(left, chunk.byteLength));
    left -= chunk.byteLength - fresh.byteLength;
    if (fresh.byteLength > 0) yield fresh;
  }
}

function sizeMismatch(where: string, got: string, wanted: number): ScError {
  return new ScError("SIZE_MISMATCH", `${where}: got ${got}, wanted ${wanted}`, {
    hint: "Do not use it: what the registry holds is not what the manifest names.",
  });
}
