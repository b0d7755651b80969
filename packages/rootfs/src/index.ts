export { rootfsErrorCodes } from "./error-codes.ts";
export { type CapturedFile, type EntryType, type FileEntry } from "./entry.ts";
export { type FileReader } from "./file-reader.ts";
