import type { Progress } from "@sc/model";

/** Shows progress on standard error. */
export interface ProgressView extends Disposable {
  show(progress: Progress): void;
}

/** What a view of progress writes to. */
export interface ProgressStream {
  write(text: string): unknown;
}

/** Shows nothing: `--silent` leaves errors alone. */
export function createSilentView(): ProgressView {
  return { show: () => {}, [Symbol.dispose]: () => {} };
}

/** How often a blob on its way is told of, in milliseconds. */
const blobIntervalMilliseconds = 100;

/** One JSON document per event and line; of the bytes of one blob at most ten a second, and always the last. */
export function createJsonView(stream: ProgressStream): ProgressView {
  const told = new Map<string, number>();
  return {
    show(progress: Progress): void {
      if (progress.type === "blob" && progress.doneBytes < progress.totalBytes) {
        const now = performance.now();
        if (now - (told.get(progress.digest) ?? -blobIntervalMilliseconds) < blobIntervalMilliseconds) return;
        told.set(progress.digest, now);
      }
      stream.write(`${JSON.stringify(progress)}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}
