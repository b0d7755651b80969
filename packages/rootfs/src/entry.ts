/** What an entry of a layer is. Devices and pipes are `other`: nothing here ever needs more of them. */
export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** A file of a layer as its tar header describes it; the bytes have not been looked at. */
export interface FileEntry {
  /** Normalised: no leading slash, no `.`, no `..`, no empty segment: `usr/lib/os-release`. */
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content; 0 for anything but files. */
  readonly size: number;
  /** Permission bits, including setuid, setgid and sticky. */
  readonly mode: number;
  /** For a symlink the target as written; for a hard link the normalised path it names. */
  readonly linkTarget?: string;
}

/**
 * A file whose bytes a reader asked for: random access, in memory or spooled, valid only during the call it is given to.
 */
export interface CapturedFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** The whole content. Throws `FILE_TOO_LARGE` when it is larger than `maxBytes` (default 64 MiB). */
  bytes(maxBytes?: number): Uint8Array;
  /** The whole content as UTF-8, malformed sequences replaced. Limits as for `bytes`. */
  text(maxBytes?: number): string;
  /**
   * Up to `length` bytes from `offset`; shorter only at the end of the file. Where they must be read from a disk they
   * are put into `into`, if that is given and has room: whoever looks at a large file piece by piece makes no garbage.
   */
  readAt(offset: number, length: number, into?: Uint8Array): Uint8Array;
  /**
   * Runs what takes much memory of its own, such as an archive that is inflated, while no other thread reads anything like
   * it: what all threads hold so is bounded by what one may hold. Not within itself. `undefined`, and nothing was run,
   * where another thread took too long. Absent where a file is read by itself.
   */
  alone?<Result>(work: () => Result): { readonly result: Result } | undefined;
}
