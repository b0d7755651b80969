import { type Call, type Descriptor, hasCode, isScError, ScError } from "@sc/model";
import { hasBlob } from "./blobs.ts";
import { ask, failureOf, imageName, type Repository, type RepositoryResponse } from "./request.ts";
import { cancelUpload, closeUpload, sessionOf, type UploadSession } from "./upload-session.ts";

const maxStalls = 3;

/** Where chunks come from: each at most once, `undefined` at the end. */
export interface ChunkSource {
  next(): Promise<Uint8Array | undefined>;
}

/** An upload in chunks. */
export interface ChunkedUpload {
  readonly descriptor: Descriptor;
  /** The first chunk, kept by the caller in case the registry takes none. */
  readonly first: Uint8Array;
  readonly source: ChunkSource;
  readonly call: Call;
}

/**
 * Uploads a blob chunk by chunk; after a broken connection asks how far the registry came and goes on from there.
 * False, with nothing taken from the source, when the registry refuses the first chunk as such. Gives the upload up
 * when it fails.
 */
export async function uploadChunks(
  repository: Repository,
  opened: UploadSession,
  upload: ChunkedUpload,
): Promise<boolean> {
  const { descriptor, first, source, call } = upload;
  const position = { session: opened, stored: 0, stalls: 0 };
  try {
    let start = 0;
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = await source.next()) {
      const taken = await sendChunk(repository, position, { chunk, start, call });
      if (!taken) {
        await cancelUpload(repository, position.session, call);
        return false;
      }
      start += chunk.byteLength;
    }
    await closeUpload(repository, position.session, { descriptor, body: new Uint8Array(0), call });
    return true;
  } catch (error) {
    // When only the last answer was lost, the upload is gone and the blob in place.
    if (
      position.stored === descriptor.size &&
      hasCode(error, "REGISTRY_REFUSED") &&
      (await hasBlob(repository, descriptor, call))
    )
      return true;
    await cancelUpload(repository, position.session, call);
    throw error;
  }
}

interface Position {
  session: UploadSession;
  /** How many bytes the registry has. */
  stored: number;
  /** How often in a row it did not come forward. */
  stalls: number;
}

interface Chunk {
  readonly chunk: Uint8Array;
  /** Where in the blob it begins. */
  readonly start: number;
  readonly call: Call;
}

/** Sends one chunk, in as many pieces as it takes; false when the registry takes no chunks at all. */
async function sendChunk(repository: Repository, position: Position, { chunk, start, call }: Chunk): Promise<boolean> {
  const end = start + chunk.byteLength;
  while (position.stored < end) {
    const before = position.stored;
    const outcome = await patch(repository, position, { bytes: chunk.subarray(before - start), call });
    if (outcome === "unsupported") return false;
    position.stalls = position.stored > before ? 0 : position.stalls + 1;
    if (position.stalls >= maxStalls) throw outcome.error ?? stuck(repository, position);
    if (position.stored < start || position.stored > end) throw stuck(repository, position);
    if (outcome.error !== undefined) {
      const { clock } = repository.session;
      await clock.sleep(250 * 2 ** position.stalls * (0.5 + clock.random() / 2), call.signal);
    }
  }
  return true;
}

type Outcome = "unsupported" | { readonly error?: ScError };

async function patch(
  repository: Repository,
  position: Position,
  { bytes, call }: { readonly bytes: Uint8Array; readonly call: Call },
): Promise<Outcome> {
  const { stored, session } = position;
  let answer: RepositoryResponse;
  try {
    answer = await ask(repository, {
      method: "PATCH",
      at: session.location,
      headers: {
        "content-type": "application/octet-stream",
        "content-range": `${stored}-${stored + bytes.byteLength - 1}`,
      },
      body: bytes,
      actions: ["pull", "push"],
      call,
    });
  } catch (error) {
    if (!isScError(error) || error.retryable !== true) throw error;
    await refresh(repository, position, call);
    return { error };
  }
  const { status } = answer.response;
  if ([200, 201, 202, 204].includes(status)) {
    await answer.response[Symbol.asyncDispose]();
    if (answer.response.headers["location"] !== undefined) position.session = sessionOf(answer);
    position.stored = storedBytes(answer) ?? stored + bytes.byteLength;
    return {};
  }
  const error = await failureOf(answer);
  if (status === 416 || status >= 500 || status === 429) {
    await refresh(repository, position, call);
    return { error };
  }
  if (stored === 0 && [400, 404, 405, 411, 415].includes(status)) return "unsupported";
  throw error;
}

/** Asks how far the registry came. */
async function refresh(repository: Repository, position: Position, call: Call): Promise<void> {
  const answer = await ask(repository, { at: position.session.location, actions: ["pull", "push"], call });
  if (answer.response.status !== 204 && answer.response.status !== 200) throw await failureOf(answer);
  await answer.response[Symbol.asyncDispose]();
  position.stored = storedBytes(answer) ?? position.stored;
  if (answer.response.headers["location"] !== undefined) position.session = sessionOf(answer);
}

/** How much the registry has by its Range header, `0-1023`; `undefined` when there is none. */
function storedBytes({ response }: RepositoryResponse): number | undefined {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers["range"] ?? "")?.[1];
  // "0-0" is what registries write for nothing; a single byte is never sent as a chunk of its own.
  return last === undefined ? undefined : last === "0" ? 0 : Number(last) + 1;
}

function stuck(repository: Repository, { stored }: Position): ScError {
  return new ScError(
    "REGISTRY_RESPONSE_INVALID",
    `${imageName(repository)}: the registry says it has ${stored} bytes of an upload, which does not go with what it was sent`,
  );
}
