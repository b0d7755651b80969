import {
  type Call,
  Decoder,
  type Descriptor,
  type Digest,
  isDigest,
  parseJson,
  type PushManifestOptions,
} from "@sc/model";
import { decodeDescriptor } from "../descriptor.ts";
import { fetchManifest } from "./manifests.ts";
import { checkManifestSize, deleteByReference, putManifest } from "./push-manifest.ts";
import { listByApi } from "./referrers.ts";
import { addToReferrersTag, removeFromReferrersTag } from "./referrers-tag.ts";
import { imageName, type Repository } from "./request.ts";

/** A manifest's subject, and the entry that belongs on the subject's list of referrers. */
interface Attachment {
  readonly subject: Digest;
  readonly entry: Descriptor;
}

/**
 * Stores a manifest. When it has a subject it is on the subject's list of referrers afterwards: by the registry's own
 * doing, or on the fallback tag. That a registry says so (`OCI-Subject`) is believed only once its API has answered:
 * some say so and have no API.
 */
export async function pushManifest(
  repository: Repository,
  manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
  options: PushManifestOptions = {},
): Promise<Descriptor> {
  const { tag: _tag, ifMatch: _ifMatch, ...call } = options;
  checkManifestSize(manifest.bytes, imageName(repository, options.tag));
  const attachment = attachmentOf(manifest.bytes, manifest.mediaType, { where: imageName(repository) });
  const { descriptor, listedUnder } = await putManifest(repository, manifest, options);
  if (attachment === undefined) return descriptor;
  const { subject } = attachment;
  const entry = { ...attachment.entry, ...descriptor };
  const told = listedUnder === subject;
  if (told && repository.session.referrers.get(repository.base.origin) === "api") return descriptor;
  const listed = await listByApi(repository, subject, call);
  const isListed = listed !== undefined && (told || listed.some(({ digest }) => digest === descriptor.digest));
  if (!isListed) await addToReferrersTag(repository, subject, { entry, call });
  return descriptor;
}

/**
 * Removes a tag, or a manifest by digest; then it is taken off the fallback list of its subject, too, where the
 * registry keeps none. Throws `DELETE_UNSUPPORTED`, `REGISTRY_DENIED`.
 */
export async function deleteManifest(repository: Repository, reference: string, call: Call = {}): Promise<void> {
  const manifest = isDigest(reference) ? await fetchManifest(repository, reference, call) : undefined;
  await deleteByReference(repository, reference, call);
  if (manifest === undefined) return;
  const { bytes, descriptor } = manifest;
  const attachment = attachmentOf(bytes, descriptor.mediaType, { where: imageName(repository, reference) });
  if (attachment === undefined || (await listByApi(repository, attachment.subject, call)) !== undefined) return;
  await removeFromReferrersTag(repository, attachment.subject, { digest: descriptor.digest, call });
}

function attachmentOf(
  bytes: Uint8Array,
  mediaType: string,
  { where }: { readonly where: string },
): Attachment | undefined {
  const manifest = new Decoder(parseJson(bytes, where), where);
  const subject = manifest.member("subject").optional(decodeDescriptor);
  if (subject === undefined) return undefined;
  const own = manifest.member("artifactType").optional((present) => present.string());
  const config = manifest.member("config").optional((present) => present.member("mediaType").string());
  // The specification: without a type of its own, a manifest is of the type of its configuration.
  const artifactType = own === undefined || own === "" ? config : own;
  const annotations = manifest.member("annotations").optional((present) => present.strings());
  return {
    subject: subject.digest,
    entry: {
      mediaType,
      digest: subject.digest,
      size: bytes.byteLength,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}
