import { stat } from "node:fs/promises";
import { join } from "node:path";
import { rowOf } from "./exit-code.ts";

/**
 * How to name what stands on this disk under the name that was asked of a registry and not found there: a folder, a file,
 * or a document as other scanners name it, `sbom:FILE`. `undefined` where nothing does. `documents`: whether the command reads documents in place of an image.
 */
export async function findLocalImage(
  images: readonly string[],
  error: unknown,
  { documents }: { readonly documents: boolean },
): Promise<string | undefined> {
  const [image = ""] = images;
  if (images.length !== 1 || rowOf(error).exit !== 4) return undefined;
  const document = /^sbom:(?<path>.+)$/.exec(image)?.groups?.["path"];
  if (document !== undefined && documents)
    return (await kindOf(document)) === "file" ? `--sbom ${document}` : undefined;
  // A scheme says what is meant, and a path is none of a registry's names.
  if (/^[a-z-]+:.*[/.]|^[./]|@/.test(image)) return undefined;
  const kind = await kindOf(image);
  if (kind === "file")
    return documents && /\.(?:json|xml|spdx)$/.test(image) ? `--sbom ${image}` : `docker-archive:${image}`;
  if (kind === undefined) return undefined;
  return (await kindOf(join(image, "oci-layout"))) === "file" ? `oci-layout:${image}` : `dir:${image}`;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? "folder" : "file";
}
