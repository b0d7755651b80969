import type { ProgressListener } from "./progress.ts";

/** What every asynchronous public function takes: a way to stop it and a way to watch it. */
export interface Call {
  /** Stops sockets, workers and timers; the function then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told of progress. It is never awaited, and what it throws is not caught. */
  readonly onProgress?: ProgressListener | undefined;
}
