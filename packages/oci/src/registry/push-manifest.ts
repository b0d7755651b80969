import {
  type Call,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  hasCode,
  isDigest,
  type PushManifestOptions,
  ScError,
} from "@sc/model";
import { maxManifestBytes } from "../limits.ts";
import { checkReference } from "./address.ts";
import { fetchManifest } from "./manifests.ts";
import { ask, failureOf, imageName, type Repository } from "./request.ts";

/** A manifest that a registry has taken. */
export interface StoredManifest {
  readonly descriptor: Descriptor;
  /** The subject that the registry says it has listed the manifest under. */
  readonly listedUnder: Digest | undefined;
}

/**
 * Stores a manifest under a tag, or by its digest alone, and does nothing about its subject. Throws
 * `MANIFEST_TOO_LARGE`, `MANIFEST_CHANGED`, `DIGEST_MISMATCH`.
 */
export async function putManifest(
  repository: Repository,
  { bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string },
  { tag, ifMatch, ...call }: PushManifestOptions = {},
): Promise<StoredManifest> {
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  const reference = tag ?? descriptor.digest;
  const where = imageName(repository, reference);
  checkManifestSize(bytes, where);
  const answer = await ask(repository, {
    method: "PUT",
    at: `manifests/${checkReference(reference)}`,
    headers: { "content-type": mediaType, ...condition(ifMatch) },
    body: bytes,
    actions: ["pull", "push"],
    call,
  });
  const { status, headers } = answer.response;
  if (status === 412 || (status === 409 && ifMatch !== undefined)) {
    await answer.response[Symbol.asyncDispose]();
    await expectOurs(repository, { reference, digest: descriptor.digest, call });
  } else if (status < 200 || status > 204) {
    throw await failureOf(answer);
  } else {
    await answer.response[Symbol.asyncDispose]();
  }
  const claimed = headers["docker-content-digest"];
  if (isDigest(claimed) && status !== 412 && digestOf(bytes, digestAlgorithm(claimed)) !== claimed) {
    throw new ScError("DIGEST_MISMATCH", `${where}: the registry stored ${claimed}, it was sent ${descriptor.digest}`);
  }
  repository.seen.stored = descriptor.digest;
  const subject = headers["oci-subject"];
  return { descriptor, listedUnder: isDigest(subject) ? subject : undefined };
}

/** Refuses what no registry takes. Throws `MANIFEST_TOO_LARGE`. */
export function checkManifestSize(bytes: Uint8Array, where: string): void {
  if (bytes.byteLength <= maxManifestBytes) return;
  throw new ScError(
    "MANIFEST_TOO_LARGE",
    `${where}: the manifest has ${bytes.byteLength} bytes, registries take ${maxManifestBytes}`,
  );
}

function condition(ifMatch: string | undefined): Readonly<Record<string, string>> {
  if (ifMatch === undefined) return {};
  return ifMatch === "absent" ? { "if-none-match": "*" } : { "if-match": ifMatch };
}

// A request that is repeated because its answer was lost meets the condition that it broke itself.
async function expectOurs(
  repository: Repository,
  { reference, digest, call }: { readonly reference: string; readonly digest: Digest; readonly call: Call },
): Promise<void> {
  const current = await fetchManifest(repository, reference, call);
  if (current?.descriptor.digest === digest) return;
  throw new ScError("MANIFEST_CHANGED", `${imageName(repository, reference)}: the tag was changed since it was read`, {
    retryable: true,
    hint: "Read it again and repeat what was to be done.",
  });
}

/** Removes a tag, or a manifest by digest. What is not there is no error. Throws `DELETE_UNSUPPORTED`, `REGISTRY_DENIED`. */
export async function deleteByReference(repository: Repository, reference: string, call: Call): Promise<void> {
  const answer = await ask(repository, {
    method: "DELETE",
    at: `manifests/${checkReference(reference)}`,
    actions: ["delete", "pull", "push"],
    call,
  });
  const { status } = answer.response;
  if ([200, 202, 204, 404].includes(status)) {
    await answer.response[Symbol.asyncDispose]();
    return;
  }
  const error = await failureOf(answer);
  const unsupported = status === 405 || status === 501 || (status === 400 && !isDigest(reference));
  if (!unsupported || !hasCode(error, "REGISTRY_REFUSED")) throw error;
  const what = isDigest(reference) ? "manifests" : "tags";
  throw new ScError(
    "DELETE_UNSUPPORTED",
    `${imageName(repository, reference)}: the registry does not let ${what} be deleted`,
    {
      cause: error,
      facts: error.facts,
      hint: "Delete it in the registry's own interface, or have deletion enabled.",
    },
  );
}
