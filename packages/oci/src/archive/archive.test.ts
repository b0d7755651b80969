import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { digestHex } from "@sc/model";
import {
  buildBlob,
  buildDockerArchive,
  buildImage,
  buildLayer,
  buildOciArchive,
  buildTar,
  type BuiltManifest,
  type LayerEntry,
  paxHeader,
  tarBody,
  tarEnd,
  tarHeader,
} from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openImage } from "../image.ts";
import { openSource } from "../open.ts";
import { parseReference } from "../reference.ts";
import type { ImageSource } from "../source.ts";
import { indexTar } from "./tar-index.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-archives-"));
  file = join(folder, "image.tar");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const layers = [
  buildLayer([{ path: "a", content: "x".repeat(70_000) }], { compression: "none" }),
  buildLayer([{ path: "b", content: "b" }], { compression: "none" }),
];
const image = buildImage({ layers });
const [config] = image.blobs;

async function open(scheme: string, content: Uint8Array): Promise<ImageSource> {
  await writeFile(file, content);
  return openSource(parseReference(`${scheme}:${file}`));
}

async function read(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const reference = (scheme: string, names = ""): ReturnType<typeof parseReference> =>
  parseReference(`${scheme}:${file}${names}`);
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

/** The members of a docker archive, to be put together otherwise. */
function dockerMembers(built: BuiltManifest, changes: { manifest?: unknown; prefix?: string } = {}): LayerEntry[] {
  const name = `${digestHex(built.blobs[0]!.descriptor.digest)}.json`;
  const files = built.blobs.slice(1).map((blob, number) => ({ path: `${number}/layer.tar`, content: blob.bytes }));
  const manifest = changes.manifest ?? [{ Config: name, RepoTags: ["r:1"], Layers: files.map(({ path }) => path) }];
  return [
    ...files,
    { path: name, content: built.blobs[0]!.bytes },
    { path: `${changes.prefix ?? ""}manifest.json`, content: JSON.stringify(manifest) },
  ];
}

describe("an OCI archive (OCI-1)", () => {
  it("its blobs are read in place, by range", async () => {
    const archive = buildOciArchive(image, "v1");
    await using from = await open("oci-archive", archive);
    const opened = await openImage(from, reference("oci-archive", ":v1"));
    expect(opened.descriptor.digest).toBe(image.descriptor.digest);
    for (const [position, layer] of opened.layers.entries()) {
      const { path, offset, length } = layer.range!;
      expect(path).toBe(file);
      expect(Buffer.from(archive.subarray(offset, offset + length))).toEqual(Buffer.from(layers[position]!.bytes));
      expect(await read(await layer.open())).toEqual(Buffer.from(layers[position]!.bytes));
    }
  });

  it("one that is compressed is read all the same, and leaves nothing behind", async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith("sc-archive-"));
    {
      await using from = await open("oci-archive", gzipSync(buildOciArchive(image, "v1")));
      const opened = await openImage(from, reference("oci-archive"));
      expect(await read(await opened.layers[0]!.open())).toEqual(Buffer.from(layers[0]!.bytes));
    }
    expect((await readdir(tmpdir())).filter((name) => name.startsWith("sc-archive-"))).toEqual(before);
  });

  it("a blob that was changed in it is never handed out whole (OCI-6)", async () => {
    const archive = Buffer.from(buildOciArchive(image, "v1"));
    archive[archive.indexOf(Buffer.from("xxxx")) + 10] = 0;
    await using from = await open("oci-archive", archive);
    const opened = await openImage(from, reference("oci-archive"));
    await expect(read(await opened.layers[0]!.open())).rejects.toThrow(code("DIGEST_MISMATCH"));
  });

  it.each([
    ["index.json twice", () => buildTar([...index(), ...index()]), /holds index\.json twice/],
    [
      "a link in front of index.json",
      () => buildTar([{ path: "index.json", linkTarget: "x", type: "symlink" }, ...index()]),
      /twice/,
    ],
    ["bytes after its end", () => Buffer.concat([buildTar(index()), buildTar(index())]), /goes on after its end/],
    ["a sparse index.json", () => Buffer.concat([sparse(), tarEnd()]), /holds a sparse file/],
    ["nothing", () => new Uint8Array(), /is empty/],
    ["xz", () => Buffer.from("fd377a585a000000", "hex"), /compressed with xz/],
  ])("one with %s is refused, since two readers could see two images", async (_, build, message) => {
    const opening = open("oci-archive", build());
    await expect(opening).rejects.toThrow(code("ARCHIVE_INVALID"));
    await expect(opening).rejects.toThrow(message);
  });

  it("one that is cut is refused, wherever it is cut", async () => {
    const archive = Buffer.from(buildOciArchive(image, "v1"));
    const content = archive.indexOf(Buffer.from("x".repeat(600)));
    for (const length of [content + 70_000 - 1, content + 1, content - 100]) {
      await expect(open("oci-archive", archive.subarray(0, length))).rejects.toThrow(code("TAR_TRUNCATED"));
    }
  });

  it("files larger than what is read at once are found behind each other, whatever their size", async () => {
    const sizes = [0, 1, 511, 512, 513, 65_024, 65_536, 65_537, 3_000_000];
    const members = sizes.map((size) => ({ path: `file-${size}`, content: Buffer.alloc(size, size % 251) }));
    const archive = buildTar([...members, ...index()]);
    await writeFile(file, archive);
    const found = await indexTar(file);
    for (const { path, content } of members) {
      const { offset, length } = found.find(path)!;
      expect(Buffer.from(archive.subarray(offset, offset + length))).toEqual(content);
    }
    expect(found.names).toEqual([...members.map(({ path }) => path), "index.json"]);
  });

  it("an archive of the other kind is answered with its scheme", async () => {
    await expect(open("oci-archive", buildDockerArchive(image, ["r:1"]))).rejects.toThrow(
      expect.objectContaining({ hint: expect.stringContaining("docker-archive:") }),
    );
    await expect(open("docker-archive", buildOciArchive(image, "v1"))).rejects.toThrow(
      expect.objectContaining({ hint: expect.stringContaining("oci-archive:") }),
    );
  });
});

/** An index.json whose stored bytes are not its content: its first ten bytes are a hole. */
function sparse(): Uint8Array {
  const stored = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
  const size = `${stored.length + 10}`;
  const records = { "GNU.sparse.size": size, "GNU.sparse.numblocks": "1", "GNU.sparse.map": `10,${stored.length}` };
  const header = tarHeader({ path: "index.json", size: stored.length });
  return Buffer.concat([paxHeader(records), header, tarBody(stored)]);
}

function index(): LayerEntry[] {
  return [{ path: "./index.json", content: '{"schemaVersion":2,"manifests":[]}' }];
}

describe("a docker archive (OCI-1)", () => {
  it("its manifest is computed, the same every time, and said to be", async () => {
    await using from = await open("docker-archive", buildDockerArchive(image, ["r:1"]));
    const opened = await openImage(from, reference("docker-archive"));
    expect(opened.computed).toBe(true);
    expect(opened.manifest.config).toEqual({
      ...config!.descriptor,
      mediaType: "application/vnd.oci.image.config.v1+json",
    });
    expect(opened.layers.map(({ descriptor }) => descriptor)).toEqual(layers.map(({ descriptor }) => descriptor));
    await using again = await open("docker-archive", buildDockerArchive(image, ["other:2"]));
    expect((await openImage(again, reference("docker-archive"))).descriptor).toEqual(opened.descriptor);
  });

  it("an image is chosen by name as docker knows names, by image id or by digest", async () => {
    const other = buildImage({ layers: [layers[1]!] });
    const both = buildTar([
      ...dockerMembers(image, { prefix: "unused-" }).slice(0, -1),
      ...dockerMembers(other, { prefix: "unused-" }).slice(1, -1),
      {
        path: "manifest.json",
        content: JSON.stringify([
          {
            Config: `${digestHex(config!.descriptor.digest)}.json`,
            RepoTags: ["docker.io/library/one:latest"],
            Layers: ["0/layer.tar", "1/layer.tar"],
          },
          { Config: `${digestHex(other.blobs[0]!.descriptor.digest)}.json`, RepoTags: null, Layers: ["1/layer.tar"] },
        ]),
      },
    ]);
    await using from = await open("docker-archive", both);
    const layerCount = async (names: string): Promise<number> =>
      (await openImage(from, reference("docker-archive", names))).layers.length;
    expect(await layerCount(":one")).toBe(2);
    expect(await layerCount(`@${other.blobs[0]!.descriptor.digest}`)).toBe(1);
    await expect(layerCount("")).rejects.toThrow(code("IMAGE_AMBIGUOUS"));
    await expect(layerCount("")).rejects.toThrow(/"docker.io\/library\/one:latest", "@sha256:/);
    await expect(layerCount(":two")).rejects.toThrow(/it has "docker.io\/library\/one:latest"/);
  });

  it("layers that are links to other layers are read through them", async () => {
    const twice = buildImage({ layers: [layers[1]!, layers[1]!, layers[1]!] });
    const name = `${digestHex(twice.blobs[0]!.descriptor.digest)}.json`;
    const archive = buildTar([
      { path: "b/layer.tar", linkTarget: "../a/layer.tar", type: "symlink" },
      { path: "a/layer.tar", content: layers[1]!.bytes },
      { path: "c/layer.tar", linkTarget: "a/layer.tar", type: "hardlink" },
      { path: name, content: twice.blobs[0]!.bytes },
      {
        path: "manifest.json",
        content: JSON.stringify([
          { Config: name, RepoTags: [], Layers: ["b/layer.tar", "a/layer.tar", "c/layer.tar"] },
        ]),
      },
    ]);
    await using from = await open("docker-archive", archive);
    const opened = await openImage(from, reference("docker-archive"));
    for (const layer of opened.layers) expect(await read(await layer.open())).toEqual(Buffer.from(layers[1]!.bytes));
  });

  it("a compressed layer is described by the digest of its compressed bytes", async () => {
    const packed = buildLayer([{ path: "b", content: "b" }], { compression: "gzip" });
    const built = buildImage({ layers: [packed] });
    await using from = await open("docker-archive", buildDockerArchive(built, []));
    const [layer] = (await openImage(from, reference("docker-archive"))).layers;
    expect(layer?.descriptor).toEqual(packed.descriptor);
    expect(layer?.diffId).toBe(packed.diffId);
  });

  it("a layer that is not the one its configuration names is never handed out whole (OCI-6)", async () => {
    const members = dockerMembers(image).map((member) =>
      member.path === "1/layer.tar"
        ? { path: member.path, content: buildLayer([{ path: "evil" }], { compression: "none" }).bytes }
        : member,
    );
    await using from = await open("docker-archive", buildTar(members));
    const opened = await openImage(from, reference("docker-archive"));
    await expect(read(await opened.layers[1]!.open())).rejects.toThrow(/MISMATCH|digest/);
  });

  it("a configuration that is not what its name says is refused (OCI-6)", async () => {
    const members = dockerMembers(image);
    const forged = buildBlob(
      JSON.stringify({ ...JSON.parse(Buffer.from(config!.bytes).toString()), author: "x" }),
      "x",
    );
    const changed = members.map((member) =>
      /^[0-9a-f]{64}\.json$/.test(member.path) ? { path: member.path, content: forged.bytes } : member,
    );
    await using from = await open("docker-archive", buildTar(changed));
    await expect(openImage(from, reference("docker-archive"))).rejects.toThrow(code("DIGEST_MISMATCH"));
  });

  it.each([
    ["no manifest.json", undefined, "ARCHIVE_INVALID"],
    ["a manifest.json of null", null, "DECODE_FAILED"],
    ["no images", [], "DECODE_FAILED"],
    ["a blank image", [{ Config: "", RepoTags: [], Layers: [] }], "DECODE_FAILED"],
    ["no configuration", [{ RepoTags: [], Layers: [] }], "DECODE_FAILED"],
    ["a configuration that is missing", [{ Config: "../../etc/passwd", Layers: [] }], "ARCHIVE_INVALID"],
    ["a layer too few", [{ Config: "CONFIG", Layers: ["0/layer.tar"] }], "LAYER_COUNT_MISMATCH"],
    ["a layer that is missing", [{ Config: "CONFIG", Layers: ["0/layer.tar", "9/layer.tar"] }], "ARCHIVE_INVALID"],
  ])("one with %s is refused", async (_, manifest, wanted) => {
    const text = JSON.stringify(manifest)?.replace("CONFIG", `${digestHex(config!.descriptor.digest)}.json`);
    const members = dockerMembers(image).slice(0, -1);
    const archive = buildTar(text === undefined ? members : [...members, { path: "manifest.json", content: text }]);
    const opening = (async () => {
      await using from = await open("docker-archive", archive);
      await openImage(from, reference("docker-archive"));
    })();
    await expect(opening).rejects.toThrow(code(wanted));
  });
});
