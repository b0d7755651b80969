import type { BlobProgress, Progress, StageProgress } from "@sc/model";
import type { OutputStream } from "../main.ts";
import type { Redact } from "../secrets.ts";
import { createLabels, isFor, isOutdated, isPart, noticeLine } from "./plain-view.ts";
import { cutMiddle, printable, wrap } from "./printable.ts";
import type { ProgressView } from "./progress.ts";
import { formatBytes, formatSpan } from "./quantity.ts";
import type { Style } from "./style.ts";

/** How often the grid is drawn anew, in milliseconds. */
const frameMilliseconds = 100;

/** The stages of the chain, in its order; others that come stand behind them. */
const chain = ["resolve", "inventory", "match", "sign", "attest", "verify"];

/** The stage that says that all of an image is done. */
const whole = "secure";

const spinner = { unicode: "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", ascii: "|/-\\" };

interface Cell {
  readonly progress: StageProgress;
  readonly since: number;
}

interface Row {
  readonly subject: string;
  readonly cells: Map<string, Cell>;
  end?: StageProgress["state"];
}

/** What a grid is drawn with. */
export interface GridViewOptions {
  readonly style: Style;
  readonly redact: Redact;
  /** The images as they were named, so that those not begun have a row too. */
  readonly images: readonly string[];
}

/**
 * A row for each of several images and a column for each stage, redrawn in place at most ten times a second. Where the
 * terminal is lower than the grid, those that are done are counted and not shown. The whole grid stays when the work is
 * done.
 */
export function createGridView(stream: OutputStream, options: GridViewOptions): ProgressView {
  const { style, redact, images } = options;
  const label = createLabels();
  const rows = new Map<string, Row>(images.map((subject) => [subject, { subject, cells: new Map() }]));
  const bytes = new Map<string, BlobProgress>();
  const began = performance.now();
  let height = 0;
  let turn = 0;
  let ended = false;

  const columnsSeen = (): readonly string[] => {
    const seen = new Set([...rows.values()].flatMap(({ cells }) => Array.from(cells.keys())));
    return [...chain.filter((stage) => seen.has(stage)), ...[...seen].filter((stage) => !chain.includes(stage))];
  };

  const cellText = (row: Row, stage: string): string => {
    const cell = row.cells.get(stage);
    const isStop = row.end === "failed" && stage === stopOf(row);
    if (cell === undefined) return isStop ? style.bad : row.end === undefined ? style.dot : style.dash;
    const { state } = cell.progress;
    if (state !== "start") return endText(isStop ? { ...cell.progress, state: "failed" } : cell.progress, style);
    const frames = style.unicode ? spinner.unicode : spinner.ascii;
    return `${ended ? style.dash : frames.charAt(turn % frames.length)} ${shareText(cell.progress) ?? formatSpan(performance.now() - cell.since)}`;
  };

  // What stopped an image is the last that was begun of it, also where that itself went well, as a scan that found much.
  const stopOf = ({ cells }: Row): string | undefined =>
    columnsSeen().findLast((stage) => cells.has(stage)) ?? columnsSeen()[0];

  const shareText = (progress: StageProgress): string | undefined => {
    const blobs = [...bytes.values()].filter((blob) => isFor(blob, progress) && blob.action === "fetch");
    const total = blobs.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
    const done = blobs.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
    return total === 0 || done >= total ? undefined : `${Math.floor((100 * done) / total)} %`;
  };

  const rowLines = (shown: readonly Row[], columns: number): readonly string[] => {
    const stages = columnsSeen();
    const names = shown.map(({ subject }) =>
      cutMiddle(label(subject), Math.max(8, Math.floor(columns / 4)), style.ellipsis),
    );
    const room = Math.max(0, ...names.map(({ length }) => length));
    const table = shown.map((row) => stages.map((stage) => cellText(row, stage)));
    const widths = stages.map((stage, index) =>
      Math.max(stage.length, ...table.map((cells) => cells[index]?.length ?? 0)),
    );
    if (room + widths.reduce((sum, width) => sum + width + 2, 0) >= columns) {
      // Too narrow for words: a sign for each stage.
      return table.map(
        (cells, index) => `${(names[index] ?? "").padEnd(room)}  ${cells.map(([sign]) => sign).join(" ")}`,
      );
    }
    const line = (name: string, cells: readonly string[]): string =>
      [name.padEnd(room), ...cells.map((cell, index) => cell.padEnd(widths[index] ?? 0))].join("  ").trimEnd();
    const head = style.paint(
      "dim",
      line(
        "",
        stages.map((stage) => stage.toUpperCase()),
      ),
    );
    return [head, ...table.map((cells, index) => line(names[index] ?? "", cells))];
  };

  const lastLine = (): string => {
    const done = [...rows.values()].filter(({ end }) => end !== undefined).length;
    const read = [...bytes.values()].reduce(
      (sum, { action, doneBytes }) => sum + (action === "fetch" ? doneBytes : 0),
      0,
    );
    const span = formatSpan(performance.now() - began);
    return [`${done} of ${rows.size} done`, span, ...(read === 0 ? [] : [`${formatBytes(read)} read`])].join(
      ` ${style.dot} `,
    );
  };

  const draw = (all: boolean): void => {
    // Which images there are is not known yet, or never was.
    if (rows.size === 0) return;
    const columns = stream.columns ?? style.columns;
    const every = [...rows.values()];
    const most = Math.max(3, (stream.rows ?? 24) - 3);
    const going = every.filter(({ end }) => end === undefined);
    const shown = all || every.length <= most ? every : going.slice(0, most);
    write([...rowLines(shown, columns), lastLine()]);
  };

  // Each line is overwritten, since what a terminal erases some of them keep above; and without line wrap, since a line
  // that is too long would put what is above it out of place.
  const write = (lines: readonly string[]): void => {
    const up = height === 0 ? "" : `\u001b[${height}A\r`;
    const spare = Math.max(height - lines.length, 0);
    const text = [...lines.map(redact), ...Array.from({ length: spare }, () => "")].map((line) => `${line}\u001b[K\n`);
    stream.write(`\u001b[?7l${up}${text.join("")}${spare === 0 ? "" : `\u001b[${spare}A`}\u001b[?7h`);
    height = lines.length;
  };

  const timer = setInterval(() => {
    turn += 1;
    draw(false);
  }, frameMilliseconds);
  timer.unref();

  const showStage = (progress: StageProgress): void => {
    const row: Row = rows.get(progress.subject) ?? { subject: progress.subject, cells: new Map() };
    if (progress.stage === whole) {
      row.end = progress.state;
      return;
    }
    if (progress.state !== "start" && isPart(progress)) return;
    rows.set(progress.subject, row);
    const since = row.cells.get(progress.stage)?.since ?? performance.now();
    row.cells.set(progress.stage, { progress, since });
  };

  const showBlob = (progress: BlobProgress): void => {
    const key = `${progress.action} ${progress.digest}`;
    if (!isOutdated(progress, bytes.get(key) ?? progress)) bytes.set(key, progress);
  };

  return {
    show(progress: Progress): void {
      if (progress.type === "stage") showStage(progress);
      else if (progress.type === "blob") showBlob(progress);
      else if (progress.type === "notice" && progress.level === "warning") {
        write(wrap(noticeLine(progress.level, progress.message, style), (stream.columns ?? style.columns) - 1));
        height = 0;
        draw(false);
      }
    },
    [Symbol.dispose](): void {
      clearInterval(timer);
      if (ended) return;
      ended = true;
      for (const row of rows.values()) row.end ??= "skipped";
      draw(true);
    },
  };
}

function endText({ state, detail = "", milliseconds = 0 }: StageProgress, style: Style): string {
  const sign = { done: style.good, cached: style.good, failed: style.bad, skipped: style.dash, start: "" }[state];
  if (state === "cached" || detail.endsWith("from cache")) return `${sign} cached`;
  const [count] = state === "done" ? (/^[\d,]+(?= )/.exec(printable(detail)) ?? []) : [];
  return `${sign} ${count ?? formatSpan(milliseconds)}`;
}
