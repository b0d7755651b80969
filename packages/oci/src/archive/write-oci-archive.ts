import { join } from "node:path";
import { packTar, type TarWriterEntry } from "@sc/archive";
import { type Call, type Digest, digestAlgorithm, digestHex } from "@sc/model";
import { writeFileAtomically } from "../atomic-file.ts";
import { fileRange, readRange } from "../file-range.ts";
import { layoutVersion } from "../layout/index-file.ts";
import { openLayoutArchive } from "../layout/layout-archive.ts";
import type { LayoutContent } from "../layout/layout-content.ts";
import { LayoutFolder } from "../layout/layout-folder.ts";
import { LayoutStore } from "../layout/layout-store.ts";
import type { FileRange, ImageDestination } from "../source.ts";
import { verifyContent } from "../verified.ts";
import { createStagingFolder, type StagingFolder } from "./staging.ts";

/**
 * An OCI archive to write to. What it holds already is kept; the new file takes the old one's place on `commit`, and is
 * the same for the same content. Throws `ARCHIVE_INVALID` when the file is something else.
 */
export async function createOciArchive(path: string, call: Call = {}): Promise<ImageDestination> {
  const staging = await createStagingFolder(path);
  try {
    const isThere = (await fileRange(path)) !== undefined;
    const before = isThere ? await openLayoutArchive(path, call) : undefined;
    const folder = new LayoutFolder(join(staging.path, "layout"), { mayBeNew: true });
    const content = new StagedLayout(path, { folder, before, staging });
    const commit = (committing: Call): Promise<void> => {
      return writeFileAtomically(path, packTar(layoutEntries(content, committing)));
    };
    return new LayoutStore({ folder, content, commit });
  } catch (cause) {
    await staging[Symbol.asyncDispose]();
    throw cause;
  }
}

/** What has been written so far in front of what the archive held before. */
class StagedLayout implements LayoutContent {
  readonly scheme = "oci-archive";
  readonly repository: string;
  readonly #folder: LayoutFolder;
  readonly #before: LayoutContent | undefined;
  readonly #staging: StagingFolder;

  constructor(
    path: string,
    parts: {
      readonly folder: LayoutFolder;
      readonly before: LayoutContent | undefined;
      readonly staging: StagingFolder;
    },
  ) {
    this.repository = path;
    this.#folder = parts.folder;
    this.#before = parts.before;
    this.#staging = parts.staging;
  }

  async readIndex(call: Call = {}): Promise<Uint8Array> {
    const isStaged = (await fileRange(join(this.#folder.path, "index.json"))) !== undefined;
    return isStaged || this.#before === undefined ? this.#folder.readIndex() : this.#before.readIndex(call);
  }

  async locate(digest: Digest): Promise<FileRange | undefined> {
    return (await this.#folder.locate(digest)) ?? (await this.#before?.locate(digest));
  }

  async listBlobs(): Promise<readonly Digest[]> {
    const all = [...(await this.#folder.listBlobs()), ...((await this.#before?.listBlobs()) ?? [])];
    return [...new Set(all)].toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#before?.[Symbol.asyncDispose]();
    await this.#staging[Symbol.asyncDispose]();
  }
}

async function* layoutEntries(content: LayoutContent, call: Call): AsyncGenerator<TarWriterEntry> {
  yield { path: "oci-layout", type: "file", content: layoutVersion };
  yield { path: "index.json", type: "file", content: await content.readIndex(call) };
  for (const digest of await content.listBlobs()) {
    const range = await content.locate(digest);
    if (range === undefined) continue;
    const descriptor = { mediaType: "", digest, size: range.length };
    const chunks = verifyContent(readRange(range, call.signal), descriptor, content.repository);
    const path = `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
    yield { path, type: "file", content: { size: range.length, chunks } };
  }
}
