import { resolveReferral } from "@sc/http";
import { type Call, type Descriptor, ScError } from "@sc/model";
import { ask, failureOf, type Repository, type RepositoryResponse } from "./request.ts";

/** An upload that a registry has opened: where its next bytes go. */
export interface UploadSession {
  readonly location: URL;
  /** The least the registry takes in one chunk but the last, in bytes; 0 when it did not say. */
  readonly minChunkBytes: number;
}

/** Opens an upload. */
export async function openUpload(repository: Repository, call: Call): Promise<UploadSession> {
  const answer = await ask(repository, {
    method: "POST",
    at: "blobs/uploads/",
    body: new Uint8Array(0),
    actions: ["pull", "push"],
    // An upload that was opened twice and used once is forgotten by the registry.
    retry: true,
    call,
  });
  if (answer.response.status !== 202) throw await failureOf(answer);
  await answer.response[Symbol.asyncDispose]();
  return sessionOf(answer);
}

/** The upload that an answer opened or goes on with. Throws `REDIRECT_REFUSED`, `REGISTRY_RESPONSE_INVALID`. */
export function sessionOf({ response, asked }: RepositoryResponse): UploadSession {
  const location = response.headers["location"];
  if (location === undefined) {
    throw new ScError(
      "REGISTRY_RESPONSE_INVALID",
      `${asked.image}: ${asked.host} opened an upload without saying where`,
    );
  }
  const least = Number(response.headers["oci-chunk-min-length"] ?? "0");
  return {
    location: resolveReferral(location, response.url, { what: "upload location" }),
    minChunkBytes: Number.isSafeInteger(least) && least > 0 ? least : 0,
  };
}

/** Ends an upload with the bytes that are still to come; the registry then checks the digest. */
export async function closeUpload(
  repository: Repository,
  session: UploadSession,
  {
    descriptor,
    body,
    call,
  }: { readonly descriptor: Descriptor; readonly body: Uint8Array | AsyncIterable<Uint8Array>; readonly call: Call },
): Promise<void> {
  const sized = body instanceof Uint8Array ? {} : { "content-length": String(descriptor.size) };
  const answer = await ask(repository, {
    method: "PUT",
    at: withDigest(session.location, descriptor),
    headers: { "content-type": "application/octet-stream", ...sized },
    body,
    actions: ["pull", "push"],
    call,
  });
  if (![200, 201, 202, 204].includes(answer.response.status)) throw await failureOf(answer);
  await answer.response[Symbol.asyncDispose]();
}

/** Gives an upload up, as a courtesy: registries forget uploads by themselves. */
export async function cancelUpload(repository: Repository, session: UploadSession, call: Call): Promise<void> {
  if (call.signal?.aborted === true) return;
  try {
    const answer = await ask(repository, {
      method: "DELETE",
      at: session.location,
      actions: ["pull", "push"],
      retry: false,
      call,
    });
    await answer.response[Symbol.asyncDispose]();
  } catch {
    // Why the upload was given up matters to the caller; that its remains could not be cleared does not.
  }
}

// Appended as text: the rest of the query is the registry's own state, and setting a parameter would write it anew.
function withDigest(location: URL, { digest }: Descriptor): URL {
  const url = new URL(location);
  const parameter = `digest=${encodeURIComponent(digest)}`;
  url.search = url.search === "" ? parameter : `${url.search}&${parameter}`;
  return url;
}
