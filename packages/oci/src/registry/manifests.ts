import { type HttpHeaders, readBody } from "@sc/http";
import {
  type Call,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  hasCode,
  isDigest,
  isJsonObject,
  type ManifestContent,
  parseAttachedTag,
  parseJson,
  ScError,
} from "@sc/model";
import { checkReference } from "./address.ts";
import { ask, failureOf, imageName, type Repository, type RepositoryResponse } from "./request.ts";
import { maxManifestBytes } from "../limits.ts";
import { manifestMediaTypes } from "../media-type.ts";

const accept = manifestMediaTypes.join(", ");

/**
 * What a tag or digest names, by HEAD; by GET where HEAD does not say it all. `undefined` when there is no such thing.
 * What HEAD says of a tag is the registry's word: it is verified when the manifest is fetched by the digest.
 */
export async function resolveManifest(
  repository: Repository,
  reference: string,
  call: Call = {},
): Promise<Descriptor | undefined> {
  const answer = await ask(repository, {
    method: "HEAD",
    at: `manifests/${checkReference(reference)}`,
    headers: { accept },
    call,
  });
  const { status, headers } = answer.response;
  await answer.response[Symbol.asyncDispose]();
  if (status === 404) return undefined;
  const described = status === 200 ? describeByHeaders(headers, reference) : undefined;
  if (described === undefined) return (await fetchManifest(repository, reference, call))?.descriptor;
  repository.seen.readable = true;
  return described;
}

/**
 * The manifest a tag or digest names, at most 4 MiB, verified against the digest; `undefined` when there is none.
 * Throws `DIGEST_MISMATCH`, `MANIFEST_TOO_LARGE`.
 */
export async function fetchManifest(
  repository: Repository,
  reference: string,
  call: Call = {},
): Promise<ManifestContent | undefined> {
  const answer = await ask(repository, { at: `manifests/${checkReference(reference)}`, headers: { accept }, call });
  if (await isAbsent(answer, repository, { reference, call })) return undefined;
  if (answer.response.status !== 200) throw await failureOf(answer);
  const { headers } = answer.response;
  const where = imageName(repository, reference);
  const bytes = await readBody(answer.response, { maxBytes: maxManifestBytes }).catch((cause: unknown) => {
    if (!hasCode(cause, "BODY_TOO_LARGE")) throw cause;
    throw new ScError("MANIFEST_TOO_LARGE", `${where}: the manifest has more than ${maxManifestBytes} bytes`, {
      cause,
    });
  });
  const digest = verifyManifest(bytes, { reference, claimed: headers["docker-content-digest"], where });
  const mediaType = statedMediaType(bytes, where) ?? contentType(headers);
  if (mediaType === undefined) {
    throw new ScError(
      "REGISTRY_RESPONSE_INVALID",
      `${where}: neither the answer nor the manifest says what type it is of`,
    );
  }
  repository.seen.readable = true;
  const etag = headers["etag"];
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes, ...(etag === undefined ? {} : { etag }) };
}

/** The media type that an answer states, without parameters; `undefined` when it says nothing of use. */
export function contentType(headers: HttpHeaders): string | undefined {
  const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "" || type === "application/json" || type === "text/plain" || type === "application/octet-stream"
    ? undefined
    : type;
}

interface Asked {
  readonly reference: string;
  readonly call: Call;
}

// Artifactory answers 403 for a tag that is not there. For whoever may read something else in the repository that is
// what it means; for everybody else it means what it says.
async function isAbsent(answer: RepositoryResponse, repository: Repository, asked: Asked): Promise<boolean> {
  const { status } = answer.response;
  const absent =
    status === 404 || (status === 403 && !isDigest(asked.reference) && (await isReadable(repository, asked)));
  if (absent) await answer.response[Symbol.asyncDispose]();
  return absent;
}

// Where nothing was read yet, something that is there is asked for: what was stored just now, or what the tag belongs to.
async function isReadable(repository: Repository, { reference, call }: Asked): Promise<boolean> {
  const { seen } = repository;
  for (const digest of [seen.stored, parseAttachedTag(reference)?.subject]) {
    if (seen.readable) break;
    if (!isDigest(digest)) continue;
    const answer = await ask(repository, { method: "HEAD", at: `manifests/${digest}`, headers: { accept }, call });
    await answer.response[Symbol.asyncDispose]();
    seen.readable = answer.response.status === 200;
  }
  return seen.readable;
}

function describeByHeaders(headers: HttpHeaders, reference: string): Descriptor | undefined {
  const claimed = headers["docker-content-digest"];
  const size = Number(headers["content-length"] ?? "NaN");
  const mediaType = contentType(headers);
  const digest = isDigest(reference) ? reference : claimed;
  if (mediaType === undefined || !isDigest(digest) || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { mediaType, digest, size };
}

interface Claims {
  readonly reference: string;
  readonly claimed: string | undefined;
  readonly where: string;
}

function verifyManifest(bytes: Uint8Array, { reference, claimed, where }: Claims): Digest {
  const expected = isDigest(reference) ? reference : isDigest(claimed) ? claimed : undefined;
  if (expected === undefined) return digestOf(bytes);
  const actual = digestOf(bytes, digestAlgorithm(expected));
  if (actual === expected) return actual;
  throw new ScError("DIGEST_MISMATCH", `${where}: the manifest has digest ${actual}, wanted ${expected}`, {
    hint: "Do not use it: the registry or something before it changed the content.",
  });
}

// The document's own word is covered by the digest; the header is not, and some registries get it wrong.
function statedMediaType(bytes: Uint8Array, where: string): string | undefined {
  const document = parseJson(bytes, where);
  const stated = isJsonObject(document) ? document["mediaType"] : undefined;
  return typeof stated === "string" && stated !== "" ? stated : undefined;
}
