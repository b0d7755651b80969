import { join } from "node:path";
import { decompress, packTar, type TarWriterEntry } from "@sc/archive";
import { type Call, createDigest, type Digest, digestAlgorithm, digestHex, ScError } from "@sc/model";
import { writeFileAtomically } from "../atomic-file.ts";
import { fileRange, readRange } from "../file-range.ts";
import { type Image, type ImageLayer, openImage } from "../image.ts";
import { maxConfigBytes } from "../limits.ts";
import type { LayoutContent } from "../layout/layout-content.ts";
import { LayoutFolder } from "../layout/layout-folder.ts";
import { LayoutSource } from "../layout/layout-source.ts";
import { LayoutStore } from "../layout/layout-store.ts";
import { formatReference, parseReference } from "../reference.ts";
import type { FileRange, ImageDestination } from "../source.ts";
import { createStagingFolder, type StagingFolder } from "./staging.ts";

/**
 * A docker archive to write to, in the form that `docker load` reads: the configuration and the layers uncompressed,
 * without the manifest, whose digest is therefore lost. The file comes into being on `commit`. Throws
 * `DESTINATION_EXISTS`: the form has no way to add to an archive.
 */
export async function createDockerArchive(path: string): Promise<ImageDestination> {
  if ((await fileRange(path)) !== undefined) {
    throw new ScError("DESTINATION_EXISTS", `${path}: is there already, and a docker archive cannot be added to`, {
      hint: "Name a new file, or remove this one first.",
    });
  }
  const staging = await createStagingFolder(path);
  const folder = new LayoutFolder(join(staging.path, "layout"), { mayBeNew: true });
  const content = new DockerStaging(path, { folder, staging });
  const commit = (call: Call): Promise<void> => writeArchive(path, { content, staging, call });
  return new LayoutStore({ folder, content, commit });
}

class DockerStaging implements LayoutContent {
  readonly scheme = "docker-archive";
  readonly repository: string;
  readonly #folder: LayoutFolder;
  readonly #staging: StagingFolder;

  constructor(path: string, parts: { readonly folder: LayoutFolder; readonly staging: StagingFolder }) {
    this.repository = path;
    this.#folder = parts.folder;
    this.#staging = parts.staging;
  }

  readIndex(): Promise<Uint8Array> {
    return this.#folder.readIndex();
  }

  locate(digest: Digest): Promise<FileRange | undefined> {
    return this.#folder.locate(digest);
  }

  listBlobs(): Promise<readonly Digest[]> {
    return this.#folder.listBlobs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#staging[Symbol.asyncDispose]();
  }
}

interface Writing {
  readonly content: LayoutContent;
  readonly staging: StagingFolder;
  readonly call: Call;
}

async function writeArchive(path: string, writing: Writing): Promise<void> {
  const source = new LayoutSource(writing.content);
  const images = await openStagedImages(source, path, writing.call);
  const files = new Map<string, TarWriterEntry>();
  const manifest = [];
  for (const { image, names } of images) {
    const config = await source.fetchBlob(image.manifest.config, { ...writing.call, maxBytes: maxConfigBytes });
    const configName = `${digestHex(image.manifest.config.digest)}.json`;
    files.set(configName, { path: configName, type: "file", content: config });
    const layers: string[] = [];
    for (const layer of image.layers) {
      const name = `${digestHex(layer.diffId)}.tar`;
      layers.push(name);
      if (!files.has(name)) files.set(name, await unpackLayer(layer, name, writing));
    }
    manifest.push({ Config: configName, RepoTags: names, Layers: layers });
  }
  const last: TarWriterEntry = { path: "manifest.json", type: "file", content: Buffer.from(JSON.stringify(manifest)) };
  const sorted = [...files.values()].toSorted((left, right) => (left.path < right.path ? -1 : 1));
  await writeFileAtomically(path, packTar([...sorted, last]));
}

/** The images that were written, each with its names in full, as `docker load` wants them. */
async function openStagedImages(
  source: LayoutSource,
  path: string,
  call: Call,
): Promise<readonly { readonly image: Image; readonly names: string[] }[]> {
  const found = new Map<Digest, { readonly image: Image; readonly names: string[] }>();
  for (const tag of await source.listTags(call)) {
    const image = await openImage(source, { scheme: "docker-archive", path, tag }, call);
    const entry = found.get(image.descriptor.digest) ?? { image, names: [] };
    entry.names.push(formatReference(parseReference(`registry:${tag}`)));
    found.set(image.descriptor.digest, entry);
  }
  if (found.size > 0) return [...found.values()];
  return [{ image: await openImage(source, { scheme: "docker-archive", path }, call), names: [] }];
}

/** A layer without its compression, in a file: its size has to be known before it can stand in a tar. */
async function unpackLayer(layer: ImageLayer, name: string, writing: Writing): Promise<TarWriterEntry> {
  const { staging, call, content } = writing;
  const file = join(staging.path, name);
  const where = `${content.repository}: layer ${layer.descriptor.digest}`;
  const unpacked = decompress(await layer.open(call), { where, signal: call.signal });
  await writeFileAtomically(file, checkDiffId(unpacked, layer.diffId, where));
  const range = await fileRange(file);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${file}: is gone`);
  return { path: name, type: "file", content: { size: range.length, chunks: readRange(range, call.signal) } };
}

async function* checkDiffId(
  content: AsyncIterable<Uint8Array>,
  diffId: Digest,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digest = createDigest(digestAlgorithm(diffId));
  for await (const chunk of content) {
    digest.update(chunk);
    yield chunk;
  }
  const got = digest.finish();
  if (got === diffId) return;
  throw new ScError("DIGEST_MISMATCH", `${where}: uncompressed it is ${got}, the configuration says ${diffId}`);
}
