import type { Progress } from "@sc/model";
import type { OutputStream } from "../main.ts";
import type { OptionValues } from "../option-values.ts";
import type { Redact } from "../secrets.ts";
import { createPlainView, noticeLine } from "./plain-view.ts";
import { createJsonView, createSilentView, type ProgressStream, type ProgressView } from "./progress.ts";
import type { Style } from "./style.ts";

/** What decides how progress is shown. */
export interface ViewOptions {
  readonly values: OptionValues;
  readonly style: Style;
  readonly ci: boolean;
  readonly verbose: boolean;
  readonly redact: Redact;
}

/** The view that the options and the stream ask for. */
export async function createView(stream: OutputStream, options: ViewOptions): Promise<ProgressView> {
  const { values, style, ci, verbose, redact } = options;
  const guarded: ProgressStream = { write: (text) => stream.write(redact(text)) };
  const several = values.images().length > 1 || values.isGiven("stack");
  if (values.flag("silent")) return createSilentView();
  const kind = values.flag("quiet") ? "none" : values.choice("progress", ["auto", "plain", "none", "json"]);
  if (kind === "json") return createJsonView(guarded);
  if (kind === "none") return createNoticeView(guarded, style);
  if (kind === "auto" && stream.isTTY === true && !ci && !verbose) {
    if (several) {
      const { createGridView } = await import("./grid-view.ts");
      return createGridView(stream, { style, redact, images: values.images() });
    }
    const { createBarsView } = await import("./bars-view.ts");
    return createBarsView(stream, { style, redact });
  }
  return createPlainView(guarded, style, { verbose, several });
}

/** Warnings only. */
function createNoticeView(stream: ProgressStream, style: Style): ProgressView {
  return {
    show(progress: Progress): void {
      if (progress.type === "notice" && progress.level === "warning") {
        stream.write(`${noticeLine(progress.level, progress.message, style)}\n`);
      }
    },
    [Symbol.dispose](): void {},
  };
}
