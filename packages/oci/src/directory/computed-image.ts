import { type Descriptor, type Digest, digestOf, type Platform } from "@sc/model";
import type { ComputedContent, ComputedImage } from "../computed-source.ts";
import { mediaTypes } from "../media-type.ts";
import { hostPlatform } from "../platform.ts";

/** The one layer of a root file system. */
export interface RootLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly content: ComputedContent;
}

/** The image that a root file system stands for: the same for the same content and platform. */
export function computeRootImage(layer: RootLayer, platform: Platform = hostPlatform()): ComputedImage {
  const { os, architecture, variant } = platform;
  const document = {
    architecture,
    os,
    variant,
    config: {},
    rootfs: { type: "layers", diff_ids: [layer.diffId] },
    history: [{ created_by: "root file system" }],
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType: mediaTypes.ociConfig, digest: digestOf(bytes), size: bytes.length };
  return { names: [], config: { descriptor, content: { bytes } }, layers: [layer] };
}
