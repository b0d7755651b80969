import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Descriptor, digestOf, type JsonObject } from "@sc/model";
import { buildArtifact, buildImage, buildIndex, buildLayer, type BuiltManifest, writeLayout } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Image, openImage, type OpenImageOptions, openImages } from "./image.ts";
import { openSource } from "./open.ts";
import { formatPlatform } from "./platform.ts";
import { parseReference } from "./reference.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-image-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const layer = buildLayer([{ path: "a" }]);
const amd64 = buildImage({ layers: [layer] });
const arm64 = buildImage({ layers: [layer], platform: { os: "linux", architecture: "arm64" } });
const attestation = buildImage({ layers: [layer], platform: { os: "unknown", architecture: "unknown" } });
const linuxAmd64 = { os: "linux", architecture: "amd64" };
const linuxArm64 = { os: "linux", architecture: "arm64" };
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

async function open(built: BuiltManifest, options: OpenImageOptions = {}): Promise<Image> {
  await writeLayout(folder, built, "v1");
  const reference = parseReference(`oci-layout:${folder}:v1`);
  await using source = await openSource(reference);
  return await openImage(source, reference, options);
}

/** An index whose entries are changed: JSON that says nothing of platforms, or something else of them. */
function indexOf(images: readonly BuiltManifest[], change: (entry: Descriptor) => JsonObject): BuiltManifest {
  return buildIndex({ images, manifest: { manifests: images.map(({ descriptor }) => change(descriptor)) } });
}

describe("opening an image (OCI-2)", () => {
  it("an attestation is never chosen and never listed", async () => {
    const index = buildIndex({ images: [attestation, amd64, arm64] });
    expect((await open(index, { platform: linuxAmd64 })).descriptor.digest).toBe(amd64.descriptor.digest);
    await using source = await openSource(parseReference(`oci-layout:${folder}`));
    const all = await openImages(source, parseReference(`oci-layout:${folder}:v1`));
    expect(all.map((image) => formatPlatform(image.platform))).toEqual(["linux/amd64", "linux/arm64"]);
    expect(all.map((image) => image.index?.digest)).toEqual([index.descriptor.digest, index.descriptor.digest]);
  });

  it("an index of nothing but attestations holds no image", async () => {
    await expect(open(buildIndex({ images: [attestation] }))).rejects.toThrow(/it holds no image/);
  });

  it("an image within an index within an index is found, one that is nested without end is refused", async () => {
    let nested = buildIndex({ images: [arm64] });
    for (let depth = 0; depth < 2; depth += 1) nested = buildIndex({ images: [nested, amd64] });
    expect((await open(nested, { platform: linuxArm64 })).descriptor.digest).toBe(arm64.descriptor.digest);
    for (let depth = 0; depth < 3; depth += 1) nested = buildIndex({ images: [nested] });
    await expect(open(nested, { platform: linuxArm64 })).rejects.toThrow(code("INDEX_TOO_DEEP"));
  });

  it("an entry that does not say its platform is opened to see", async () => {
    const index = indexOf([amd64, arm64], ({ mediaType, digest, size }) => ({ mediaType, digest, size }));
    expect((await open(index, { platform: linuxArm64 })).descriptor.digest).toBe(arm64.descriptor.digest);
  });

  it("a single image for another platform than was asked for is refused", async () => {
    expect((await open(arm64)).descriptor.digest).toBe(arm64.descriptor.digest);
    await expect(open(arm64, { platform: linuxAmd64 })).rejects.toThrow(/it has linux\/arm64/);
  });

  it("an index that calls an index a manifest is refused", async () => {
    const inner = buildIndex({ images: [amd64] });
    const index = indexOf([inner], ({ digest, size }) => ({
      mediaType: amd64.descriptor.mediaType,
      digest,
      size,
      platform: linuxAmd64,
    }));
    await expect(open(index, { platform: linuxAmd64 })).rejects.toThrow(code("MEDIA_TYPE_MISMATCH"));
  });

  it("an index that lies about a manifest's size is refused (OCI-6)", async () => {
    const index = indexOf([amd64], ({ mediaType, digest, size }) => ({
      mediaType,
      digest,
      size: size + 1,
      platform: linuxAmd64,
    }));
    await expect(open(index, { platform: linuxAmd64 })).rejects.toThrow(code("SIZE_MISMATCH"));
  });

  it.each([
    ["fewer", []],
    ["more", [layer.diffId, digestOf("b")]],
  ])("a configuration with %s diff ids than the manifest has layers is refused", async (_, diffIds) => {
    const config = { rootfs: { type: "layers", diff_ids: diffIds } };
    await expect(open(buildImage({ layers: [layer], config }))).rejects.toThrow(code("LAYER_COUNT_MISMATCH"));
  });

  it("an artifact is no image", async () => {
    const artifact = buildArtifact({ artifactType: "application/spdx+json", blobs: [] });
    await expect(open(artifact)).rejects.toThrow(code("NOT_AN_IMAGE"));
  });

  it("an encrypted layer is said to be encrypted when it is read", async () => {
    const mediaType = `${layer.descriptor.mediaType}+encrypted`;
    const image = await open(buildImage({ layers: [{ ...layer, descriptor: { ...layer.descriptor, mediaType } }] }));
    await expect(image.layers[0]!.open()).rejects.toThrow(code("LAYER_ENCRYPTED"));
  });
});
