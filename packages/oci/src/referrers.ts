import { type Call, type Descriptor, type Digest, ScError, attachedSuffixes, attachedTag } from "@sc/model";
import type { DecodedManifest } from "./image.ts";
import { maxGraphManifests, maxReferrerDepth } from "./limits.ts";
import { decodeManifest } from "./manifest.ts";
import type { ImageSource } from "./source.ts";

/** A manifest that cosign before version 3 attached to another by tag. */
export interface AttachedManifest extends DecodedManifest {
  readonly tag: string;
}

/**
 * The manifests that name `subject` as theirs. What a place lists is a claim: an entry whose manifest is not there or
 * names another subject is left out.
 */
export async function fetchReferrers(
  source: ImageSource,
  subject: Digest,
  call: Call = {},
): Promise<readonly DecodedManifest[]> {
  const found: DecodedManifest[] = [];
  for (const descriptor of await source.listReferrers(subject, call)) {
    const content = await source.fetchManifest(descriptor.digest, call);
    if (content === undefined) continue;
    const where = `${source.repository}: ${descriptor.digest}`;
    const manifest = decodeManifest(content.bytes, { where, mediaType: content.descriptor.mediaType });
    if (manifest.subject?.digest !== subject) continue;
    const { mediaType, digest, size } = content.descriptor;
    found.push({ descriptor: { mediaType, digest, size }, manifest, bytes: content.bytes });
  }
  return found;
}

/** What is attached to a manifest by the tags `sha256-<hex>.sig`, `.att` and `.sbom`. */
export async function fetchAttached(
  source: ImageSource,
  subject: Digest,
  call: Call = {},
): Promise<readonly AttachedManifest[]> {
  const found: AttachedManifest[] = [];
  for (const suffix of attachedSuffixes) {
    const tag = attachedTag(subject, suffix);
    const content = await source.fetchManifest(tag, call);
    if (content === undefined) continue;
    const { descriptor, bytes } = content;
    const manifest = decodeManifest(bytes, { where: `${source.repository}:${tag}`, mediaType: descriptor.mediaType });
    found.push({ descriptor, manifest, bytes, tag });
  }
  return found;
}

/**
 * Keeps a walk over manifests finite: each is entered once, and there are not too many of them nor of referrers of
 * referrers.
 */
export class GraphBounds {
  readonly #where: string;
  readonly #entered = new Set<Digest>();

  constructor(where: string) {
    this.#where = where;
  }

  /** Whether a manifest is to be entered now: false when it has been. Throws `GRAPH_TOO_LARGE`. */
  enter(descriptor: Descriptor, referrerDepth: number): boolean {
    if (this.#entered.has(descriptor.digest)) return false;
    this.#entered.add(descriptor.digest);
    if (this.#entered.size > maxGraphManifests || referrerDepth > maxReferrerDepth) {
      throw new ScError(
        "GRAPH_TOO_LARGE",
        `${this.#where}: has more than ${maxGraphManifests} manifests, or referrers of referrers more than ${maxReferrerDepth} deep`,
      );
    }
    return true;
  }
}
