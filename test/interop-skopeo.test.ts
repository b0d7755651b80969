import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "@sc/model";
import {
  copyImage,
  type CopyResult,
  type Image,
  openDestination,
  openImage,
  openSource,
  parseReference,
} from "@sc/oci";
import { buildImage, buildIndex, buildLayer, writeLayout } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const program = "skopeo";
const installed = spawnSync(program, ["--version"]).status === 0;
if (!installed) process.stderr.write("skopeo is not installed: its interoperability tests are skipped\n");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-skopeo-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

async function skopeo(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(program, ["--insecure-policy", "--tmpdir", folder, ...args], { encoding: "utf8" });
  return stdout;
}

const at = (name: string): string => join(folder, name);

async function copy(from: string, to: string): Promise<CopyResult> {
  await using source = await openSource(parseReference(from));
  await using destination = await openDestination(parseReference(to));
  const places = [
    { source, reference: parseReference(from) },
    { destination, reference: parseReference(to) },
  ] as const;
  return await copyImage(places[0], places[1]);
}

async function open(text: string): Promise<Image> {
  await using source = await openSource(parseReference(text));
  const image = await openImage(source, parseReference(text), { platform: { os: "linux", architecture: "amd64" } });
  for (const layer of image.layers) {
    let size = 0;
    for await (const chunk of await layer.open()) size += chunk.length;
    expect(size).toBe(layer.descriptor.size);
  }
  return image;
}

const layers = [
  buildLayer([{ path: "etc/os-release", content: "ID=test\n" }]),
  buildLayer([{ path: "data", content: "d".repeat(300_000) }]),
];
const image = buildImage({ layers });
const arm64 = buildImage({ layers: layers.slice(0, 1), platform: { os: "linux", architecture: "arm64" } });
const index = buildIndex({ images: [image, arm64] });
const diffIds = layers.map(({ diffId }) => diffId);

describe.skipIf(!installed)("skopeo and sc read what the other wrote (OCI-1, OCI-3)", () => {
  test("a layout written here is copied by skopeo and read here again, every digest the same", async () => {
    await writeLayout(at("built"), index, "v1");
    await copy(`oci-layout:${at("built")}:v1`, `oci-layout:${at("ours")}:v1`);
    await skopeo("copy", "--all", "--preserve-digests", `oci:${at("ours")}:v1`, `oci:${at("theirs")}:v2`);
    expect((await open(`oci-layout:${at("theirs")}:v2`)).index?.digest).toBe(index.descriptor.digest);
    const back = await copy(`oci-layout:${at("theirs")}:v2`, `oci-layout:${at("back")}:v3`);
    expect(back.descriptor.digest).toBe(index.descriptor.digest);
    expect(digestOf(await skopeo("inspect", "--raw", `oci:${at("back")}:v3`))).toBe(index.descriptor.digest);
  });

  test("a layout that both have written to lists what both wrote", async () => {
    await writeLayout(at("built"), image, "v1");
    await copy(`oci-layout:${at("built")}:v1`, `oci-layout:${at("both")}:ours`);
    await skopeo("copy", "--preserve-digests", `oci:${at("built")}:v1`, `oci:${at("both")}:theirs`);
    await copy(`oci-layout:${at("built")}:v1`, `oci-layout:${at("both")}:again`);
    await using source = await openSource(parseReference(`oci-layout:${at("both")}`));
    expect((await source.listTags()).toSorted()).toEqual(["again", "ours", "theirs"]);
    for (const name of ["again", "ours", "theirs"]) {
      const raw = await skopeo("inspect", "--raw", `oci:${at("both")}:${name}`);
      expect(digestOf(raw)).toBe(image.descriptor.digest);
    }
  });

  test("an OCI archive goes both ways, every digest the same", async () => {
    await writeLayout(at("built"), image, "v1");
    await copy(`oci-layout:${at("built")}:v1`, `oci-archive:${at("ours.tar")}:v1`);
    await skopeo(
      "copy",
      "--preserve-digests",
      `oci-archive:${at("ours.tar")}:v1`,
      `oci-archive:${at("theirs.tar")}:v2`,
    );
    expect((await open(`oci-archive:${at("theirs.tar")}:v2`)).descriptor.digest).toBe(image.descriptor.digest);
    const back = await copy(`oci-archive:${at("theirs.tar")}:v2`, `oci-layout:${at("back")}:v3`);
    expect(back.descriptor.digest).toBe(image.descriptor.digest);
  });

  test("a docker archive goes both ways, configuration and layers the same", async () => {
    await writeLayout(at("built"), image, "v1");
    await copy(`oci-layout:${at("built")}:v1`, `docker-archive:${at("ours.tar")}:app:1`);
    await skopeo("copy", `docker-archive:${at("ours.tar")}:app:1`, `docker-archive:${at("theirs.tar")}:other/app:2`);
    const opened = await open(`docker-archive:${at("theirs.tar")}:other/app:2`);
    expect(opened.config.diffIds).toEqual(diffIds);
    expect(opened.manifest.config.digest).toBe(image.blobs[0]!.descriptor.digest);
    expect(opened.descriptor).toEqual((await open(`docker-archive:${at("ours.tar")}`)).descriptor);
  });

  test("what skopeo makes of a docker archive written here is the image it was", async () => {
    await writeLayout(at("built"), image, "v1");
    await copy(`oci-layout:${at("built")}:v1`, `docker-archive:${at("ours.tar")}:app:1`);
    await skopeo("copy", `docker-archive:${at("ours.tar")}`, `oci:${at("theirs")}:v1`);
    const opened = await open(`oci-layout:${at("theirs")}:v1`);
    expect(opened.config.diffIds).toEqual(diffIds);
    expect(opened.platform).toMatchObject({ os: "linux", architecture: "amd64" });
  });
});
