export { type CapturedFile, type EntryType, type FileEntry } from "./entry.ts";
export { rootfsErrorCodes } from "./error-codes.ts";
export { type FileReader } from "./file-reader.ts";
export { type FileRange, type LayerSource } from "./layer.ts";
export { type RootfsLimits, rootfsLimits } from "./limits.ts";
export { walkLayers, type WalkLayersOptions } from "./walk-layers.ts";
export { type FileStat, type HiddenFact, type RootFilesystem, type WalkedLayer } from "./root-filesystem.ts";
export { serveLayers } from "./serve-layers.ts";
export { type WorkerOptions } from "./worker-walker.ts";
