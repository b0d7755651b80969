import { type Digest, digestAlgorithm, digestHex } from "./digest.ts";

/** What cosign before version 3 attached by tag: signatures, attestations, SBOMs. */
export const attachedSuffixes = ["sig", "att", "sbom"] as const;

/** One of the suffixes. */
export type AttachedSuffix = (typeof attachedSuffixes)[number];

/** The tag under which something is attached to a manifest: `sha256-<hex>.sig`. */
export function attachedTag(subject: Digest, suffix: AttachedSuffix): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject)}.${suffix}`;
}

/**
 * The tag of the index that lists a manifest's referrers where there is no referrers API.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject).slice(0, 32)}-${digestHex(subject).slice(0, 64)}`;
}

/** What a tag of one of these forms belongs to, or `undefined` for every other tag. */
export function parseAttachedTag(
  tag: string,
): { readonly subject: string; readonly suffix: AttachedSuffix | undefined } | undefined {
  const match = /^(sha256|sha384|sha512)-([0-9a-f]{64,128})(?:\.(sig|att|sbom))?$/.exec(tag);
  if (match === null) return undefined;
  const suffix = attachedSuffixes.find((known) => known === match[3]);
  return { subject: `${match[1]}:${match[2]}`, suffix };
}
