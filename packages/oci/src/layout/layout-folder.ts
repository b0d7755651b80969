import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Digest, digestAlgorithm, digestAlgorithms, digestHex, hasCode, isDigest, ScError } from "@sc/model";
import { fileRange, isSystemError, readFailed, readSmallFile } from "../file-range.ts";
import { maxDocumentBytes, maxLayoutIndexBytes } from "../limits.ts";
import type { FileRange } from "../source.ts";
import { checkLayoutVersion, emptyIndexMembers, encodeLayoutIndex } from "./index-file.ts";
import type { LayoutContent } from "./layout-content.ts";

/** The layout in a folder; one that may be new lists nothing until something is written. */
export class LayoutFolder implements LayoutContent {
  readonly scheme = "oci-layout";
  readonly repository: string;
  readonly path: string;

  readonly #mayBeNew: boolean;

  constructor(path: string, options: { readonly mayBeNew: boolean }) {
    this.path = path;
    this.repository = path;
    this.#mayBeNew = options.mayBeNew;
  }

  async readIndex(): Promise<Uint8Array> {
    try {
      return await readSmallFile(join(this.path, "index.json"), maxLayoutIndexBytes);
    } catch (cause) {
      if (this.#mayBeNew && hasCode(cause, "FILE_NOT_FOUND")) return encodeLayoutIndex(emptyIndexMembers, []);
      throw cause;
    }
  }

  locate(digest: Digest): Promise<FileRange | undefined> {
    return fileRange(this.blobPath(digest));
  }

  async listBlobs(): Promise<readonly Digest[]> {
    const found: string[] = [];
    for (const algorithm of digestAlgorithms) {
      const folder = join(this.path, "blobs", algorithm);
      const names = await readdir(folder).catch((cause: unknown) => {
        if (isSystemError(cause, "ENOENT")) return [];
        throw readFailed(folder, cause);
      });
      found.push(...names.map((name) => `${algorithm}:${name}`));
    }
    return found.filter(isDigest).toSorted();
  }

  /** Where the blob lies when it is there. */
  blobPath(digest: Digest): string {
    return join(this.path, "blobs", digestAlgorithm(digest), digestHex(digest));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is kept open between calls.
  }
}

/**
 * The layout in a folder, when it is one. A folder with `index.json` and `blobs` but without `oci-layout`, as some tools
 * leave it, is taken for one too. Throws `FILE_NOT_FOUND`, `LAYOUT_INVALID`.
 */
export async function openLayoutFolder(path: string): Promise<LayoutFolder> {
  const marker = await fileRange(join(path, "oci-layout"));
  if (marker !== undefined) {
    checkLayoutVersion(await readSmallFile(marker.path, maxDocumentBytes), marker.path);
  }
  if ((await fileRange(join(path, "index.json"))) === undefined) {
    throw new ScError("LAYOUT_INVALID", `${path}: is no OCI layout: it has no index.json`, {
      hint: "Name the folder that holds oci-layout, index.json and blobs.",
    });
  }
  return new LayoutFolder(path, { mayBeNew: false });
}
