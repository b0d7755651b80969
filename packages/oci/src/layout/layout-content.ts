import type { Call, Digest } from "@sc/model";
import type { FileRange } from "../source.ts";

/**
 * Where a layout's files are: in a folder or in a tar. What is read through it is not verified here.
 */
export interface LayoutContent extends AsyncDisposable {
  readonly scheme: string;
  /** What the user called it. */
  readonly repository: string;
  /** The bytes of `index.json` as they are now. */
  readIndex(call?: Call): Promise<Uint8Array>;
  /** Where a blob lies, or `undefined` when there is none of that digest. */
  locate(digest: Digest): Promise<FileRange | undefined>;
  /** The digests of all blobs, sorted. */
  listBlobs(): Promise<readonly Digest[]>;
}
