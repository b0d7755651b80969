import type { Problem } from "@sc/model";
import type { CapturedFile, FileEntry } from "./entry.ts";

/**
 * What makes facts of single files while a layer streams by: the half of a cataloger that runs in the layer's worker.
 *
 * Facts are plain data that survive `structuredClone` and JSON; they are cached per layer under `id` and `version`.
 */
export interface FileReader<Facts> {
  /** Kebab-case. */
  readonly id: string;
  /** Raised whenever `read` gives something else for the same file. */
  readonly version: number;
  /** Whether the file is wanted, from its header alone. Asked of every file: string tests only. */
  wants(file: FileEntry): boolean;
  /** For files told by content: asked with the first bytes (up to 4 KiB) of every regular file not wanted already. */
  sniff?(first: Uint8Array, file: FileEntry): boolean;
  /** The facts of one wanted file; `undefined` when it turns out to hold none. Pure, synchronous. */
  read(file: CapturedFile): Facts | Problem | undefined;
}
