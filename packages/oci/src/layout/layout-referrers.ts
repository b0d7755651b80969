import { Decoder, type Descriptor, type Digest, digestOf, digestAlgorithm, parseJson, ScError } from "@sc/model";
import { readRange } from "../file-range.ts";
import { maxGraphManifests, maxManifestBytes } from "../limits.ts";
import { decodeManifest, type Manifest } from "../manifest.ts";
import type { LayoutContent } from "./layout-content.ts";

/** What a blob of a layout says of itself, when it is a manifest with a subject. */
interface Referrer {
  readonly subject: Digest;
  readonly descriptor: Descriptor;
}

/**
 * The manifests of a layout that have a subject, found by looking at every small blob: not everybody who writes a layout
 * lists them in `index.json` (cosign save does not). What was seen once is remembered, as blobs never change.
 */
export class ReferrerScan {
  readonly #content: LayoutContent;
  readonly #seen = new Map<Digest, Referrer | undefined>();

  constructor(content: LayoutContent) {
    this.#content = content;
  }

  /** The referrers of a manifest, by digest. Throws `LAYOUT_INVALID` when there are too many blobs to look at. */
  async of(subject: Digest, signal?: AbortSignal): Promise<readonly Descriptor[]> {
    const found: Descriptor[] = [];
    for (const digest of await this.#content.listBlobs()) {
      signal?.throwIfAborted();
      const referrer = this.#seen.has(digest) ? this.#seen.get(digest) : await this.#look(digest);
      this.#seen.set(digest, referrer);
      if (this.#seen.size > maxGraphManifests * 10) {
        throw new ScError("LAYOUT_INVALID", `${this.#content.repository}: has too many blobs to look for referrers`);
      }
      if (referrer?.subject === subject) found.push(referrer.descriptor);
    }
    return found;
  }

  async #look(digest: Digest): Promise<Referrer | undefined> {
    const range = await this.#content.locate(digest);
    if (range === undefined || range.length > maxManifestBytes || range.length === 0) return undefined;
    const chunks: Uint8Array[] = [];
    for await (const chunk of readRange(range)) {
      // A manifest is a JSON object; most blobs are told from it by their first byte.
      if (chunks.length === 0 && !/^\s*\{/.test(Buffer.from(chunk.subarray(0, 64)).toString("latin1")))
        return undefined;
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    const manifest = digestOf(bytes, digestAlgorithm(digest)) === digest ? tryDecode(bytes) : undefined;
    if (manifest?.subject === undefined) return undefined;
    return { subject: manifest.subject.digest, descriptor: describeReferrer(manifest, digest, bytes.length) };
  }
}

/** The descriptor by which a manifest is listed among the referrers of its subject, as a registry's API gives it. */
export function describeReferrer(manifest: Manifest, digest: Digest, size: number): Descriptor {
  const artifactType = manifest.artifactType ?? (manifest.kind === "manifest" ? manifest.config.mediaType : undefined);
  return {
    mediaType: manifest.mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
  };
}

// A blob may be any JSON document; what is no manifest is no referrer, and says nothing about the layout.
function tryDecode(bytes: Uint8Array): Manifest | undefined {
  try {
    const document = new Decoder(parseJson(bytes, "blob"), "blob");
    return document.member("subject").absent ? undefined : decodeManifest(bytes, { where: "blob" });
  } catch {
    return undefined;
  }
}
