import type { Call } from "./call.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";

/** A manifest's bytes, verified against the digest in `descriptor`. */
export interface ManifestContent {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** What the store gives for a conditional write of the tag it was read by; absent when it has nothing to offer. */
  readonly etag?: string;
}

/** What a read of one small blob is held to. */
export interface FetchBlobOptions extends Call {
  /** Refuses a blob whose descriptor says more. Throws `BLOB_TOO_LARGE`. */
  readonly maxBytes: number;
}

/** What a listing of referrers may be narrowed by. */
export interface ReferrersOptions extends Call {
  /** Only those of this artifact type. Entries whose type is unknown are always kept: they must be opened to tell. */
  readonly artifactType?: string;
}

/**
 * One repository's content, read only: as much as a verifier needs. `@sc/oci` implements it for registries, layouts
 * and archives alike. A `reference` is a tag or a digest, never a whole image reference.
 */
export interface ArtifactSource {
  /** registry/repository as signatures name it; for a layout or archive what the user called it. */
  readonly repository: string;
  /** What the reference names, or `undefined` when there is nothing by that name. */
  resolve(reference: string, call?: Call): Promise<Descriptor | undefined>;
  /** The manifest the reference names, verified, or `undefined` when there is none. */
  fetchManifest(reference: string, call?: Call): Promise<ManifestContent | undefined>;
  /** A small blob, whole and verified. Throws `BLOB_NOT_FOUND`, `DIGEST_MISMATCH`. */
  fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array>;
  /** The manifests whose subject is `subject`, through the referrers API or the fallback tag; unverified claims. */
  listReferrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]>;
}

/** How a manifest is written. */
export interface PushManifestOptions extends Call {
  /** The tag to point at it; without one it is stored by its digest alone. */
  readonly tag?: string;
  /**
   * Writes the tag only if it still is what was read: the etag of that read, or `"absent"` when there was nothing.
   * Throws `MANIFEST_CHANGED` when it is not so, where the store can tell.
   */
  readonly ifMatch?: string;
}

/** A repository's content to read and to add to: as much as a signer needs. */
export interface ArtifactStore extends ArtifactSource {
  /** Stores bytes as a blob and returns its descriptor. Storing what is there already is no error. */
  pushBlob(bytes: Uint8Array, mediaType: string, call?: Call): Promise<Descriptor>;
  /**
   * Stores a manifest. When it has a `subject`, it is among that subject's referrers afterwards, also where the
   * store lacks the referrers API: then the fallback tag is kept, by conditional writes and re-reading.
   */
  pushManifest(bytes: Uint8Array, mediaType: string, options?: PushManifestOptions): Promise<Descriptor>;
  /** Removes a tag (or a manifest by digest). Throws `REGISTRY_DENIED` or `DELETE_UNSUPPORTED`. */
  deleteManifest(reference: string, call?: Call): Promise<void>;
}
