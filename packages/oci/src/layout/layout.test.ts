import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Descriptor, digestHex, digestOf, attachedTag, referrersTag } from "@sc/model";
import {
  buildArtifact,
  buildBlob,
  buildImage,
  buildIndex,
  buildLayer,
  type BuiltManifest,
  writeLayout,
} from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openImage } from "../image.ts";
import { openDestination, openSource } from "../open.ts";
import { parseReference } from "../reference.ts";
import type { ImageDestination, ImageSource } from "../source.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-layout-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const layer = buildLayer([{ path: "etc/os-release", content: "ID=test\n" }]);
const image = buildImage({ layers: [layer] });
const armImage = buildImage({ layers: [layer], platform: { os: "linux", architecture: "arm64" } });
const index = buildIndex({ images: [image, armImage] });

function source(names = ""): Promise<ImageSource> {
  return openSource(parseReference(`oci-layout:${folder}${names}`));
}

function store(): Promise<ImageDestination> {
  return openDestination(parseReference(`oci-layout:${folder}`));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function write(to: ImageDestination, built: BuiltManifest, tag?: string): Promise<Descriptor> {
  for (const { descriptor, bytes } of built.blobs) await to.writeBlob(descriptor, once(bytes));
  for (const child of built.children) await write(to, child);
  return to.pushManifest(built.bytes, built.descriptor.mediaType, tag === undefined ? {} : { tag });
}

async function read(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function indexEntries(): Promise<readonly { digest: string; annotations?: Record<string, string> }[]> {
  return JSON.parse(await readFile(join(folder, "index.json"), "utf8")).manifests;
}

async function files(): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function* breakDisk(): AsyncGenerator<Uint8Array> {
  yield layer.bytes.subarray(0, 10);
  throw Object.assign(new Error("no space left"), { code: "ENOSPC", syscall: "write" });
}

const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe("reading a layout (OCI-1)", () => {
  it("an image is opened with its configuration, history and the place of its layers", async () => {
    await writeLayout(folder, image, "v1");
    await using from = await source();
    const opened = await openImage(from, parseReference(`oci-layout:${folder}:v1`));
    expect(opened.descriptor.digest).toBe(image.descriptor.digest);
    expect(opened.computed).toBe(false);
    expect(opened.platform).toMatchObject({ os: "linux", architecture: "amd64" });
    expect(opened.layers.map(({ diffId, createdBy }) => [diffId, createdBy])).toEqual([[layer.diffId, "layer 0"]]);
    expect(await read(await opened.layers[0]!.open())).toEqual(Buffer.from(layer.bytes));
    const path = join(folder, "blobs", "sha256", digestHex(layer.descriptor.digest));
    expect(opened.layers[0]!.range).toEqual({ path, offset: 0, length: layer.bytes.length });
  });

  it("without a name the only image is meant, and its platform can be chosen (OCI-2)", async () => {
    await writeLayout(folder, index, "v1");
    await using from = await source();
    const reference = parseReference(`oci-layout:${folder}`);
    const opened = await openImage(from, reference, { platform: { os: "linux", architecture: "arm64" } });
    expect(opened.descriptor.digest).toBe(armImage.descriptor.digest);
    expect(opened.index?.digest).toBe(index.descriptor.digest);
    await expect(openImage(from, reference, { platform: { os: "linux", architecture: "s390x" } })).rejects.toThrow(
      /no image for linux\/s390x; it has linux\/amd64, linux\/arm64/,
    );
  });

  it("several images are listed when the reference does not say which", async () => {
    const to = await store();
    await write(to, image, "one");
    await write(to, armImage, "two");
    await using from = await source();
    const opening = openImage(from, parseReference(`oci-layout:${folder}`));
    await expect(opening).rejects.toThrow(code("IMAGE_AMBIGUOUS"));
    await expect(opening).rejects.toThrow(/"one", "two"/);
    await expect(openImage(from, parseReference(`oci-layout:${folder}:three`))).rejects.toThrow(/"one", "two"/);
  });

  it("unnamed entries for several platforms are one image", async () => {
    await writeLayout(folder, image);
    await rm(folder, { recursive: true });
    const to = await store();
    await write(to, image);
    await write(to, armImage);
    const entries = [image, armImage].map(({ descriptor }) => descriptor);
    await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: entries }));
    await using from = await source();
    const opened = await openImage(from, parseReference(`oci-layout:${folder}`), {
      platform: { os: "linux", architecture: "arm64" },
    });
    expect(opened.descriptor.digest).toBe(armImage.descriptor.digest);
  });

  it.each([
    [
      "a changed byte",
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte))),
      "DIGEST_MISMATCH",
    ],
    ["a missing byte", (bytes: Buffer) => bytes.subarray(1), "SIZE_MISMATCH"],
    ["a further byte", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")]), "SIZE_MISMATCH"],
  ])("a layer with %s is never handed out whole (OCI-6)", async (_, damage, wanted) => {
    await writeLayout(folder, image, "v1");
    const path = join(folder, "blobs", "sha256", digestHex(layer.descriptor.digest));
    await writeFile(path, damage(await readFile(path)));
    await using from = await source();
    const opened = await openImage(from, parseReference(`oci-layout:${folder}:v1`));
    const got: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of await opened.layers[0]!.open()) got.push(chunk);
    })();
    await expect(reading).rejects.toThrow(code(wanted));
    expect(got).toEqual([]);
  });

  it("a manifest that was replaced under its digest is refused (OCI-6)", async () => {
    await writeLayout(folder, image, "v1");
    const path = join(folder, "blobs", "sha256", digestHex(image.descriptor.digest));
    await writeFile(path, armImage.bytes);
    await using from = await source();
    await expect(openImage(from, parseReference(`oci-layout:${folder}:v1`))).rejects.toThrow(/MISMATCH|sha256/);
  });

  it("what is not a file in place of a blob is refused, not opened", async () => {
    await writeLayout(folder, image, "v1");
    const path = join(folder, "blobs", "sha256", digestHex(layer.descriptor.digest));
    await rm(path);
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(path, resolve);
    });
    try {
      await using from = await source();
      await expect(openImage(from, parseReference(`oci-layout:${folder}:v1`))).rejects.toThrow(/not a regular file/);
    } finally {
      server.close();
    }
  });

  it.each([
    ["nothing", undefined, "FILE_NOT_FOUND", "LAYOUT_INVALID"],
    ["an empty index", "", "JSON_INVALID", "JSON_INVALID"],
    ["an index of another version", '{"schemaVersion":3,"manifests":[]}', "DECODE_FAILED", "DECODE_FAILED"],
    ["a list of no images", '{"schemaVersion":2,"manifests":[]}', "IMAGE_NOT_FOUND", "IMAGE_NOT_FOUND"],
  ])("a folder with %s is refused", async (_, text, ...codes) => {
    if (text !== undefined) await writeFile(join(folder, "index.json"), text);
    const opening = source().then((from) => openImage(from, parseReference(`oci-layout:${folder}`)));
    await expect(opening).rejects.toThrow(code(codes[1]!));
  });

  it("a layout of an unknown version is refused", async () => {
    await writeLayout(folder, image);
    await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
    await expect(source()).rejects.toThrow(/"2.0.0"/);
  });
});

describe("writing a layout (OCI-3)", () => {
  it("what was written is read again under the same digests, and nothing else is left", async () => {
    const to = await store();
    await write(to, index, "v1");
    const blobs = new Set(
      [index, image, armImage]
        .flatMap((built) => [{ descriptor: built.descriptor }].concat(built.blobs))
        .map((blob) => digestHex(blob.descriptor.digest)),
    );
    expect((await files()).toSorted()).toEqual([...blobs, "index.json", "oci-layout"].toSorted());
    expect(await indexEntries()).toEqual([
      {
        mediaType: index.descriptor.mediaType,
        digest: index.descriptor.digest,
        size: index.bytes.length,
        annotations: { "org.opencontainers.image.ref.name": "v1" },
      },
    ]);
    await using from = await source();
    expect(
      (await openImage(from, parseReference(`oci-layout:${folder}:v1`), { platform: image.descriptor.platform }))
        .descriptor.digest,
    ).toBe(image.descriptor.digest);
  });

  it("content that is not what its descriptor says leaves nothing behind (OCI-6)", async () => {
    const to = await store();
    await expect(to.writeBlob(layer.descriptor, once(Buffer.alloc(layer.bytes.length)))).rejects.toThrow(
      code("DIGEST_MISMATCH"),
    );
    await expect(to.writeBlob(layer.descriptor, once(layer.bytes.subarray(1)))).rejects.toThrow(code("SIZE_MISMATCH"));
    expect(await to.hasBlob(layer.descriptor)).toBe(false);
    expect((await files()).toSorted()).toEqual(["index.json", "oci-layout"]);
  });

  it("a stream that breaks leaves nothing behind, and its error is what is thrown", async () => {
    const to = await store();
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield layer.bytes.subarray(0, 10);
      throw new Error("connection lost");
    };
    await expect(to.writeBlob(layer.descriptor, broken())).rejects.toThrow("connection lost");
    expect((await files()).toSorted()).toEqual(["index.json", "oci-layout"]);
  });

  it("an error of the disk is FILE_WRITE_FAILED and leaves nothing behind", async () => {
    await mkdir(join(folder, "blobs"), { recursive: true });
    const to = await store();
    await expect(to.writeBlob(layer.descriptor, breakDisk())).rejects.toThrow(code("FILE_WRITE_FAILED"));
    expect((await files()).filter((name) => name.startsWith(".sc-"))).toEqual([]);
  });

  it("writers at the same time lose nothing of each other", async () => {
    const tags = Array.from({ length: 12 }, (_, number) => `tag-${number}`);
    await Promise.all(tags.map(async (tag) => write(await store(), image, tag)));
    expect((await (await source()).listTags()).toSorted()).toEqual(tags.toSorted());
    expect((await files()).filter((name) => name.includes("lock") || name.includes("tmp"))).toEqual([]);
  });

  it("a lock left by a process that is no more does not stop the next writer", async () => {
    const to = await store();
    await write(to, image, "one");
    await writeFile(join(folder, "index.json.lock"), `${hostname()} 4194399 gone\n`);
    await write(to, image, "two");
    expect(await to.listTags()).toEqual(["one", "two"]);
  });

  it("a tag moves to what is pushed last", async () => {
    const to = await store();
    await write(to, image, "v1");
    await write(to, armImage, "v1");
    expect((await to.resolve("v1"))?.digest).toBe(armImage.descriptor.digest);
    expect(await to.listTags()).toEqual(["v1"]);
  });

  it("a conditional write fails when the tag is no longer what was read", async () => {
    const to = await store();
    const push = (built: BuiltManifest, ifMatch: string): Promise<Descriptor> =>
      to.pushManifest(built.bytes, built.descriptor.mediaType, { tag: "v1", ifMatch });
    await push(image, "absent");
    await expect(push(armImage, "absent")).rejects.toThrow(code("MANIFEST_CHANGED"));
    const etag = (await to.fetchManifest("v1"))?.etag;
    await push(armImage, etag ?? "");
    await expect(push(image, etag ?? "")).rejects.toThrow(code("MANIFEST_CHANGED"));
  });

  it("what others wrote into index.json is kept as it was", async () => {
    await writeLayout(folder, image, "v1");
    const path = join(folder, "index.json");
    const document = JSON.parse(await readFile(path, "utf8"));
    document.annotations = { "com.example": "kept" };
    document.manifests[0].platform = { os: "linux", architecture: "amd64", "os.features": ["sse4"] };
    await writeFile(path, JSON.stringify(document));
    await write(await store(), armImage, "v2");
    const after = JSON.parse(await readFile(path, "utf8"));
    expect(after.annotations).toEqual(document.annotations);
    expect(after.manifests[0]).toEqual(document.manifests[0]);
  });

  it("a folder that holds something else is not made a layout", async () => {
    await writeFile(join(folder, "thesis.tex"), "x");
    await expect((await store()).pushBlob(Buffer.from("{}"), "text/plain")).rejects.toThrow(/thesis\.tex/);
    expect(await files()).toEqual(["thesis.tex"]);
  });

  it("untagging keeps the content, deleting by digest does not", async () => {
    const to = await store();
    await write(to, image, "v1");
    await write(to, image, "v2");
    await to.deleteManifest("v1");
    expect(await to.listTags()).toEqual(["v2"]);
    expect(await to.resolve(image.descriptor.digest)).toBeDefined();
    await to.deleteManifest(image.descriptor.digest);
    expect(await to.listTags()).toEqual([]);
    expect(await to.resolve(image.descriptor.digest)).toBeUndefined();
    await expect(to.deleteManifest("v1")).rejects.toThrow(code("IMAGE_NOT_FOUND"));
  });
});

describe("referrers in a layout (OCI-3)", () => {
  const sbom = buildArtifact({
    artifactType: "application/spdx+json",
    subject: image.descriptor,
    blobs: [buildBlob("{}", "text/plain")],
  });

  /** A layout as cosign save leaves it: an image and its signatures, told apart by their kind alone. */
  async function storeMarkedByKind(): Promise<ImageDestination> {
    const to = await store();
    await write(to, image);
    await write(to, sbom);
    const kinds = [
      { ...image.descriptor, annotations: { kind: "dev.cosignproject.cosign/image" } },
      { ...sbom.descriptor, annotations: { kind: "dev.cosignproject.cosign/sigs" } },
    ];
    await writeFile(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: kinds }));
    return to;
  }
  const untyped = buildArtifact({
    artifactType: "application/vnd.oci.empty.v1+json",
    subject: image.descriptor,
    blobs: [],
    annotations: { n: "2" },
  });

  it("a manifest with a subject is found, filtered by type, and is no image of its own", async () => {
    const to = await store();
    await write(to, image, "v1");
    await write(to, sbom);
    await write(to, untyped);
    const found = await to.listReferrers(image.descriptor.digest);
    expect(found.map(({ digest }) => digest).toSorted()).toEqual(
      [sbom.descriptor.digest, untyped.descriptor.digest].toSorted(),
    );
    const typed = await to.listReferrers(image.descriptor.digest, { artifactType: "application/x" });
    expect(typed.map(({ digest }) => digest)).toEqual([untyped.descriptor.digest]);
    expect((await to.resolveOnly?.())?.digest).toBe(image.descriptor.digest);
    expect(await to.listReferrers(armImage.descriptor.digest)).toEqual([]);
  });

  it("one that index.json does not list is found among the blobs", async () => {
    const to = await store();
    await write(to, image, "v1");
    await to.pushBlob(sbom.bytes, "application/octet-stream");
    expect((await to.listReferrers(image.descriptor.digest)).map(({ digest }) => digest)).toEqual([
      sbom.descriptor.digest,
    ]);
  });

  it("one that only the fallback tag lists is found", async () => {
    const to = await store();
    await write(to, image, "v1");
    const elsewhere = { mediaType: sbom.descriptor.mediaType, digest: digestOf("other"), size: 5 };
    const list = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: index.descriptor.mediaType, manifests: [elsewhere] }),
    );
    await to.pushManifest(list, index.descriptor.mediaType, { tag: referrersTag(image.descriptor.digest) });
    expect(await to.listReferrers(image.descriptor.digest)).toEqual([elsewhere]);
    expect((await to.resolveOnly?.())?.digest).toBe(image.descriptor.digest);
  });

  it("what cosign save marks by kind answers to the tag it had in the registry", async () => {
    await storeMarkedByKind();
    await using from = await source();
    expect((await from.resolve(attachedTag(image.descriptor.digest, "sig")))?.digest).toBe(sbom.descriptor.digest);
    expect(await from.resolve(attachedTag(image.descriptor.digest, "att"))).toBeUndefined();
    expect(await from.resolve(attachedTag(armImage.descriptor.digest, "sig"))).toBeUndefined();
    expect((await from.resolveOnly?.())?.digest).toBe(image.descriptor.digest);
  });

  it("what cosign save marks by kind is changed on the condition that it did not change, and stays marked", async () => {
    const to = await storeMarkedByKind();
    const tag = attachedTag(image.descriptor.digest, "sig");
    const { bytes, descriptor } = armImage;
    const push = (ifMatch: string) => to.pushManifest(bytes, descriptor.mediaType, { tag, ifMatch });
    await expect(push("absent")).rejects.toMatchObject({ code: "MANIFEST_CHANGED" });
    await push(sbom.descriptor.digest);
    expect((await to.resolve(tag))?.digest).toBe(descriptor.digest);
    const marked = expect.objectContaining({ kind: "dev.cosignproject.cosign/sigs" });
    expect(await indexEntries()).toMatchObject([
      { digest: image.descriptor.digest },
      { digest: descriptor.digest, annotations: marked },
    ]);
    expect((await to.resolveOnly?.())?.digest).toBe(image.descriptor.digest);
  });
});
