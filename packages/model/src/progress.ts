import type { Digest } from "./digest.ts";

/**
 * Bytes of one blob that have passed: reported at most once a chunk. None of so many says what is to come; none of none,
 * that nothing of it has to be fetched.
 */
export interface BlobProgress {
  readonly type: "blob";
  readonly action: "fetch" | "push";
  /** The image or repository it belongs to, as the user named it. */
  readonly subject: string;
  readonly digest: Digest;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** A step of the run that began or ended. */
export interface StageProgress {
  readonly type: "stage";
  readonly subject: string;
  /** The stage's name, one word: resolve, inventory, match, sign … */
  readonly stage: string;
  readonly state: "start" | "done" | "failed" | "skipped" | "cached";
  /** How long it took, in milliseconds; with every state but `start`. */
  readonly milliseconds?: number;
  /** What came of it, for people. */
  readonly detail?: string;
}

/** A request over the network that was answered: for those who look for what goes wrong. */
export interface RequestProgress {
  readonly type: "request";
  readonly method: string;
  /** Without credentials and without what its query says. */
  readonly url: string;
  readonly status: number;
}

/** Something the user should know that is neither a result nor a failure: a retry, a fallback, a weakened setting. */
export interface Notice {
  readonly type: "notice";
  readonly level: "info" | "warning";
  readonly code: string;
  readonly message: string;
}

/** Everything a running call may report. */
export type Progress = BlobProgress | StageProgress | RequestProgress | Notice;

/** Receives progress as it happens. */
export type ProgressListener = (progress: Progress) => void;
