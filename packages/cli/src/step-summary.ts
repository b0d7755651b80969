import { appendFile, stat } from "node:fs/promises";

/** What GitHub shows of one step: beyond this the whole summary is refused. */
const maxSummaryBytes = 1024 * 1024;

/**
 * Adds Markdown to the page that GitHub Actions shows for the step, below what stands there. A summary is no result: one
 * that cannot be added is told and changes nothing else. Returns what to tell.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
 */
export async function appendStepSummary(path: string, markdown: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    const text = `${size === 0 ? "" : "\n"}${markdown.trimEnd()}\n`;
    if (size + Buffer.byteLength(text) > maxSummaryBytes) {
      return "! the step's summary is full: nothing was added to it";
    }
    await appendFile(path, text);
    return undefined;
  } catch {
    return `! nothing could be added to the step's summary ${JSON.stringify(path.slice(0, 200))}`;
  }
}
