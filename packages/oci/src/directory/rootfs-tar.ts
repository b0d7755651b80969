import { type Compression, decompress } from "@sc/archive";
import { type Call, createDigest, type Platform, ScError } from "@sc/model";
import { detectFileCompression } from "../archive/archive-file.ts";
import { ComputedSource } from "../computed-source.ts";
import { fileRange, readRange } from "../file-range.ts";
import { mediaTypes } from "../media-type.ts";
import type { FileRange, ImageSource } from "../source.ts";
import { computeRootImage, type RootLayer } from "./computed-image.ts";

/**
 * The image of one layer that a tar of a root file system stands for; the tar may be compressed with gzip or zstd. All
 * of it is read at the first use, to know its digests. Throws `FILE_NOT_FOUND`, `ARCHIVE_INVALID`.
 */
export async function openRootfsTar(
  path: string,
  options: { readonly platform?: Platform | undefined } = {},
): Promise<ImageSource> {
  const range = await fileRange(path);
  if (range === undefined) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such file`);
  const compression = await detectFileCompression(range);
  return new ComputedSource({
    scheme: "rootfs-tar",
    repository: path,
    images: async (call) => [computeRootImage(await describeTar(range, compression, call), options.platform)],
    dispose: async () => undefined,
  });
}

async function describeTar(range: FileRange, compression: Compression, call: Call): Promise<RootLayer> {
  const digest = createDigest();
  const diffId = createDigest();
  const stored = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of readRange(range, call.signal)) {
      digest.update(chunk);
      yield chunk;
    }
  };
  const unpacked = decompress(stored(), { where: range.path, signal: call.signal });
  for await (const chunk of unpacked) diffId.update(chunk);
  const mediaType = compression === "none" ? mediaTypes.ociLayer : `${mediaTypes.ociLayer}+${compression}`;
  const descriptor = { mediaType, digest: digest.finish(), size: range.length };
  return { descriptor, diffId: diffId.finish(), content: { range } };
}
