import type { ArtifactSource, ArtifactStore, Call, Descriptor } from "@sc/model";

/** How a blob is opened. */
export interface OpenBlobOptions extends Call {
  /** Follow a foreign layer's `urls` when the place itself does not hold it. Off by default. */
  readonly unsafeFollowForeignUrls?: boolean;
}

/** A part of a file of this machine: where a blob lies, so that another thread can open it itself. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * One place that images can be read from: a repository of a registry, a layout, an archive.
 *
 * Everything it hands out is verified: a blob's stream ends with an error, and never with a silent end, when size or
 * digest are not the descriptor's.
 */
export interface ImageSource extends ArtifactSource, AsyncDisposable {
  /** What kind of place it is: the scheme of the reference. */
  readonly scheme: string;
  /** The bytes of a blob as they arrive, in chunks as large as the place gives them. Throws `BLOB_NOT_FOUND`. */
  openBlob(descriptor: Descriptor, options?: OpenBlobOptions): Promise<AsyncIterable<Uint8Array>>;
  /** Every tag, in the place's own order. */
  listTags(call?: Call): Promise<readonly string[]>;
  /**
   * What is meant where a reference has neither tag nor digest: the only image there is. Throws `IMAGE_AMBIGUOUS` and
   * `IMAGE_NOT_FOUND`, listing what is there. Only places whose references may be so short have it.
   */
  resolveOnly?(call?: Call): Promise<Descriptor>;
  /** Where the blob's bytes lie, unverified, when they lie in a file as they are; `undefined` when they do not. */
  locateBlob?(descriptor: Descriptor, call?: Call): Promise<FileRange | undefined>;
  /** The place holds no manifests of its own: they, and so their digests, were computed from what it does hold. */
  readonly computed?: true;
}

/** One place that images can be written to. */
export interface ImageDestination extends ImageSource, ArtifactStore {
  /** Whether the blob is there already. */
  hasBlob(descriptor: Descriptor, call?: Call): Promise<boolean>;
  /** Stores a blob from a stream; verifies it on the way and leaves nothing behind when it is not what it should be. */
  writeBlob(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, call?: Call): Promise<void>;
  /** Takes a blob over from another repository of the same place without moving bytes; false when it cannot. */
  mountBlob(descriptor: Descriptor, fromRepository: string, call?: Call): Promise<boolean>;
  /** Whether what is written is there for others only after `commit`, and gone when disposed of without it. */
  readonly staged: boolean;
  /** Ends the writing: of a place that is staged, by making what was written be there for others. */
  commit?(call?: Call): Promise<void>;
}
