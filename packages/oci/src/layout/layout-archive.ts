import { type Call, type Digest, digestAlgorithm, digestHex, isDigest, ScError } from "@sc/model";
import { type ArchiveFile, openArchiveFile, readMember } from "../archive/archive-file.ts";
import { maxDocumentBytes, maxLayoutIndexBytes } from "../limits.ts";
import type { FileRange } from "../source.ts";
import { checkLayoutVersion } from "./index-file.ts";
import type { LayoutContent } from "./layout-content.ts";

/** The layout in a tar. */
class LayoutArchive implements LayoutContent {
  readonly scheme = "oci-archive";
  readonly repository: string;
  readonly #file: ArchiveFile;

  constructor(path: string, file: ArchiveFile) {
    this.repository = path;
    this.#file = file;
  }

  async readIndex(): Promise<Uint8Array> {
    return readMember(this.#file, { name: "index.json", where: this.repository, maxBytes: maxLayoutIndexBytes });
  }

  async locate(digest: Digest): Promise<FileRange | undefined> {
    return this.#file.index.find(`blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`);
  }

  async listBlobs(): Promise<readonly Digest[]> {
    const parts = this.#file.index.names.map((name) => name.split("/"));
    const blobs = parts.filter(([folder, ...rest]) => folder === "blobs" && rest.length === 2);
    return blobs
      .map(([, algorithm, hex]) => `${algorithm}:${hex}`)
      .filter(isDigest)
      .toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file[Symbol.asyncDispose]();
  }
}

/** The layout in an archive. Throws `FILE_NOT_FOUND`, `ARCHIVE_INVALID`, `LAYOUT_INVALID`. */
export async function openLayoutArchive(path: string, call: Call = {}): Promise<LayoutContent> {
  const file = await openArchiveFile(path, call);
  try {
    if (file.index.find("index.json") === undefined) throw noLayout(path, file);
    if (file.index.find("oci-layout") !== undefined) {
      const options = { name: "oci-layout", where: path, maxBytes: maxDocumentBytes };
      checkLayoutVersion(await readMember(file, options), `${path}: oci-layout`);
    }
    return new LayoutArchive(path, file);
  } catch (cause) {
    await file[Symbol.asyncDispose]();
    throw cause;
  }
}

function noLayout(path: string, file: ArchiveFile): ScError {
  const isDocker = file.index.find("manifest.json") !== undefined || file.index.find("repositories") !== undefined;
  return new ScError("ARCHIVE_INVALID", `${path}: is no OCI archive: it has no index.json`, {
    hint: isDocker ? "It is a docker archive: write docker-archive: before the path." : "Name a tar of an OCI layout.",
  });
}
