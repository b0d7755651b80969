/**
 * Every bound this package puts on what an archive may make it hold or do, each with its reason.
 *
 * A caller may lower or raise one; it cannot switch one off.
 */
export interface ArchiveLimits {
  /** Bytes that may come out of one compressed stream. */
  readonly maxOutputBytes: number;
  /** Bytes out per byte in, once `ratioGraceBytes` have come out. */
  readonly maxRatio: number;
  /** Bytes out before `maxRatio` is looked at. */
  readonly ratioGraceBytes: number;
  /** Entries of one tar. */
  readonly maxEntries: number;
  /** Bytes of one path or link target. */
  readonly maxPathBytes: number;
  /** Bytes of one extended header (pax records, a GNU long name) or one sparse map. */
  readonly maxExtendedHeaderBytes: number;
  /** Extended headers in a row before an entry has to come. */
  readonly maxExtendedHeaders: number;
  /** Entries of one zip. */
  readonly maxZipEntries: number;
  /** Bytes of one zip's central directory. */
  readonly maxZipDirectoryBytes: number;
  /** Bytes that one zip entry may inflate to. */
  readonly maxZipEntryBytes: number;
}

/** The bounds that hold where a caller names no others. */
export const archiveLimits: ArchiveLimits = {
  // The largest layers in public registries are tens of gigabytes; a stream of more than this is a bomb.
  maxOutputBytes: 256 * 2 ** 30,
  // Deflate ends at 1032:1 and zstd far above; the most compressible real layers (debug symbols, zeroed disk
  // images) stay below 200:1 over their whole length.
  maxRatio: 200,
  // A small layer of zeros is harmless whatever its ratio.
  ratioGraceBytes: 64 * 2 ** 20,
  // The largest image known by name in an issue tracker has 3 million files.
  maxEntries: 10_000_000,
  // PATH_MAX of Linux: nothing longer can be unpacked.
  maxPathBytes: 4096,
  // What Go's archive/tar allows, which unpacks layers everywhere.
  maxExtendedHeaderBytes: 2 ** 20,
  // An entry needs three at most: pax records, a long name and a long link.
  maxExtendedHeaders: 16,
  // Advisory archives have a few hundred thousand, the largest jars some ten thousand. None is held as an object.
  maxZipEntries: 2_000_000,
  // A few hundred thousand entries with names of 200 bytes.
  maxZipDirectoryBytes: 64 * 2 ** 20,
  // A nested jar is the largest thing ever read out of a zip.
  maxZipEntryBytes: 2 ** 30,
};
