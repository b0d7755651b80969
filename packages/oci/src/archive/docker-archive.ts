import {
  createDigest,
  type Call,
  Decoder,
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  parseJson,
  ScError,
} from "@sc/model";
import { type ComputedImage, ComputedSource } from "../computed-source.ts";
import { readRange } from "../file-range.ts";
import { decodeImageConfig } from "../image-config.ts";
import { maxConfigBytes, maxDocumentBytes, maxIndexEntries, maxLayers } from "../limits.ts";
import { mediaTypes } from "../media-type.ts";
import type { FileRange, ImageSource } from "../source.ts";
import { type ArchiveFile, detectFileCompression, openArchiveFile, readMember } from "./archive-file.ts";

/** One image as `manifest.json` describes it. */
interface SavedImage {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

/**
 * The images in an archive that `docker save` or another writer of that form made, with the manifests computed for
 * them. Docker from version 25 on puts an OCI layout in the same file; its own manifests are read as `oci-archive:`.
 *
 * Throws `FILE_NOT_FOUND`, `ARCHIVE_INVALID`, `DECODE_FAILED`, `JSON_INVALID`; each image is looked at when it is used.
 *
 * @see https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format
 */
export async function openDockerArchive(path: string, call: Call = {}): Promise<ImageSource> {
  const file = await openArchiveFile(path, call);
  const dispose = async (): Promise<void> => {
    await file[Symbol.asyncDispose]();
  };
  try {
    const saved = await readSavedImages(path, file);
    const images = async (loading: Call): Promise<readonly ComputedImage[]> => {
      const found: ComputedImage[] = [];
      for (const image of saved) found.push(await readImage(path, { file, image, call: loading }));
      return found;
    };
    return new ComputedSource({ scheme: "docker-archive", repository: path, images, dispose });
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

async function readSavedImages(path: string, file: ArchiveFile): Promise<readonly SavedImage[]> {
  if (file.index.find("manifest.json") === undefined) {
    const isLayout = file.index.find("index.json") !== undefined;
    throw new ScError("ARCHIVE_INVALID", `${path}: is no docker archive: it has no manifest.json`, {
      hint: isLayout
        ? "It is an OCI archive: write oci-archive: before the path."
        : "Save the image again with docker 1.10 or newer.",
    });
  }
  const where = `${path}: manifest.json`;
  const bytes = await readMember(file, { name: "manifest.json", where: path, maxBytes: maxDocumentBytes });
  const list = new Decoder(parseJson(bytes, where), where);
  const images = list.array();
  if (images.length === 0 || images.length > maxIndexEntries) throw list.wrong(`1 to ${maxIndexEntries} images`);
  return images.map(decodeSavedImage);
}

function decodeSavedImage(decoder: Decoder): SavedImage {
  const config = decoder.member("Config");
  if (config.string() === "") throw config.wrong("the path of a configuration");
  const layers = decoder.member("Layers").optional((present) => present.array()) ?? [];
  if (layers.length > maxLayers) throw decoder.member("Layers").wrong(`at most ${maxLayers} layers`);
  const names = decoder.member("RepoTags").optional((present) => present.array()) ?? [];
  return {
    config: config.string(),
    names: names.map((name) => name.string()),
    layers: layers.map((layer) => layer.string()),
  };
}

async function readImage(
  path: string,
  options: { readonly file: ArchiveFile; readonly image: SavedImage; readonly call: Call },
): Promise<ComputedImage> {
  const { file, image, call } = options;
  const bytes = await readMember(file, { name: image.config, where: path, maxBytes: maxConfigBytes });
  const where = `${path}: ${JSON.stringify(image.config.slice(0, 200))}`;
  const digest = digestOf(bytes);
  checkNamedDigest(image.config, digest, where);
  const config = decodeImageConfig(bytes, where);
  if (config.diffIds.length !== image.layers.length) {
    throw new ScError(
      "LAYER_COUNT_MISMATCH",
      `${where}: manifest.json has ${image.layers.length} layers, the configuration ${config.diffIds.length} diff ids`,
    );
  }
  const layers: { descriptor: Descriptor; content: { range: FileRange } }[] = [];
  for (const [position, diffId] of config.diffIds.entries()) {
    const name = image.layers[position] ?? "";
    const range = file.index.find(name);
    if (range === undefined) {
      throw new ScError(
        "ARCHIVE_INVALID",
        `${path}: layer ${JSON.stringify(name.slice(0, 200))} is not in the archive`,
      );
    }
    layers.push({ descriptor: await describeLayer(range, diffId, call), content: { range } });
  }
  const descriptor = { mediaType: mediaTypes.ociConfig, digest, size: bytes.length };
  return { names: image.names, config: { descriptor, content: { bytes } }, layers };
}

/**
 * A layer's descriptor. One that is not compressed has its diff id for its digest: that is checked when it is read.
 * For one that is, all of it is read to know its digest.
 */
async function describeLayer(range: FileRange, diffId: Digest, call: Call): Promise<Descriptor> {
  const compression = await detectFileCompression(range);
  if (compression === "none") return { mediaType: mediaTypes.ociLayer, digest: diffId, size: range.length };
  const digest = createDigest();
  for await (const chunk of readRange(range, call.signal)) digest.update(chunk);
  return { mediaType: `${mediaTypes.ociLayer}+${compression}`, digest: digest.finish(), size: range.length };
}

// Docker names the configuration by its digest; where it does, that name is a claim to be checked.
function checkNamedDigest(name: string, got: Digest, where: string): void {
  const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  const named = `sha256:${hex}`;
  if (hex === undefined || !isDigest(named) || named === got) return;
  throw new ScError("DIGEST_MISMATCH", `${where}: the configuration has digest ${got}, its name says ${named}`);
}
