import { mkdtemp, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { createFolder } from "../atomic-file.ts";
import { writeFailed } from "../file-range.ts";

/** A folder that is gone afterwards. */
export interface StagingFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * A new, empty folder beside a file that is to be written: on its disk, as what is staged may be large. Throws
 * `FILE_WRITE_FAILED`.
 */
export async function createStagingFolder(file: string): Promise<StagingFolder> {
  const folder = dirname(resolve(file));
  await createFolder(folder);
  const path = await mkdtemp(join(folder, `.${basename(file)}.sc-`)).catch((cause: unknown) => {
    throw writeFailed(folder, cause);
  });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
