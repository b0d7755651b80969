import type { Digest, Problem } from "@sc/model";
import type { EntryLog } from "./entry-log.ts";

/** Facts of one file of a layer. */
export interface RecordedFact {
  /** The index of the file's entry. */
  readonly entry: number;
  readonly reader: string;
  readonly value: unknown;
}

/** A problem of one entry of a layer, or of the layer as a whole. */
export interface RecordedProblem {
  readonly entry?: number;
  readonly problem: Problem;
}

/** Everything that reading one layer gives: small, plain, and the same whoever reads it. */
export interface LayerRecord {
  readonly digest: Digest;
  /** The digest of the uncompressed content, where it was taken. */
  readonly contentDigest?: Digest;
  /** The entries, as `EntryLogReader` reads them. */
  readonly log: EntryLog;
  readonly entries: number;
  readonly whiteouts: number;
  readonly facts: readonly RecordedFact[];
  readonly problems: readonly RecordedProblem[];
  /** Hard links whose facts were read from the entry they name: index of the link, index of the content. */
  readonly links: readonly (readonly [number, number])[];
  /** Files whose readers looked at more of them than was held: they have to be read again, whole. */
  readonly unheld?: readonly LinkedRead[];
}

/** A file of a layer that is wanted under another path than its own, found out after the layers were merged. */
export interface LinkedRead {
  readonly entry: number;
  readonly path: string;
  readonly readers: readonly string[];
}

/** Facts that such a read gave. */
export interface LinkedFact {
  readonly path: string;
  readonly reader: string;
  /** Facts, or a `Problem`. */
  readonly value: unknown;
}
