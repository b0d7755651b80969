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
  /**
   * For formats of several files: the path of the wanted file that this path's content belongs to, as `db` for
   * `db-wal`. Asked of every file. A reader that has this function reads what it wants when the layer has ended, each
   * file with its companions out of the same layer, in whatever order they lie there. A companion without its file in
   * the same layer is a problem (`COMPANION_APART`); an empty one is none. Not for files that only `sniff` tells.
   */
  companionOf?(path: string): string | undefined;
  /**
   * The facts of one wanted file; `undefined` when it turns out to hold none. Pure, synchronous. `companions` are those
   * of `companionOf`, by path.
   */
  read(file: CapturedFile, companions?: ReadonlyMap<string, CapturedFile>): Facts | Problem | undefined;
}
