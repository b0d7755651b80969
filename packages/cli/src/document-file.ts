import { openSbom } from "@sc/pipeline";
import type { OpenedDocument } from "@sc/sbom";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** The largest document that is read: the readers of the formats take no more. */
const maxDocumentBytes = 400 * 1024 * 1024;

/** The document in a file, or in standard input for `-`. Throws `SBOM_FORMAT_UNKNOWN` and what reading it throws. */
export async function openUserDocument(path: string, context: ActionContext): Promise<OpenedDocument> {
  const where = path === "-" ? "standard input" : path;
  const bytes =
    path === "-"
      ? await context.readInput({ maxBytes: maxDocumentBytes })
      : await readUserFile(path, { maxBytes: maxDocumentBytes });
  return openSbom(bytes, where);
}
