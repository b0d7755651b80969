/** Every bound this package puts on what an image may make it hold or do, each with its reason. */
export interface RootfsLimits {
  /** Layers of one image. */
  readonly maxLayers: number;
  /** Entries of one layer, and of all layers together, each as often as it stands in the image. */
  readonly maxEntries: number;
  /** Bytes that the paths of one layer take, and of all different layers together, shared prefixes counted once. */
  readonly maxPathBytes: number;
  /** Compressed bytes of one layer. */
  readonly maxLayerBytes: number;
  /** Bytes that may come out of one layer. */
  readonly maxLayerContentBytes: number;
  /** Bytes out of a layer per byte in, past the first 64 MiB. */
  readonly maxRatio: number;
  /** Bytes of one file that a reader wants. A larger one is reported and not read. */
  readonly maxFileBytes: number;
  /** Bytes of one wanted file that are held in memory; above it the file is spooled. */
  readonly maxMemoryFileBytes: number;
  /** Bytes of wanted files held in memory by all layers of the process together; past it they are spooled. */
  readonly maxMemoryBytes: number;
  /** Bytes of small wanted files kept while a layer passes, because a hard link may name them again. */
  readonly maxKeptBytes: number;
  /** Files of one layer held to its end, because a reader reads them together. */
  readonly maxHeldFiles: number;
  /** Symbolic links followed on one path. */
  readonly maxLinks: number;
  /** Files looked at behind symbolic links to directories. */
  readonly maxLinkedFiles: number;
  /** Facts and problems of one layer, in bytes of JSON, that a cache file may hold. */
  readonly maxCacheBytes: number;
}

/** The bounds that hold where a caller names no others. */
export const rootfsLimits: RootfsLimits = {
  // Storage drivers stop at 128; build tools without one go higher.
  maxLayers: 1024,
  // The largest image known by name in an issue tracker has 3 million files.
  maxEntries: 10_000_000,
  // Ten million entries of fifty bytes.
  maxPathBytes: 512 * 2 ** 20,
  // Registries refuse larger blobs.
  maxLayerBytes: 64 * 2 ** 30,
  // Machine-learning layers reach tens of gigabytes; more than this is a bomb.
  maxLayerContentBytes: 256 * 2 ** 30,
  // The most compressible real layers stay below this over their whole length.
  maxRatio: 200,
  // The largest evidence seen are fat jars and Go binaries of a few hundred megabytes.
  maxFileBytes: 2 * 2 ** 30,
  // A package database fits, a program or a large jar does not.
  maxMemoryFileBytes: 8 * 2 ** 20,
  // Eight layers, each with a large package database.
  maxMemoryBytes: 256 * 2 ** 20,
  // Some thousand package.json files.
  maxKeptBytes: 8 * 2 ** 20,
  // An image has one or two package databases of a few files each; each may take a file descriptor.
  maxHeldFiles: 64,
  // ELOOP of Linux.
  maxLinks: 40,
  // A whole distribution behind each of its merged directories, many times over.
  maxLinkedFiles: 2_000_000,
  // The facts of a layer with 100 000 packages take some tens of megabytes.
  maxCacheBytes: 512 * 2 ** 20,
};
