import { type EarlierRun, readEarlierRun } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** The largest report of a run that is read: some hundred images with a thousand findings each have 400 MB. */
const maxReportBytes = 400 * 1024 * 1024;

/** What `--only-new` names. Throws `FILE_MISSING` and `DECODE_FAILED`: where nothing can be compared nothing is let pass. */
export async function readEarlier({ values }: ActionContext): Promise<EarlierRun | undefined> {
  const path = values.text("only-new");
  return path === undefined ? undefined : readEarlierRun(await readUserFile(path, { maxBytes: maxReportBytes }), path);
}
