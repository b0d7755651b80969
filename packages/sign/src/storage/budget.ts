import { type ArtifactSource, type Call, type Descriptor, ScError } from "@sc/model";
import { signLimits } from "../limits.ts";

/** Reads the blobs of one verification and counts what they weigh together. */
export interface BlobReader {
  /** A blob, whole and verified. Throws `SIGN_LIMIT_EXCEEDED` and what the source throws. */
  read(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array>;
}

/** A reader with its own budget of `maxTotalBytes`. What a descriptor claims counts before anything is fetched. */
export function createBlobReader(source: ArtifactSource, call: Call): BlobReader {
  let left = signLimits.maxTotalBytes;
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
      return await source.fetchBlob(descriptor, { ...call, maxBytes: most });
    },
  };
}
