import type { ArtifactSource, Call, Digest, ManifestContent } from "@sc/model";
import { envelopeMediaType } from "../envelope.ts";
import { simpleSigningMediaType } from "../simple-signing.ts";
import { type AttachedManifest, decodeAttachedManifest } from "./artifact-manifest.ts";
import type { UnverifiedCandidate } from "./candidate.ts";

/** The annotations of a layer under such a tag. */
export const layerAnnotations = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  chain: "dev.sigstore.cosign/chain",
  logEntry: "dev.sigstore.cosign/bundle",
  timestamp: "dev.sigstore.cosign/rfc3161timestamp",
  predicateType: "predicateType",
} as const;

/** What stands under a tag, with what is needed to write it again. */
export interface TaggedManifest {
  readonly content: ManifestContent;
  readonly manifest: AttachedManifest;
}

/** Reads the manifest under an image's tag, or `undefined` when there is none. Throws `ATTACHMENT_INVALID`. */
export async function readTag(source: ArtifactSource, tag: string, call: Call): Promise<TaggedManifest | undefined> {
  const content = await source.fetchManifest(tag, call);
  if (content === undefined) return undefined;
  return { content, manifest: decodeAttachedManifest(content, `${source.repository}:${tag}`) };
}

/** The layers of a tagged manifest that may be signatures or attestations. */
export function tagCandidates({ content, manifest }: TaggedManifest, where: string): readonly UnverifiedCandidate[] {
  return layerCandidates(manifest, content.descriptor.digest, where);
}

/** The layers that may be signatures or attestations in cosign's older form. */
export function layerCandidates(
  manifest: AttachedManifest,
  digest: Digest,
  where: string,
): readonly UnverifiedCandidate[] {
  return manifest.layers
    .map((layer, index) => ({ form: "tag" as const, manifest: digest, where: `${where}, layer ${index}`, layer }))
    .filter(({ layer }) => layer.mediaType === simpleSigningMediaType || layer.mediaType === envelopeMediaType);
}
