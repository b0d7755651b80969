import { ScError } from "@sc/model";

/** How long a command may take to stop after it was interrupted, in milliseconds, before it is abandoned. */
const graceMilliseconds = 150;

/** How long what was half written may take to be removed after that, in milliseconds. */
const removalMilliseconds = 2000;

/** The reason a signal carries when the user pressed Ctrl-C or the process was told to end. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "Interrupted";
  }
}

/**
 * What `work` comes to, or the reason the signal was aborted with: at the latest `graceMilliseconds` after that, also
 * when the work does not stop.
 */
export async function untilAborted<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    timer = setTimeout(() => reject(signal.reason), graceMilliseconds);
  };
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** Resolves when work that was interrupted has removed what it had half written, or has had the time to. */
export async function untilRemoved(work: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, removalMilliseconds);
  const settle = (): void => resolve();
  void work.then(settle, settle);
  await late;
  clearTimeout(timer);
}

/** The error for work that outlasted `--timeout`. */
export function timedOut(milliseconds: number): ScError {
  return new ScError("TIMED_OUT", `not done after ${milliseconds / 1000} s`, { hint: "Give a longer --timeout." });
}
