import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@sc/model";
import { buildArtifact, buildImage, buildIndex, buildLayer, writeLayout } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyImage, type CopyOptions, type CopyResult } from "../copy.ts";
import { type Image, openImage } from "../image.ts";
import { openDestination, openSource } from "../open.ts";
import { parseReference } from "../reference.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-writes-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const layers = [
  buildLayer([{ path: "a", content: "x".repeat(70_000) }], { compression: "gzip" }),
  buildLayer([{ path: "b", content: "b" }], { compression: "zstd" }),
  buildLayer([{ path: "c", content: "c" }], { compression: "none" }),
];
const image = buildImage({ layers });
const arm64 = buildImage({ layers, platform: { os: "linux", architecture: "arm64" } });
const index = buildIndex({ images: [image, arm64] });

async function copy(from: string, to: string, options: CopyOptions = {}): Promise<CopyResult> {
  await using source = await openSource(parseReference(from));
  await using destination = await openDestination(parseReference(to));
  const places = [
    { source, reference: parseReference(from) },
    { destination, reference: parseReference(to) },
  ] as const;
  return await copyImage(places[0], places[1], options);
}

async function open(text: string): Promise<Image> {
  await using source = await openSource(parseReference(text));
  const opened = await openImage(source, parseReference(text));
  for (const layer of opened.layers) {
    let size = 0;
    for await (const chunk of await layer.open()) size += chunk.length;
    expect(size).toBe(layer.descriptor.size);
  }
  return opened;
}

const at = (name: string): string => join(folder, name);
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe("writing an OCI archive (OCI-3)", () => {
  it("what is copied is read again under the same digests, and the same content is the same file", async () => {
    await writeLayout(at("layout"), index, "v1");
    const result = await copy(`oci-layout:${at("layout")}:v1`, `oci-archive:${at("one.tar")}:v1`);
    expect(result).toMatchObject({ descriptor: { digest: index.descriptor.digest }, digestKept: true });
    expect((await open(`oci-archive:${at("one.tar")}:v1`)).descriptor.digest).toBe(image.descriptor.digest);
    await copy(`oci-archive:${at("one.tar")}:v1`, `oci-archive:${at("two.tar")}:v1`);
    expect(digestOf(await readFile(at("two.tar")))).toBe(digestOf(await readFile(at("one.tar"))));
    expect((await readdir(folder)).toSorted()).toEqual(["layout", "one.tar", "two.tar"]);
  });

  it("what the archive held is kept", async () => {
    await writeLayout(at("layout"), image, "v1");
    await writeLayout(at("other"), arm64, "v2");
    await copy(`oci-layout:${at("layout")}:v1`, `oci-archive:${at("a.tar")}:v1`);
    await copy(`oci-layout:${at("other")}:v2`, `oci-archive:${at("a.tar")}:v2`);
    expect((await open(`oci-archive:${at("a.tar")}:v1`)).descriptor.digest).toBe(image.descriptor.digest);
    expect((await open(`oci-archive:${at("a.tar")}:v2`)).descriptor.digest).toBe(arm64.descriptor.digest);
  });

  it("a referrer is added to an image in an archive, and nothing is written before the commit", async () => {
    await writeLayout(at("layout"), image, "v1");
    await copy(`oci-layout:${at("layout")}:v1`, `oci-archive:${at("a.tar")}:v1`);
    const before = await readFile(at("a.tar"));
    const artifact = buildArtifact({ artifactType: "a/b", subject: image.descriptor, blobs: [] });
    {
      await using store = await openDestination(parseReference(`oci-archive:${at("a.tar")}`));
      for (const blob of artifact.blobs) await store.pushBlob(blob.bytes, blob.descriptor.mediaType);
      await store.pushManifest(artifact.bytes, artifact.descriptor.mediaType);
      expect(await readFile(at("a.tar"))).toEqual(before);
      await store.commit?.();
    }
    await using source = await openSource(parseReference(`oci-archive:${at("a.tar")}`));
    const referrers = await source.listReferrers(image.descriptor.digest);
    expect(referrers.map(({ digest }) => digest)).toEqual([artifact.descriptor.digest]);
    expect((await source.resolveOnly?.())?.digest).toBe(image.descriptor.digest);
  });

  it("a copy that fails leaves neither an archive nor anything else (OCI-6)", async () => {
    await writeLayout(at("layout"), image, "v1");
    await rm(at(`layout/blobs/${layers[1]!.descriptor.digest.replace(":", "/")}`));
    await expect(copy(`oci-layout:${at("layout")}:v1`, `oci-archive:${at("a.tar")}:v1`)).rejects.toThrow(
      code("BLOB_NOT_FOUND"),
    );
    expect(await readdir(folder)).toEqual(["layout"]);
  });

  it("a file that is something else is not overwritten", async () => {
    await writeFile(at("a.tar"), "my thesis");
    await expect(openDestination(parseReference(`oci-archive:${at("a.tar")}`))).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["a.tar"]);
    expect(await readFile(at("a.tar"), "utf8")).toBe("my thesis");
  });
});

describe("writing a docker archive (OCI-3)", () => {
  it("configuration and uncompressed layers are kept, and that the manifest's digest is not is said", async () => {
    await writeLayout(at("layout"), image, "v1");
    const result = await copy(`oci-layout:${at("layout")}:v1`, `docker-archive:${at("a.tar")}:app:1`);
    expect(result.digestKept).toBe(false);
    const opened = await open(`docker-archive:${at("a.tar")}:app:1`);
    expect(opened.manifest.config.digest).toBe(image.blobs[0]!.descriptor.digest);
    expect(opened.layers.map(({ diffId }) => diffId)).toEqual(layers.map(({ diffId }) => diffId));
    expect(opened.layers.map(({ descriptor }) => descriptor.digest)).toEqual(layers.map(({ diffId }) => diffId));
    expect((await readdir(folder)).toSorted()).toEqual(["a.tar", "layout"]);
  });

  it("of an index the image for one platform is kept (OCI-2)", async () => {
    await writeLayout(at("layout"), index, "v1");
    const platform = { os: "linux", architecture: "arm64" };
    await copy(`oci-layout:${at("layout")}:v1`, `docker-archive:${at("a.tar")}`, { platform });
    expect((await open(`docker-archive:${at("a.tar")}`)).platform).toMatchObject(platform);
  });

  it("a layer that is not what its configuration says is not written (OCI-6)", async () => {
    const wrong = buildImage({ layers: [{ ...layers[0]!, diffId: digestOf("other") }] });
    await writeLayout(at("layout"), wrong, "v1");
    await expect(copy(`oci-layout:${at("layout")}:v1`, `docker-archive:${at("a.tar")}`)).rejects.toThrow(
      code("DIGEST_MISMATCH"),
    );
    expect(await readdir(folder)).toEqual(["layout"]);
  });

  it("an archive that is there is not replaced", async () => {
    await writeFile(at("a.tar"), "x");
    await expect(openDestination(parseReference(`docker-archive:${at("a.tar")}`))).rejects.toThrow(
      code("DESTINATION_EXISTS"),
    );
  });
});
