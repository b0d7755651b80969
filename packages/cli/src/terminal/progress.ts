import type { Progress } from "@sc/model";

/** Shows progress on standard error. */
export interface ProgressView extends Disposable {
  show(progress: Progress): void;
}

/** What a view of progress writes to. */
export interface ProgressStream {
  write(text: string): unknown;
}

/** Shows nothing but warnings. */
export function createSilentView(): ProgressView {
  return { show: () => {}, [Symbol.dispose]: () => {} };
}

/** One JSON document per event and line. */
export function createJsonView(stream: ProgressStream): ProgressView {
  return {
    show: (progress) => stream.write(`${JSON.stringify(progress)}\n`),
    [Symbol.dispose]: () => {},
  };
}
