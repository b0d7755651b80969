import type { Descriptor, Digest } from "@sc/model";

/** A stretch of a local file: where a layer's bytes can be read without passing them through this thread. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** One layer of an image: what it is and how its bytes are had. */
export interface LayerSource {
  /** Its digest and size are always verified. */
  readonly descriptor: Descriptor;
  /** The digest of the uncompressed tar that the image's config claims. */
  readonly diffId?: Digest;
  /** The bytes as the descriptor describes them, compressed or not. Called only when they are needed. */
  open(): Promise<AsyncIterable<Uint8Array>>;
  /** Set where the bytes lie in a local file: it is then read instead of calling `open`. */
  readonly file?: FileRange;
  /** Told when nothing of the layer has to be read, since its facts are known. */
  readonly onKnown?: () => void;
}
