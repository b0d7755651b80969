import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { BlobProgress, Progress, StageProgress } from "@sc/model";
import type { OutputStream } from "../main.ts";
import type { Redact } from "../secrets.ts";
import { createLabels, isFor, isOutdated, isPart, noticeLine, stageLine } from "./plain-view.ts";
import { fitLines, printable } from "./printable.ts";
import type { ProgressView } from "./progress.ts";
import { formatBytes, formatSpan } from "./quantity.ts";
import type { Style } from "./style.ts";

/** The most layers that have a bar of their own at a time; the rest are in the sum. */
const maxBars = 6;

/** One blob that is on its way. */
interface Transfer {
  progress: BlobProgress;
  bar: SingleBar | undefined;
}

/**
 * Finished stages as lines that stay, and below them one region that is redrawn at most ten times a second: a bar with
 * the bytes of all layers and their rate, one bar per layer on its way, and the running stage. The region is gone when
 * the work is done.
 */
export function createBarsView(
  stream: OutputStream,
  options: { readonly style: Style; readonly redact: Redact },
): ProgressView {
  const { style, redact } = options;
  const label = createLabels();
  // By action and digest: a layer that several images share is one, and its bytes count once.
  const transfers = new Map<string, Transfer>();
  const running = new Map<string, { readonly progress: StageProgress; readonly since: number }>();
  let bars: MultiBar | undefined;
  let total: SingleBar | undefined;
  let began = 0;

  const stagesLine = (): string => {
    const stages = [...running.values()].map(({ progress, since }) => {
      const whose = running.size > 1 ? `${label(progress.subject)} ` : "";
      return `${whose}${progress.stage} ${formatSpan(performance.now() - since)}`;
    });
    return stages.join(` ${style.dot} `);
  };

  const totalLine = (): string => {
    const all = [...transfers.values()].flatMap(({ progress }) => (progress.totalBytes === 0 ? [] : [progress]));
    const done = all.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
    const size = all.reduce((sum, { totalBytes }) => sum + totalBytes, 0);
    if (all.length === 0) return ` ${stagesLine()}`;
    const seconds = (performance.now() - began) / 1000;
    const finished = all.filter(({ doneBytes, totalBytes }) => doneBytes >= totalBytes).length;
    // What is read of an image is its layers; what is written are also configurations.
    const kind = all.some(({ action }) => action === "push") ? "blobs" : "layers";
    const facts = [
      `${formatBytes(done)} of ${formatBytes(size)}`,
      `${finished}/${all.length} ${kind}`,
      ...(seconds > 0.2 ? [`${formatBytes(done / seconds)}/s`] : []),
    ];
    return ` ${drawBar(size === 0 ? 1 : done / size, style)} ${facts.join(` ${style.dot} `)}`;
  };

  const region = (): MultiBar => {
    if (bars !== undefined) return bars;
    bars = new MultiBar(
      {
        stream,
        fps: 10,
        clearOnComplete: true,
        hideCursor: true,
        linewrap: false,
        emptyOnZero: true,
        // A line that says the same as before still has to be drawn again where lines above it came or went.
        forceRedraw: true,
        gracefulExit: false,
        format: (_options: unknown, _parameters: unknown, payload: { readonly line: () => string }) =>
          redact(payload.line()).slice(0, style.columns - 1),
      },
      Presets.shades_classic,
    );
    total = bars.create(1, 0, { line: totalLine });
    return bars;
  };

  const log = (text: string): void => {
    region().log(`${redact(text)}\n`);
  };

  const showBlob = (progress: BlobProgress): void => {
    if (transfers.size === 0) began = performance.now();
    const key = `${progress.action} ${progress.digest}`;
    const transfer: Transfer = transfers.get(key) ?? { progress, bar: undefined };
    transfers.set(key, transfer);
    if (isOutdated(progress, transfer.progress)) return;
    transfer.progress = progress;
    const active = [...transfers.values()].filter(({ bar }) => bar !== undefined).length;
    if (progress.doneBytes === 0 && progress.totalBytes > 0) return;
    if (progress.doneBytes >= progress.totalBytes) {
      if (transfer.bar !== undefined) region().remove(transfer.bar);
      transfer.bar = undefined;
    } else if (transfer.bar === undefined && active < maxBars) {
      transfer.bar = region().create(1, 0, { line: () => blobLine(transfer.progress, style) });
    }
  };

  const showStage = (progress: StageProgress): void => {
    const key = `${progress.subject} ${progress.stage}`;
    if (progress.state === "start") {
      running.set(key, { progress, since: performance.now() });
      region();
      return;
    }
    running.delete(key);
    // What other images fetch goes on; the sum begins anew when nothing is on its way any more.
    for (const transfer of transfers.values()) {
      if (!isFor(transfer.progress, progress) || transfer.bar === undefined) continue;
      region().remove(transfer.bar);
      transfer.bar = undefined;
    }
    if (running.size === 0) transfers.clear();
    if (!isPart(progress)) log(style.paint("dim", stageLine(progress, style, { cut: true })));
  };

  return {
    show(progress: Progress): void {
      if (progress.type === "blob") showBlob(progress);
      else if (progress.type === "stage") showStage(progress);
      else if (progress.type === "notice" && progress.level === "warning")
        // Nothing wraps a line that is too long while the region is redrawn: its end would be written over.
        log(fitLines(noticeLine(progress.level, progress.message, style), style.columns - 1));
    },
    [Symbol.dispose](): void {
      if (bars === undefined) return;
      if (total !== undefined) bars.update();
      bars.stop();
      bars = undefined;
    },
  };
}

function blobLine(progress: BlobProgress, style: Style): string {
  const share = progress.totalBytes === 0 ? 1 : progress.doneBytes / progress.totalBytes;
  const name = printable(progress.digest).slice(0, 19);
  const bytes = `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`;
  return ` ${drawBar(share, style)} ${name}  ${progress.action === "push" ? "push " : ""}${bytes}`;
}

function drawBar(share: number, style: Style): string {
  const width = 16;
  const filled = Math.round(Math.min(Math.max(share, 0), 1) * width);
  const [full, empty] = style.unicode ? ["█", "░"] : ["#", "."];
  return full.repeat(filled) + empty.repeat(width - filled) + `${Math.floor(share * 100)}`.padStart(4) + " %";
}
