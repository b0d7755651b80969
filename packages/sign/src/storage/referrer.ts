import { type ArtifactSource, type Call, type Descriptor, type Digest, ScError } from "@sc/model";
import { bundleMediaTypePrefix } from "../bundle.ts";
import { decodeAttachedManifest } from "./artifact-manifest.ts";
import type { UnverifiedCandidate } from "./candidate.ts";
import { layerCandidates } from "./tag.ts";

/** The annotations of a manifest that holds a bundle. */
export const bundleAnnotations = {
  content: "dev.sigstore.bundle.content",
  predicateType: "dev.sigstore.bundle.predicateType",
  created: "org.opencontainers.image.created",
} as const;

const emptyConfig = "application/vnd.oci.empty.v1+json";
const cosignArtifactPrefix = "application/vnd.dev.cosign.artifact.";

/**
 * Whether a referrer may hold a signature. An unknown type must be opened to tell: older clients wrote the type of
 * the empty config into fallback lists.
 */
export function mayHoldSignature({ artifactType }: Descriptor): boolean {
  if (artifactType === undefined || artifactType === "" || artifactType === emptyConfig) return true;
  return artifactType.startsWith(bundleMediaTypePrefix) || artifactType.startsWith(cosignArtifactPrefix);
}

/** The predicate type that a referrer's entry in the list claims, if it claims one. */
export function claimedPredicateType(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[bundleAnnotations.predicateType];
}

/**
 * The signatures in one referrer: one bundle, or layers of cosign's older form. The manifest's own subject must be
 * the image: the list is only a claim, and the tag it may come from can be written by anybody who can push. Throws
 * `SUBJECT_MISMATCH`, `ATTACHMENT_INVALID`.
 */
export async function openReferrer(
  source: ArtifactSource,
  descriptor: Descriptor,
  { subject, call }: { readonly subject: Digest; readonly call: Call },
): Promise<readonly UnverifiedCandidate[]> {
  const where = `${source.repository}@${descriptor.digest.slice(0, 19)}`;
  const content = await source.fetchManifest(descriptor.digest, call);
  if (content === undefined) throw new ScError("ATTACHMENT_INVALID", `${where}: listed as a referrer and not there`);
  const manifest = decodeAttachedManifest(content, where);
  if (manifest.subject !== subject) {
    throw new ScError("SUBJECT_MISMATCH", `${where}: listed as a referrer of another image`, {
      facts: { image: subject, "attached to": manifest.subject ?? "nothing" },
    });
  }
  const bundles = manifest.layers.filter(({ mediaType }) => mediaType.startsWith(bundleMediaTypePrefix));
  if (bundles.length === 0) return layerCandidates(manifest, descriptor.digest, where);
  const [layer] = bundles;
  if (layer === undefined || manifest.layers.length > 1) {
    throw new ScError("ATTACHMENT_INVALID", `${where}: wanted one bundle, got ${manifest.layers.length} layers`);
  }
  return [{ form: "bundle", manifest: descriptor.digest, where, layer }];
}
