import type { ArchiveLimits } from "./limits.ts";

/** What a tar entry is. `other` are types that no container runtime unpacks. */
export type TarEntryType =
  | "file"
  | "directory"
  | "symlink"
  | "hardlink"
  | "character-device"
  | "block-device"
  | "fifo"
  | "other";

/** One entry of a tar, after pax records and GNU long names have been applied. */
export interface TarEntry {
  /** As written: not normalised, and never trusted. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Bytes of content: of a sparse file with its holes; 0 for everything but files. */
  readonly size: number;
  /** Permission bits, including setuid, setgid and sticky. */
  readonly mode: number;
  /** The target of a symlink or a hard link as written; `""` for everything else. */
  readonly linkPath: string;
  /** The content is not what is stored: it has holes, and parts of it may be stored in any order. */
  readonly sparse?: true;
}

/** What a tar reader calls as entries pass. Every call is made inside `push` or `end`. */
export interface TarVisitor {
  /** One entry, in the archive's order. Answers whether its content is wanted; only a file has any. */
  entry(entry: TarEntry): boolean;
  /**
   * A piece of the wanted content, in order. The view is the reader's: copy what is kept. `false` gives up the rest of
   * this entry.
   */
  content(piece: Uint8Array): boolean;
  /** The wanted content is complete. Not called after `content` gave up. */
  contentEnd(): void;
  /**
   * Records of a global extended header. They are not applied to entries, because Go's archive/tar does not and
   * unpacks layers in practice; other tools do apply them.
   */
  globalRecords?(records: ReadonlyMap<string, string>): void;
}

/** How a tar is read. */
export interface TarReaderOptions {
  /** What the archive is called in errors. */
  readonly where: string;
  readonly limits?: Partial<ArchiveLimits>;
}

/** What a tar held, known at its end. */
export interface TarSummary {
  readonly entries: number;
  /** Whether bytes other than zeros follow the end of the archive: some readers would go on reading there. */
  readonly trailingData: boolean;
}
