import type { Bundle, TransparencyLogEntry } from "@sigstore/bundle";
import {
  type ArtifactSource,
  type ArtifactStore,
  attachedTag,
  type Call,
  type Descriptor,
  type Digest,
  hasCode,
  isScError,
} from "@sc/model";
import { bundleMediaTypePrefix, decodeBundle } from "./bundle.ts";
import { readCertificateIdentity } from "./certificate-identity.ts";
import { decodeEnvelope, envelopeMediaType } from "./envelope.ts";
import { listIndexAttestations } from "./index-images.ts";
import { envelopeContent, payloadContent } from "./layer-material.ts";
import { signLimits } from "./limits.ts";
import { signPredicate } from "./predicates/sign.ts";
import { simpleSigningMediaType } from "./simple-signing.ts";
import { decodeStatement, statementMediaType } from "./statement.ts";
import { decodeAttachedManifest } from "./storage/artifact-manifest.ts";
import { type BlobReader, createBlobReader } from "./storage/budget.ts";
import type { StorageForm } from "./storage/candidate.ts";

/** What an attachment is to the image. */
export type AttachmentKind = "signature" | "attestation" | "sbom";

/** What an attachment says of an entry in a transparency log. */
export interface ClaimedLogEntry {
  readonly logIndex: string;
  /** SHA-256 of the log's key, hexadecimal. */
  readonly logId: string;
  /** RFC 3339; absent where the log gives no time (version 2). */
  readonly integratedTime?: string;
  /** The entry as the log holds it, JSON. */
  readonly body: string;
}

/** One thing that is attached to an image. **Nothing of it is verified**: anybody who may push can have put it there. */
export interface Attachment {
  /** `index`: BuildKit's, an entry of the index itself, which nobody signed and which goes with the index alone. */
  readonly form: StorageForm | "index";
  readonly kind: AttachmentKind;
  /** The manifest it stands in; under a tag that manifest holds others too. */
  readonly manifest: Digest;
  /** The tag it stands under. */
  readonly tag?: string;
  readonly mediaType: string;
  /** As it is stored: a bundle, an envelope, a payload, a document. */
  readonly bytes: Uint8Array;
  /** What the registry says beside it: cosign's signature, certificate and log entry of a layer under a tag. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly predicateType?: string;
  /** The identity in its certificate; absent for keys. */
  readonly claimedIdentity?: { readonly subject: string; readonly issuer: string };
  readonly logEntries: readonly ClaimedLogEntry[];
  /** Why it cannot be read. */
  readonly problem?: string;
}

const sbomMediaTypes = /^(?:text\/spdx|application\/(?:spdx|vnd\.cyclonedx|vnd\.syft))/;
const mayBeHere = /^application\/vnd\.(?:dev\.sigstore\.bundle|dev\.cosign\.artifact\.|oci\.empty\.v1\+json$)/;
const damaged: ReadonlySet<string> = new Set(["BLOB_NOT_FOUND", "BLOB_TOO_LARGE", "DIGEST_MISMATCH", "SIZE_MISMATCH"]);
const suffixes = ["sig", "att", "sbom"] as const;

/**
 * Everything of signatures, attestations and SBOMs that is attached to an image, in both forms, as it stands. What
 * cannot be read is told as such, so that it can be removed. Throws `SIGN_LIMIT_EXCEEDED` and what the source throws.
 */
export async function listAttachments(
  source: ArtifactSource,
  image: Descriptor,
  call: Call = {},
): Promise<readonly Attachment[]> {
  const blobs = createBlobReader(source, call);
  const found: Attachment[] = [];
  const referrers = await source.listReferrers(image.digest, call);
  for (const referrer of referrers.filter(mayBeAttachment).slice(0, signLimits.maxReferrers)) {
    found.push(...(await readManifest(source, referrer.digest, { blobs, call, subject: image.digest })));
  }
  for (const suffix of suffixes) {
    const tag = attachedTag(image.digest, suffix);
    found.push(...(await readManifest(source, tag, { blobs, call, tag })));
  }
  return [...found, ...(await readIndexEntries(source, image, { blobs, call }))];
}

function mayBeAttachment({ artifactType = "" }: Descriptor): boolean {
  return artifactType === "" || mayBeHere.test(artifactType) || sbomMediaTypes.test(artifactType);
}

interface Reading {
  readonly blobs: BlobReader;
  readonly call: Call;
  readonly tag?: string;
  /** Whom a referrer must be attached to. */
  readonly subject?: Digest;
}

async function readManifest(
  source: ArtifactSource,
  reference: string,
  reading: Reading,
): Promise<readonly Attachment[]> {
  const { tag, subject, call } = reading;
  const content = await source.fetchManifest(reference, call);
  if (content === undefined) return [];
  const manifest = decodeAttachedManifest(content, `${source.repository}:${reference}`);
  if (subject !== undefined && manifest.subject !== subject) return [];
  const at = { manifest: content.descriptor.digest, ...(tag === undefined ? {} : { tag }) };
  const found: Attachment[] = [];
  for (const layer of manifest.layers) {
    const { annotations = {}, mediaType } = layer;
    const kind = kindOf(mediaType);
    if (kind === undefined) continue;
    const form = mediaType.startsWith(bundleMediaTypePrefix) ? "bundle" : "tag";
    const read = await readLayer(layer, reading.blobs);
    found.push({ form, kind, ...at, mediaType, annotations, logEntries: [], ...read });
  }
  return found;
}

// What the registry lists and does not hold, or holds damaged, is an attachment all the same: it can be removed.
async function readLayer(layer: Descriptor, blobs: BlobReader): Promise<Described & Pick<Attachment, "bytes">> {
  try {
    const bytes = await blobs.read(layer, signLimits.maxEnvelopeBytes);
    return { bytes, ...describe(layer, bytes) };
  } catch (error) {
    if (!isScError(error) || !damaged.has(error.code)) throw error;
    return { bytes: new Uint8Array(), problem: error.message };
  }
}

// @see https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
async function readIndexEntries(
  source: ArtifactSource,
  image: Descriptor,
  { blobs, call }: Reading,
): Promise<readonly Attachment[]> {
  const found: Attachment[] = [];
  for (const entry of await listIndexAttestations(source, image, call)) {
    const content = await source.fetchManifest(entry.digest, call);
    if (content === undefined) continue;
    for (const layer of decodeAttachedManifest(content, `${source.repository}@${entry.digest}`).layers) {
      const { annotations = {}, mediaType } = layer;
      if (mediaType !== statementMediaType) continue;
      const read = await readLayer(layer, blobs);
      found.push({
        form: "index",
        kind: "attestation",
        manifest: entry.digest,
        mediaType,
        annotations,
        logEntries: [],
        ...read,
      });
    }
  }
  return found;
}

function kindOf(mediaType: string): AttachmentKind | undefined {
  if (mediaType === simpleSigningMediaType) return "signature";
  if (mediaType === envelopeMediaType || mediaType.startsWith(bundleMediaTypePrefix)) return "attestation";
  return sbomMediaTypes.test(mediaType) ? "sbom" : undefined;
}

type Described = Pick<Partial<Attachment>, "kind" | "predicateType" | "claimedIdentity" | "logEntries" | "problem">;

function describe(layer: Descriptor, bytes: Uint8Array): Described {
  const { mediaType } = layer;
  try {
    if (mediaType === simpleSigningMediaType) return describeMaterial(payloadContent(layer, bytes, "signature").bundle);
    if (mediaType === envelopeMediaType) {
      const envelope = decodeEnvelope(bytes, "attestation");
      const { predicateType } = decodeStatement(envelope.payload, "attestation");
      return {
        predicateType,
        ...describeMaterial(envelopeContent(layer, { ...envelope, bytes }, "attestation").bundle),
      };
    }
    if (mediaType === statementMediaType) return { predicateType: decodeStatement(bytes, "attestation").predicateType };
    if (!mediaType.startsWith(bundleMediaTypePrefix)) return {};
    return describeBundle(decodeBundle(bytes, "bundle").bundle);
  } catch (error) {
    if (!isScError(error)) throw error;
    return { problem: error.message };
  }
}

function describeBundle(bundle: Bundle): Described {
  const material = describeMaterial(bundle);
  if (bundle.content.$case !== "dsseEnvelope") return { kind: "signature", ...material };
  const { predicateType } = decodeStatement(bundle.content.dsseEnvelope.payload, "bundle");
  const kind = predicateType === signPredicate.uri ? "signature" : "attestation";
  return { kind, predicateType, ...material };
}

// The time is whatever somebody wrote: one beyond all calendars is none.
function claimedEntry({ logIndex, logId, integratedTime, canonicalizedBody }: TransparencyLogEntry): ClaimedLogEntry {
  const seconds = Number(integratedTime);
  const entry = { logIndex, logId: logId?.keyId.toString("hex") ?? "", body: canonicalizedBody.toString() };
  if (!(seconds > 0 && seconds < 2 ** 40)) return entry;
  return { ...entry, integratedTime: new Date(seconds * 1000).toISOString() };
}

function describeMaterial({ verificationMaterial }: Bundle): Described {
  const { content, tlogEntries } = verificationMaterial;
  const logEntries = tlogEntries.map(claimedEntry);
  if (content.$case === "publicKey") return { logEntries };
  const certificate =
    content.$case === "certificate" ? content.certificate : content.x509CertificateChain.certificates[0];
  if (certificate === undefined) return { logEntries };
  const { subject, issuer } = readCertificateIdentity(certificate.rawBytes, "certificate");
  return { logEntries, claimedIdentity: { subject, issuer } };
}

/**
 * Removes attachments: each manifest once, and the tag it stands under, with all that it holds. What is gone already
 * is no error, and what is an entry of the index stays, since its removal would be another image. Throws `REGISTRY_DENIED`, `DELETE_UNSUPPORTED`; what was removed before stays removed.
 */
export async function removeAttachments(
  store: ArtifactStore,
  attachments: readonly Attachment[],
  call: Call = {},
): Promise<readonly Digest[]> {
  const removed: Digest[] = [];
  for (const { form, manifest, tag } of attachments) {
    if (form === "index" || removed.includes(manifest)) continue;
    try {
      await removeOne(store, { manifest, tag }, call);
    } catch (error) {
      if (!hasCode(error, "IMAGE_NOT_FOUND")) throw error;
    }
    removed.push(manifest);
  }
  return removed;
}

// By its digest where nothing else names it; under a tag the tag is what makes it an attachment.
async function removeOne(
  store: ArtifactStore,
  { manifest, tag }: { readonly manifest: Digest; readonly tag: string | undefined },
  call: Call,
): Promise<void> {
  if (tag === undefined) return await store.deleteManifest(manifest, call);
  try {
    await store.deleteManifest(tag, call);
  } catch (error) {
    // Where a tag only goes with its manifest: what is signed says for which image, so no other tag names it. The same
    // SBOM may stand under the tags of two images.
    if (!hasCode(error, "DELETE_UNSUPPORTED") || tag.endsWith(".sbom")) throw error;
    await store.deleteManifest(manifest, call);
  }
}
