import { answerBytes, type Answer, type ArrivedRequest, refuse } from "./answer.ts";
import type { Exchange } from "./exchange.ts";

/** GET, HEAD and DELETE of a blob. */
export function serveBlob(exchange: Exchange, digest: string): Answer {
  const { request, repository, settings } = exchange;
  const bytes = repository.blobs.get(digest);
  if (bytes === undefined) return refuse(404, "BLOB_UNKNOWN");
  if (request.method === "DELETE") {
    if (!settings.deletes) return refuse(405, "UNSUPPORTED");
    repository.blobs.delete(digest);
    return { status: 202, headers: {} };
  }
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "UNSUPPORTED");
  if (settings.redirectBlobs && request.method === "GET") {
    const location = `${exchange.storageOrigin}/storage/${exchange.name}/${digest}?signature=let-me-in`;
    return { status: 307, headers: { location } };
  }
  return answerBlob(bytes, digest, exchange);
}

/** GET of a blob at the object store a registry redirects to; like S3 it refuses a second way of authorisation. */
export function serveStoredBlob(request: ArrivedRequest, bytes: Uint8Array | undefined): Answer {
  if (request.headers.authorization !== undefined) return refuse(400, "ONLY_ONE_AUTH_MECHANISM_ALLOWED");
  if (bytes === undefined || request.query.get("signature") !== "let-me-in") return refuse(403, "ACCESS_DENIED");
  return answerBytes(bytes, request, { "content-type": "application/octet-stream", "accept-ranges": "bytes" });
}

function answerBlob(bytes: Uint8Array, digest: string, { request, settings }: Exchange): Answer {
  const headers = {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    etag: `"${digest}"`,
    "accept-ranges": settings.ranges ? "bytes" : "none",
  };
  return settings.ranges ? answerBytes(bytes, request, headers) : { status: 200, headers, body: bytes };
}
