import {
  type ArtifactSource,
  type ArtifactStore,
  type Call,
  Decoder,
  type Descriptor,
  isScError,
  parseJson,
  ScError,
} from "@sc/model";
import type { AttachedRecord } from "./attach.ts";
import { signLimits } from "./limits.ts";
import { signImage, type SignImageOptions } from "./sign-image.ts";
import type { Signer } from "./signer.ts";
import { type VerifiedImage, verifyImage, type VerifyImagePolicy } from "./verify-image.ts";

const indexMediaTypes: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

/**
 * The images that an index names, those of indexes in it too, the index itself first; for an image itself alone.
 * BuildKit's unsigned attestation manifests are none. The bytes are verified by the source. Throws
 * `ATTACHMENT_INVALID`, `SIGN_LIMIT_EXCEEDED`, and what the source throws.
 */
export async function listImages(
  source: ArtifactSource,
  image: Descriptor,
  call: Call = {},
): Promise<readonly [Descriptor, ...Descriptor[]]> {
  const found: [Descriptor, ...Descriptor[]] = [image];
  // Grows while it is read: what an index names is looked at in its turn.
  for (const next of found) {
    if (!indexMediaTypes.has(next.mediaType)) continue;
    for (const child of await readChildren(source, next, call)) {
      if (found.some(({ digest }) => digest === child.digest)) continue;
      found.push(child);
      if (found.length > signLimits.maxIndexImages) {
        const message = `${source.repository}@${image.digest}: more than ${signLimits.maxIndexImages} images`;
        throw new ScError("SIGN_LIMIT_EXCEEDED", message);
      }
    }
  }
  return found;
}

/** The entries of an index that are BuildKit's attestation manifests; none for an image. Throws as `listImages`. */
export async function listIndexAttestations(
  source: ArtifactSource,
  image: Descriptor,
  call: Call = {},
): Promise<readonly Descriptor[]> {
  if (!indexMediaTypes.has(image.mediaType)) return [];
  const entries = await readEntries(source, image, call);
  return entries.filter(isAttestation).slice(0, signLimits.maxIndexImages).map(plain);
}

async function readChildren(source: ArtifactSource, index: Descriptor, call: Call): Promise<readonly Descriptor[]> {
  const entries = await readEntries(source, index, call);
  return entries.filter((entry) => !isAttestation(entry)).map(plain);
}

async function readEntries(source: ArtifactSource, index: Descriptor, call: Call): Promise<readonly Descriptor[]> {
  const where = `${source.repository}@${index.digest}`;
  const content = await source.fetchManifest(index.digest, call);
  if (content === undefined)
    throw new ScError("ATTACHMENT_INVALID", `${where}: the index names it and it is not there`);
  try {
    const document = new Decoder(parseJson(content.bytes, where), where);
    return document.member("manifests").array().map(readEntry);
  } catch (cause) {
    const message = isScError(cause) ? cause.message : `${where}: cannot be read`;
    throw new ScError("ATTACHMENT_INVALID", message, { cause });
  }
}

function readEntry(child: Decoder): Descriptor {
  return {
    mediaType: child.member("mediaType").string(),
    digest: child.member("digest").digest(),
    size: child.member("size").count(),
    annotations: child.member("annotations").optional((present) => present.strings()) ?? {},
  };
}

function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
}

function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** Signs an index and every image that it names, with one signer and so one certificate. Throws what `signImage` throws. */
export async function signImages(
  store: ArtifactStore,
  image: Descriptor,
  signer: Signer,
  options: SignImageOptions = {},
): Promise<readonly AttachedRecord[]> {
  const { signal, onProgress } = options;
  const records: AttachedRecord[] = [];
  for (const one of await listImages(store, image, { signal, onProgress })) {
    records.push(...(await signImage(store, one, signer, options)));
  }
  return records;
}

/** How an index is verified with what it names. */
export interface VerifyImagesPolicy extends VerifyImagePolicy {
  /**
   * Accepts an image without a signature of its own because the index that names it by digest is signed. Every image
   * must be signed itself when not set.
   */
  readonly inherit?: boolean;
}

/** An image of an index, and by what it is trusted. */
export interface VerifiedMember {
  readonly descriptor: Descriptor;
  /** `own` by its signature, `inherited` by that of the index. */
  readonly by: "own" | "inherited";
}

/** An index whose images are all verified. */
export interface VerifiedImages {
  readonly image: VerifiedImage;
  /** All that the index names, without the index itself. */
  readonly members: readonly VerifiedMember[];
}

/**
 * Verifies an index and every image that it names, all by the same policy. One that does not hold fails the whole.
 * Throws what `verifyImage` throws, for the first that does not hold.
 */
export async function verifyImages(
  source: ArtifactSource,
  index: Descriptor,
  policy: VerifyImagesPolicy,
): Promise<VerifiedImages> {
  const { inherit = false, ...each } = policy;
  const { signal, onProgress } = policy;
  const image = await verifyImage(source, index, each);
  const [, ...rest] = await listImages(source, index, { signal, onProgress });
  const members: VerifiedMember[] = [];
  for (const descriptor of rest) {
    members.push({ descriptor, by: await verifyMember(source, descriptor, { each, inherit }) });
  }
  return { image, members };
}

// The index is verified and names the image by digest: that alone is what is inherited, and only where there is no
// signature at all. One that is there and does not hold is never passed over.
async function verifyMember(
  source: ArtifactSource,
  descriptor: Descriptor,
  { each, inherit }: { readonly each: VerifyImagePolicy; readonly inherit: boolean },
): Promise<VerifiedMember["by"]> {
  try {
    await verifyImage(source, descriptor, each);
    return "own";
  } catch (error) {
    if (inherit && isScError(error) && error.code === "NO_SIGNATURES") return "inherited";
    throw error;
  }
}
