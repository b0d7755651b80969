import type { BlobProgress, Progress, RequestProgress, StageProgress } from "@sc/model";
import type { ProgressStream, ProgressView } from "./progress.ts";
import { printable } from "./printable.ts";
import { formatBytes, formatSpan } from "./quantity.ts";
import type { Style } from "./style.ts";

/** How often a stage that says nothing shows that it lives: CI services end jobs that are silent. */
const heartbeatMilliseconds = 30_000;

/** How the line of a stage is written. */
export interface StageLineOptions {
  /** Whose stage it is, where there are several. */
  readonly prefix?: string;
  /** Whether it must fit a terminal that redraws what is below it; a log loses nothing. */
  readonly cut?: boolean;
}

/** The line for a stage that ended: its name, what came of it, how long it took. */
export function stageLine(
  progress: StageProgress,
  style: Style,
  { prefix = "", cut = false }: StageLineOptions = {},
): string {
  const sign = { done: "", cached: "", start: "", failed: `${style.bad} `, skipped: `${style.dash} ` }[progress.state];
  const bare = progress.detail === undefined;
  const cached = progress.state === "cached" && bare ? "cached" : "";
  const failed = progress.state === "failed" && bare && prefix !== "" ? "failed" : "";
  // What came of it, or at least of what: a stage without either would be a bare word.
  const said = printable(progress.detail ?? (prefix === "" ? progress.subject : ""));
  const text = `${prefix}${progress.stage.padEnd(10)} ${sign}${said}${cached}${failed}`;
  if (progress.milliseconds === undefined) return text.trimEnd();
  const room = style.columns - 10;
  const span = formatSpan(progress.milliseconds);
  if (text.length > room && !cut) return `${text}  ${span}`;
  const shown = text.length <= room ? text : `${text.slice(0, room - style.ellipsis.length - 1)}${style.ellipsis} `;
  return `${shown.padEnd(room)}${span.padStart(9)}`;
}

/** The line for a notice. */
export function noticeLine(level: "info" | "warning", message: string, style: Style): string {
  const text = printable(message);
  return level === "warning" ? `${style.paint("warning", style.warning)} ${text}` : `  ${text}`;
}

const scheme = /^(?:registry|oci-layout|oci-archive|docker-archive|docker-daemon|dir|rootfs-tar):/;

/**
 * Short names for what stages are about: `api:1.4.2` for `ghcr.io/acme/api:1.4.2`, `api` for `oci-layout:api`, the whole
 * where two would be called the same.
 */
export function createLabels(): (subject: string) => string {
  const owners = new Map<string, string>();
  return (subject) => {
    const [name = subject] = (subject.split("/").at(-1) ?? subject).replace(scheme, "").split("@");
    const owner = owners.get(name) ?? subject;
    owners.set(name, owner);
    return printable(owner === subject && name !== "" ? name : subject);
  };
}

/**
 * Whether a stage is only a part of another, such as one form a signature was stored in: it took no time of its own and
 * went well. Those who did not ask for details are told of the whole.
 */
export function isPart({ state, milliseconds }: StageProgress): boolean {
  return milliseconds === undefined && (state === "done" || state === "cached");
}

/** Whether a blob is on its way for what a stage is about: blobs name the repository, stages the image as it was written. */
export function isFor({ subject }: BlobProgress, stage: StageProgress): boolean {
  return stage.subject === subject || [":", "@"].some((sign) => stage.subject.startsWith(subject + sign));
}

/** Whether what is to come of a blob is announced, of which bytes have passed already: images share layers. */
export function isOutdated(told: BlobProgress, known: BlobProgress): boolean {
  return told.doneBytes === 0 && known.doneBytes > 0;
}

/** What decides how a log of stages reads. */
export interface PlainViewOptions {
  readonly verbose: boolean;
  /** Whether the run is about several images: every line then begins with its own. */
  readonly several?: boolean;
}

/** One line per finished stage, appended: nothing is redrawn, so it reads as a log. */
export function createPlainView(stream: ProgressStream, style: Style, options: PlainViewOptions): ProgressView {
  const { verbose, several = false } = options;
  const label = createLabels();
  const write = (text: string): void => {
    stream.write(verbose ? `${new Date().toISOString().slice(11, 23)}  ${text}\n` : `${text}\n`);
  };
  const running = new Map<string, { readonly progress: StageProgress; readonly since: number }>();
  const subjects = new Set<string>();
  // By digest: a layer that several images share is one.
  const bytes = new Map<string, BlobProgress>();
  const prefixOf = ({ subject }: StageProgress): string => (several || subjects.size > 1 ? `[${label(subject)}] ` : "");
  const beat = setInterval(() => {
    for (const { progress, since } of running.values()) {
      const blobs = [...bytes.values()].filter((blob) => isFor(blob, progress));
      const done = blobs.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
      const total = blobs.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
      const moved = total === 0 ? "" : `, ${formatBytes(done)} of ${formatBytes(total)}`;
      const milliseconds = performance.now() - since;
      const detail = `still running${moved}`;
      write(stageLine({ ...progress, detail, milliseconds }, style, { prefix: prefixOf(progress) }));
    }
  }, heartbeatMilliseconds);
  // It must not keep a process alive that has nothing left to do; while a stage runs something else does.
  beat.unref();
  const showStage = (progress: StageProgress): void => {
    const key = `${progress.subject} ${progress.stage}`;
    if (progress.state === "start" || !isPart(progress)) subjects.add(progress.subject);
    if (progress.state === "start") {
      running.set(key, { progress, since: performance.now() });
      if (verbose) write(`${progress.stage.padEnd(10)} begins: ${printable(progress.subject)}`);
      return;
    }
    running.delete(key);
    for (const [digest, blob] of bytes) if (isFor(blob, progress)) bytes.delete(digest);
    if (verbose || !isPart(progress)) write(stageLine(progress, style, { prefix: prefixOf(progress) }));
  };
  const showRequest = ({ method, url, status }: RequestProgress): void => {
    if (verbose) write(`${"request".padEnd(10)} ${method} ${printable(url)} ${status}`);
  };
  return {
    show(progress: Progress): void {
      if (progress.type === "stage") showStage(progress);
      else if (progress.type === "notice" && progress.level === "info" && !verbose) return;
      else if (progress.type === "notice") write(noticeLine(progress.level, progress.message, style));
      else if (progress.type === "request") showRequest(progress);
      else if (!isOutdated(progress, bytes.get(progress.digest) ?? progress)) bytes.set(progress.digest, progress);
    },
    [Symbol.dispose](): void {
      clearInterval(beat);
    },
  };
}
