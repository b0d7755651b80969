import type { Buffer } from "node:buffer";
import { createDigest, type Digest, type DigestAlgorithm } from "@sc/model";

/** A digest of bytes that stream, taken here or in another thread. */
export interface ByteHash {
  /** Adds bytes; once it resolves they may be written over. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest of all bytes added; may be called once. */
  finish(): Promise<Digest>;
}

/** The digests that are taken while a layer passes. */
export interface LayerHashes extends AsyncDisposable {
  /** Of the bytes as they are stored and named. */
  readonly stored: ByteHash;
  /** Of what comes out of them, where something can be compared with it. */
  readonly content: ByteHash | undefined;
  /** Where the next piece of the content should lie, so that it need not be copied. */
  readonly nextOutput?: () => Buffer;
}

/** The algorithms of a layer's digests. */
export interface HashAlgorithms {
  readonly stored: DigestAlgorithm;
  readonly content: DigestAlgorithm | undefined;
}

/** Takes a layer's digests in this thread. */
export function createLayerHashes({ stored, content }: HashAlgorithms): LayerHashes {
  return {
    stored: createHash(stored),
    content: content === undefined ? undefined : createHash(content),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function createHash(algorithm: DigestAlgorithm): ByteHash {
  const hash = createDigest(algorithm);
  return { update: async (bytes) => hash.update(bytes), finish: async () => hash.finish() };
}
