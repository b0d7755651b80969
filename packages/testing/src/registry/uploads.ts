import { digestOf, isDigest } from "@sc/model";
import { type Answer, refuse } from "./answer.ts";
import { type Exchange, writeLocation } from "./exchange.ts";

/** Everything under `blobs/uploads/`: opening, chunks, status, closing and cancelling. */
export function serveUpload(exchange: Exchange, id: string): Answer {
  const { request, repository } = exchange;
  if (id === "") return request.method === "POST" ? openUpload(exchange) : refuse(405, "UNSUPPORTED");
  const chunks = repository.uploads.get(id);
  if (chunks === undefined) return refuse(404, "BLOB_UPLOAD_UNKNOWN");
  // The client must use the Location it was given, whole: its query is the registry's own business.
  if (!request.query.has("_state")) return refuse(400, "BLOB_UPLOAD_INVALID");
  switch (request.method) {
    case "GET":
      return answerProgress(exchange, { id, status: 204 });
    case "PATCH":
      return appendChunk(exchange, id, chunks);
    case "PUT":
      return closeUpload(exchange, id, chunks);
    case "DELETE":
      repository.uploads.delete(id);
      return { status: 204, headers: {} };
    default:
      return refuse(405, "UNSUPPORTED");
  }
}

function openUpload(exchange: Exchange): Answer {
  const { request, repository, repositories, settings } = exchange;
  const mount = request.query.get("mount");
  const from = request.query.get("from");
  if (settings.mounts && mount !== null && from !== null) {
    const bytes = repositories.get(from)?.blobs.get(mount);
    if (bytes !== undefined) return storeBlob(exchange, mount, bytes);
  }
  const digest = request.query.get("digest");
  if (settings.monolithicPost && digest !== null) return storeVerified(exchange, digest, request.body);
  const id = `upload-${exchange.nextNumber()}`;
  repository.uploads.set(id, []);
  return answerProgress(exchange, { id, status: 202 });
}

function appendChunk(exchange: Exchange, id: string, chunks: Uint8Array[]): Answer {
  if (!exchange.settings.chunkedUploads) return refuse(405, "UNSUPPORTED");
  const stored = countBytes(chunks);
  const range = exchange.request.headers["content-range"];
  if (range !== undefined) {
    const parsed = /^(?:bytes )?(\d+)-(\d+)(?:\/.*)?$/.exec(range);
    const first = Number(parsed?.[1]);
    // The length is not held against the range: a chunk that broke off is kept as far as it came.
    if (parsed === null || first !== stored) return answerProgress(exchange, { id, status: 416 });
  }
  chunks.push(exchange.request.body);
  return answerProgress(exchange, { id, status: 202 });
}

function closeUpload(exchange: Exchange, id: string, chunks: Uint8Array[]): Answer {
  const digest = exchange.request.query.get("digest");
  if (digest === null) return refuse(400, "DIGEST_INVALID");
  const bytes = Buffer.concat([...chunks, exchange.request.body]);
  const answer = storeVerified(exchange, digest, bytes);
  if (answer.status === 201) exchange.repository.uploads.delete(id);
  return answer;
}

function storeVerified(exchange: Exchange, digest: string, bytes: Uint8Array): Answer {
  const algorithm = digest.split(":")[0] === "sha512" ? "sha512" : "sha256";
  if (!isDigest(digest) || digestOf(bytes, algorithm) !== digest) return refuse(400, "DIGEST_INVALID");
  return storeBlob(exchange, digest, bytes);
}

function storeBlob(exchange: Exchange, digest: string, bytes: Uint8Array): Answer {
  exchange.repository.blobs.set(digest, bytes);
  const location = writeLocation(exchange, `/v2/${exchange.name}/blobs/${digest}`);
  return { status: 201, headers: { location, "docker-content-digest": digest } };
}

function answerProgress(exchange: Exchange, { id, status }: { id: string; status: number }): Answer {
  const stored = countBytes(exchange.repository.uploads.get(id) ?? []);
  const path = `/v2/${exchange.name}/blobs/uploads/${id}?_state=${exchange.nextNumber()}`;
  return {
    status,
    headers: {
      location: writeLocation(exchange, path),
      range: `0-${Math.max(stored - 1, 0)}`,
      "docker-upload-uuid": id,
    },
  };
}

function countBytes(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
