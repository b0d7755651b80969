import { type ArtifactSource, type Call, type Descriptor, type Digest, digestOf, ScError } from "@sc/model";
import type { Envelope } from "../envelope.ts";
import type { Statement } from "../statement.ts";
import { signLimits } from "../limits.ts";

/** Reads the blobs of one verification and counts what they weigh together. */
export interface BlobReader {
  /** A blob, whole and verified. Throws `SIGN_LIMIT_EXCEEDED` and what the source throws. */
  read(descriptor: Descriptor, maxBytes: number): Promise<Uint8Array>;
  /** Bytes that a blob is expected to be, and what stands in them: where its digest says so, it is not fetched. */
  expect(bytes: Uint8Array, content: ExpectedContent): void;
  /** What stands in a blob, where it is one that was expected. */
  known(descriptor: Descriptor): ExpectedContent | undefined;
}

/** A signed statement that was read already, as it stood somewhere else. */
export interface ExpectedContent {
  readonly envelope: Envelope;
  readonly statement: Statement;
}

/** A reader with its own budget of `maxTotalBytes`. What a descriptor claims counts before anything is fetched. */
export function createBlobReader(source: ArtifactSource, call: Call): BlobReader {
  let left = signLimits.maxTotalBytes;
  const expected = new Map<Digest, { readonly bytes: Uint8Array; readonly content: ExpectedContent }>();
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
      if (known?.bytes.length === descriptor.size) return known.bytes;
      return await source.fetchBlob(descriptor, { ...call, maxBytes: most });
    },
    expect(bytes: Uint8Array, content: ExpectedContent): void {
      expected.set(digestOf(bytes), { bytes, content });
    },
    known({ digest, size }: Descriptor): ExpectedContent | undefined {
      const known = expected.get(digest);
      return known?.bytes.length === size ? known.content : undefined;
    },
  };
}
