import { type ArtifactSource, type Call, type Descriptor, type Digest, digestOf, ScError } from "@sc/model";
import { signLimits } from "../limits.ts";

/** Reads the blobs of one verification and counts what they weigh together. */
export interface BlobReader {
  /** A blob, whole and verified. Throws `SIGN_LIMIT_EXCEEDED` and what the source throws. */
  read(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array>;
  /** Bytes that a blob is expected to be: where its digest says that it is, it is not fetched. */
  expect(bytes: Uint8Array): void;
}

/** A reader with its own budget of `maxTotalBytes`. What a descriptor claims counts before anything is fetched. */
export function createBlobReader(source: ArtifactSource, call: Call): BlobReader {
  let left = signLimits.maxTotalBytes;
  const expected = new Map<Digest, Uint8Array>();
  return {
    async read(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array> {
      const most = Math.min(maxBytes, left);
      if (descriptor.size > most) {
        throw new ScError(
          "SIGN_LIMIT_EXCEEDED",
          `${descriptor.digest}: ${descriptor.size} bytes; at most ${most} are read`,
        );
      }
      left -= descriptor.size;
      const known = expected.get(descriptor.digest);
      if (known?.length === descriptor.size) return known;
      return await source.fetchBlob(descriptor, { ...call, maxBytes: most });
    },
    expect(bytes: Uint8Array): void {
      expected.set(digestOf(bytes), bytes);
    },
  };
}
