import type { Problem } from "@sc/model";
import type { CapturedFile, FileEntry } from "./entry.ts";

/**
 * What the names of the files are that a reader can want, or reads together with one it wants. A file that none of these
 * fits is not asked about: whatever `wants` and `companionOf` say yes to has to be among them.
 */
export interface FileNames {
  /** Names in full. */
  readonly names?: readonly string[];
  /** What names begin with, up to their first dot, hyphen or digit: `python` for `python3.11`. */
  readonly stems?: readonly string[];
  /** What names end with behind their last dot, in lower case: `jar` for `Any-1.0.JAR`. */
  readonly extensions?: readonly string[];
  /** The names of the directories that files lie straight in. */
  readonly folders?: readonly string[];
  /** The names of directories that files lie anywhere below of. */
  readonly above?: readonly string[];
}

/** A stretch of a file: bytes from `start` up to `end`. */
export interface FilePart {
  readonly start: number;
  readonly end: number;
}

/**
 * Looks at one file while it passes, instead of at all of it at its end. Synchronous; gives what `read` would give.
 */
export interface FileScan<Facts> {
  /** The next bytes, a view that is written over afterwards; false once no more are wanted. */
  push(piece: Uint8Array): boolean;
  /** The facts, once the file has ended or no more of it was wanted. Called once. */
  finish(): Facts | Problem | undefined;
}

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
  /** The only files that are asked about; without it `wants` and `companionOf` are asked of every file. */
  readonly among?: FileNames;
  /** Whether the file is wanted, from its header alone. Asked of many files: string tests only. */
  wants(file: FileEntry): boolean;
  /**
   * For files told by content: asked with the first bytes (up to 4 KiB) of every regular file not wanted already. Where
   * several readers have the same function it is called once for all of them.
   */
  readonly sniff?: (first: Uint8Array, file: FileEntry) => boolean;
  /**
   * The parts that `read` looks at of a file too large for memory, told from its first bytes (up to 4 KiB): only they are
   * held, where all readers of the file say theirs. Without it, or where it gives `undefined`, all of the file is held.
   * A part may be forgotten: whoever looks elsewhere is given the whole file in another pass over the layer.
   */
  parts?(first: Uint8Array, file: FileEntry): readonly FilePart[] | undefined;
  /** Instead of `read`, for a file too large for memory: nothing of it is then held for this reader. */
  scan?(file: FileEntry): FileScan<Facts>;
  /**
   * For formats of several files: the path of the wanted file that this path's content belongs to, as `db` for
   * `db-wal`. Asked like `wants`. A reader that has this function reads what it wants when the layer has ended, each
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
