export { type Compression, compressionMagicBytes, detectCompression } from "./compression.ts";
export { decompress, type DecompressOptions } from "./decompress.ts";
export { decodeEntryName, normalizeEntryPath } from "./entry-path.ts";
export { archiveErrorCodes } from "./error-codes.ts";
export { FrameDecoder } from "./frame-decoder.ts";
export { type ArchiveLimits, archiveLimits } from "./limits.ts";
export {
  type TarEntry,
  type TarEntryType,
  type TarReaderOptions,
  type TarSummary,
  type TarVisitor,
} from "./tar-entry.ts";
export { TarReader } from "./tar-reader.ts";
export { packTar, type TarWriterEntry } from "./tar-writer.ts";
export { type ZipEntry, type ZipName, ZipReader, type ZipReaderOptions } from "./zip-reader.ts";
export { bufferAccess, openFileAccess, type RandomAccess } from "./random-access.ts";
