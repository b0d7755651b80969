import type { Call } from "@sc/model";

/** A step of a run, for those who watch. */
export interface Stage<Value> {
  /** One word: open, inventory, match, sign … */
  readonly name: string;
  readonly subject: string;
  readonly call: Call;
  /** What came of it, for people. */
  readonly detail?: (value: Value) => string;
}

/** Runs one step and tells that it began, and how it ended and how long it took. */
export async function runStage<Value>(stage: Stage<Value>, work: () => Promise<Value>): Promise<Value> {
  const { name, subject, call, detail } = stage;
  call.signal?.throwIfAborted();
  const began = performance.now();
  const tell = (state: "start" | "done" | "failed", text?: string): void => {
    const milliseconds = state === "start" ? {} : { milliseconds: Math.round(performance.now() - began) };
    const said = text === undefined ? {} : { detail: text };
    call.onProgress?.({ type: "stage", subject, stage: name, state, ...milliseconds, ...said });
  };
  tell("start");
  try {
    const value = await work();
    tell("done", detail?.(value));
    return value;
  } catch (error) {
    tell("failed");
    throw error;
  }
}
