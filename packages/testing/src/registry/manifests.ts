import { digestOf } from "@sc/model";
import { type Answer, refuse } from "./answer.ts";
import { type Exchange, writeLocation } from "./exchange.ts";
import { type ManifestDocument, readManifest, type Repository } from "./repository.ts";
import type { RegistrySettings } from "./settings.ts";

/** GET, HEAD, PUT and DELETE of a manifest by tag or digest. */
export function serveManifest(exchange: Exchange, reference: string): Answer {
  switch (exchange.request.method) {
    case "GET":
    case "HEAD":
      return readStored(exchange, reference);
    case "PUT":
      return storeManifest(exchange, reference);
    case "DELETE":
      return deleteStored(exchange, reference);
    default:
      return refuse(405, "UNSUPPORTED");
  }
}

function readStored({ request, repository, settings }: Exchange, reference: string): Answer {
  const digest = reference.includes(":") ? reference : repository.tags.get(reference);
  const stored = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || stored === undefined) {
    return settings.missingManifestStatus === 404 ? refuse(404, "MANIFEST_UNKNOWN") : refuse(403, "DENIED");
  }
  const accepted = (request.headers.accept ?? "").split(",").map((range) => range.split(";")[0]?.trim());
  if (settings.strictAccept && !accepted.includes(stored.mediaType)) return refuse(404, "MANIFEST_UNKNOWN");
  const headers: Record<string, string> = { "content-type": stored.mediaType, "docker-content-digest": digest };
  if (settings.etags) headers["etag"] = `"${digest}"`;
  if (settings.etags && request.headers["if-none-match"] === `"${digest}"`) return { status: 304, headers: {} };
  return { status: 200, headers, body: stored.bytes };
}

function storeManifest(exchange: Exchange, reference: string): Answer {
  const { request, repository, settings } = exchange;
  const bytes = request.body;
  const digest = digestOf(bytes, reference.startsWith("sha512:") ? "sha512" : "sha256");
  const complaint = objectToBytes(settings, bytes) ?? objectToReference(reference, digest);
  if (complaint !== undefined) return complaint;
  const manifest = readManifest(bytes);
  const mediaType = request.headers["content-type"] ?? manifest?.mediaType;
  if (manifest === undefined || mediaType === undefined) return refuse(400, "MANIFEST_INVALID");
  const objection = objectTo(exchange, manifest, mediaType) ?? objectToTag(exchange, reference, digest);
  if (objection !== undefined) return objection;
  repository.manifests.set(digest, { bytes, mediaType });
  if (reference !== digest) repository.tags.set(reference, digest);
  const location = writeLocation(exchange, `/v2/${exchange.name}/manifests/${digest}`);
  const subject = writeSubject(settings, manifest);
  return { status: 201, headers: { location, "docker-content-digest": digest, ...subject } };
}

function writeSubject(
  { referrers }: RegistrySettings,
  { subject }: ManifestDocument,
): Readonly<Record<string, string>> {
  const told = referrers === "api" || referrers === "header-without-endpoint";
  return told && subject?.digest !== undefined ? { "oci-subject": subject.digest } : {};
}

function objectToBytes({ maxManifestBytes }: RegistrySettings, bytes: Uint8Array): Answer | undefined {
  return bytes.length > maxManifestBytes ? refuse(413, "SIZE_INVALID") : undefined;
}

function objectToReference(reference: string, digest: string): Answer | undefined {
  if (reference.includes(":")) return reference === digest ? undefined : refuse(400, "DIGEST_INVALID");
  return /^\w[\w.-]{0,127}$/.test(reference) ? undefined : refuse(400, "TAG_INVALID");
}

function objectTo(
  { repository, settings }: Exchange,
  manifest: ManifestDocument,
  mediaType: string,
): Answer | undefined {
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) return refuse(400, "MANIFEST_INVALID");
  const { artifactType, config, subject } = manifest;
  const claims = { mediaType, artifactType, configMediaType: config?.mediaType, subject: subject?.digest };
  if (settings.refusesManifest(claims)) return refuse(400, "MANIFEST_INVALID");
  return settings.checkReferences && isMissingSomething(repository, manifest)
    ? refuse(400, "MANIFEST_BLOB_UNKNOWN")
    : undefined;
}

function isMissingSomething(repository: Repository, { config, layers, manifests }: ManifestDocument): boolean {
  const blobs = [...(config === undefined ? [] : [config]), ...(layers ?? [])];
  return (
    blobs.some((blob) => blob.urls === undefined && !repository.blobs.has(blob.digest ?? "")) ||
    (manifests ?? []).some((child) => !repository.manifests.has(child.digest ?? ""))
  );
}

function objectToTag({ request, repository, settings }: Exchange, tag: string, digest: string): Answer | undefined {
  const current = tag.includes(":") ? undefined : repository.tags.get(tag);
  if (settings.immutableTags !== false && current !== undefined && current !== digest) {
    return settings.immutableTags === "precondition" ? refuse(412, "PRECONDITION") : refuse(400, "TAG_INVALID");
  }
  if (!settings.conditionalPut) return undefined;
  const ifMatch = request.headers["if-match"];
  const etag = current === undefined ? undefined : `"${current}"`;
  if (ifMatch !== undefined && ifMatch !== "*" && ifMatch !== etag) return refuse(412, "PRECONDITION_FAILED");
  if (ifMatch === "*" && current === undefined) return refuse(412, "PRECONDITION_FAILED");
  if (request.headers["if-none-match"] === "*" && current !== undefined) return refuse(412, "PRECONDITION_FAILED");
  return undefined;
}

function deleteStored({ repository, settings }: Exchange, reference: string): Answer {
  if (!settings.deletes) return refuse(405, "UNSUPPORTED");
  if (!reference.includes(":")) {
    if (settings.deletes === "by-digest") return refuse(400, "DIGEST_INVALID");
    return repository.tags.delete(reference) ? { status: 202, headers: {} } : refuse(404, "MANIFEST_UNKNOWN");
  }
  if (!repository.manifests.delete(reference)) return refuse(404, "MANIFEST_UNKNOWN");
  for (const [tag, digest] of repository.tags) if (digest === reference) repository.tags.delete(tag);
  return { status: 202, headers: {} };
}
