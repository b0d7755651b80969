import type { Digest, Problem } from "@sc/model";
import type { EntryType } from "./entry.ts";

/** A file of the final image. */
export interface FileStat {
  /** Where it really is: no symbolic link leads there. */
  readonly path: string;
  /** Never `hardlink`: a hard link is the file it names. */
  readonly type: Exclude<EntryType, "hardlink">;
  readonly size: number;
  readonly mode: number;
  /** The target of a symbolic link as written. */
  readonly linkTarget?: string;
  /** The layer that brought it, counted from the bottom. */
  readonly layer: number;
}

/** What one layer turned out to be. */
export interface WalkedLayer {
  readonly digest: Digest;
  /** Entries, whiteouts included. */
  readonly entries: number;
  /** Whether the facts came from the cache, so that no byte of the layer was read. */
  readonly cached: boolean;
}

/** What a reader says of a file that is in a layer and not in the image, because a layer above hides it. */
export interface HiddenFact {
  /** Where the file was as long as it could be seen. */
  readonly path: string;
  /** The layer that holds the file, counted from the bottom. */
  readonly layer: number;
  /** The layer that replaced it or took it away; the last where several hid what was at the path. */
  readonly hiddenBy: number;
  readonly value: unknown;
}

/** What the layers of an image come to: the files that are left, and the facts about those that were wanted. */
export interface RootFilesystem {
  readonly layers: readonly WalkedLayer[];
  /** What is wrong inside the image, in the order of layers and entries; hidden files leave none. */
  readonly problems: readonly Problem[];
  /**
   * The facts that a reader has, by the path they are at, paths in the order of their UTF-16 code units.
   *
   * A path may lead through a symbolic link, where only that path is wanted and the file behind it is not.
   */
  facts(readerId: string): ReadonlyMap<string, unknown>;
  /** The facts that a reader has of hidden files, in the order of layers and then of paths. */
  hiddenFacts(readerId: string): readonly HiddenFact[];
  /** What is wrong with hidden files, in the order of layers and entries. */
  readonly hiddenProblems: readonly Problem[];
  /** The layer that brought the file at a path, through symbolic links; `undefined` where there is none. */
  layerOf(path: string): number | undefined;
  /** The file at a path, the last symbolic link not followed. */
  lstat(path: string): FileStat | undefined;
  /** The file at a path, every symbolic link followed. */
  stat(path: string): FileStat | undefined;
  /** The path without symbolic links of the file at a path; `undefined` where there is none or links go in circles. */
  resolve(path: string): string | undefined;
}
