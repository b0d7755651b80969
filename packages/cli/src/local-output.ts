import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findFormat, type SecuredImage } from "@sc/pipeline";
import { reports } from "@sc/scan";
import type { ActionContext } from "./command.ts";
import { writeUserFile } from "./files.ts";
import { isSeenByGit } from "./git-ignored.ts";
import { keepBundle } from "./keep-refused.ts";
import type { LocalOutput } from "./secure-plan.ts";

/**
 * Writes what a run made to the folders that were asked for, and what no registry took to the working folder, and returns
 * the paths. A folder that is made for it is kept
 * out of git: documents and findings name what nobody outside should read.
 */
export async function writeLocal(
  images: readonly SecuredImage[],
  local: LocalOutput,
  context: Pick<ActionContext, "wrote" | "onProgress">,
): Promise<readonly string[]> {
  const written: string[] = [];
  const folders = new Set<string>();
  for (const { folder, name, content } of images.flatMap((one) => filesOf(one, local))) {
    if (!folders.has(folder) && !(await makePrivate(folder)) && (await isSeenByGit(folder))) {
      const message = `${JSON.stringify(folder)}: git does not ignore this folder, and what is written there is not for everybody: add it to .gitignore`;
      context.onProgress({ type: "notice", level: "warning", code: "OUTPUT_SEEN_BY_GIT", message });
    }
    folders.add(folder);
    const path = join(folder, name);
    await writeUserFile(path, content);
    context.wrote(path);
    written.push(path);
  }
  for (const one of images.flatMap(({ unstored }) => unstored)) written.push(await keepBundle(one, context));
  return written;
}

interface LocalFile {
  readonly folder: string;
  readonly name: string;
  readonly content: Uint8Array;
}

function filesOf({ image, documents, report, provenance }: SecuredImage, local: LocalOutput): readonly LocalFile[] {
  const name = image.replaceAll(/[^A-Za-z0-9._-]+/g, "_").slice(-120);
  const file = (folder: string | undefined, suffix: string, content: () => Uint8Array): readonly LocalFile[] =>
    folder === undefined ? [] : [{ folder: resolve(folder), name: `${name}${suffix}`, content: content() }];
  return [
    ...documents.flatMap(({ format, bytes }) => file(local.sbom, findFormat(format).fileExtension, () => bytes)),
    ...(report === undefined
      ? []
      : file(local.report, ".scan.json", () =>
          Buffer.from(reports.find(({ id }) => id === "json")?.render(report) ?? ""),
        )),
    ...(provenance === undefined
      ? []
      : file(local.provenance, ".provenance.json", () =>
          Buffer.from(`${JSON.stringify(provenance.predicate, undefined, 2)}\n`),
        )),
  ];
}

// A folder that was there is somebody's own: what git sees of it is theirs to say, and only told.
async function makePrivate(folder: string): Promise<boolean> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) return false;
  await mkdir(folder, { recursive: true });
  await writeUserFile(join(folder, ".gitignore"), Buffer.from("*\n"));
  return true;
}
