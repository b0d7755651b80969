import type { Progress, StageProgress } from "@sc/model";
import type { ProgressStream, ProgressView } from "./progress.ts";
import { printable } from "./printable.ts";
import { formatBytes, formatSpan } from "./quantity.ts";
import type { Style } from "./style.ts";

/** How often a stage that says nothing shows that it lives: CI services end jobs that are silent. */
const heartbeatMilliseconds = 30_000;

/** The line for a stage that ended: its name, what came of it, how long it took. */
export function stageLine(progress: StageProgress, style: Style, prefix = ""): string {
  const sign = { done: "", cached: "", start: "", failed: `${style.bad} `, skipped: `${style.dash} ` }[progress.state];
  const cached = progress.state === "cached" && progress.detail === undefined ? "cached" : "";
  // What came of it, or at least of what: a stage without either would be a bare word.
  const said = printable(progress.detail ?? (prefix === "" ? progress.subject : ""));
  const text = `${prefix}${progress.stage.padEnd(10)} ${sign}${said}${cached}`;
  if (progress.milliseconds === undefined) return text.trimEnd();
  const room = style.columns - 10;
  const shown = text.length <= room ? text : `${text.slice(0, room - style.ellipsis.length - 1)}${style.ellipsis} `;
  return `${shown.padEnd(room)}${formatSpan(progress.milliseconds).padStart(9)}`;
}

/** The line for a notice. */
export function noticeLine(level: "info" | "warning", message: string, style: Style): string {
  const text = printable(message);
  return level === "warning" ? `${style.paint("warning", style.warning)} ${text}` : `  ${text}`;
}

/** One line per finished stage, appended: nothing is redrawn, so it reads as a log. */
export function createPlainView(
  stream: ProgressStream,
  style: Style,
  options: { readonly verbose: boolean },
): ProgressView {
  const { verbose } = options;
  const write = (text: string): void => {
    stream.write(verbose ? `${new Date().toISOString().slice(11, 23)}  ${text}\n` : `${text}\n`);
  };
  const running = new Map<string, { readonly progress: StageProgress; readonly since: number }>();
  const subjects = new Set<string>();
  const bytes = new Map<string, { readonly done: number; readonly total: number }>();
  const beat = setInterval(() => {
    for (const { progress, since } of running.values()) {
      const blobs = [...bytes.values()];
      const done = blobs.reduce((sum, blob) => sum + blob.done, 0);
      const total = blobs.reduce((sum, blob) => sum + blob.total, 0);
      const moved = total === 0 ? "" : `, ${formatBytes(done)} of ${formatBytes(total)}`;
      const milliseconds = performance.now() - since;
      write(stageLine({ ...progress, detail: `still running${moved}`, milliseconds }, style));
    }
  }, heartbeatMilliseconds);
  beat.unref();
  const showStage = (progress: StageProgress): void => {
    const key = `${progress.subject} ${progress.stage}`;
    subjects.add(progress.subject);
    if (progress.state === "start") {
      running.set(key, { progress, since: performance.now() });
      if (verbose) write(`${progress.stage.padEnd(10)} begins: ${printable(progress.subject)}`);
      return;
    }
    running.delete(key);
    bytes.clear();
    const prefix = subjects.size > 1 ? `[${printable(progress.subject)}] ` : "";
    write(stageLine(progress, style, prefix));
  };
  return {
    show(progress: Progress): void {
      if (progress.type === "stage") showStage(progress);
      else if (progress.type === "notice" && progress.level === "info" && !verbose) return;
      else if (progress.type === "notice") write(noticeLine(progress.level, progress.message, style));
      else bytes.set(progress.digest, { done: progress.doneBytes, total: progress.totalBytes });
    },
    [Symbol.dispose](): void {
      clearInterval(beat);
    },
  };
}
