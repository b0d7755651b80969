import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyImage, openDestination, openImage, openSource, parseReference } from "@sc/oci";
import {
  buildDockerArchive,
  buildImage,
  buildLayer,
  buildOciArchive,
  pushImage,
  startRegistry,
  type TestRegistry,
  writeLayout,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sc-matrix-"));
const at = (name: string): string => join(folder, name);
const layers = [
  buildLayer([{ path: "etc/hello", content: "hello" }]),
  buildLayer([{ path: "etc/zstd", content: "z" }], { compression: "zstd" }),
];
const plain = [buildLayer([{ path: "etc/hello", content: "hello" }], { compression: "none", mediaTypes: "docker" })];
const image = buildImage({ layers });
const saved = buildImage({ layers: plain, mediaTypes: "docker" });
const rootfs = buildLayer([{ path: "etc/hello", content: "hello" }]);

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  pushImage(registry, "from:v1", image);
  await writeLayout(at("layout"), image, "v1");
  writeFileSync(at("oci.tar"), buildOciArchive(image, "v1"));
  writeFileSync(at("docker.tar"), buildDockerArchive(saved, ["from:v1"]));
  mkdirSync(at("tree/etc"), { recursive: true });
  writeFileSync(at("tree/etc/hello"), "hello");
  writeFileSync(at("rootfs.tar"), rootfs.tar);
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const sources: Readonly<Record<string, () => string>> = {
  registry: () => `registry:${registry.host}/from:v1`,
  "oci-layout": () => `oci-layout:${at("layout")}:v1`,
  "oci-archive": () => `oci-archive:${at("oci.tar")}:v1`,
  "docker-archive": () => `docker-archive:${at("docker.tar")}:from:v1`,
  dir: () => `dir:${at("tree")}`,
  "rootfs-tar": () => `rootfs-tar:${at("rootfs.tar")}`,
};
const destinations: Readonly<Record<string, (name: string) => string>> = {
  registry: (name) => `${registry.host}/to/${name}:v2`,
  "oci-layout": (name) => `oci-layout:${at(`to-${name}`)}:v2`,
  "oci-archive": (name) => `oci-archive:${at(`to-${name}.oci.tar`)}:v2`,
  "docker-archive": (name) => `docker-archive:${at(`to-${name}.docker.tar`)}:to:v2`,
};

/** An image as it is read: its digest, and the content of its layers, each read to its end and so verified. */
async function contentOf(text: string): Promise<{ readonly digest: string; readonly diffIds: readonly unknown[] }> {
  const reference = parseReference(text);
  await using source = await openSource(reference);
  const opened = await openImage(source, reference);
  for (const layer of opened.layers) {
    let size = 0;
    for await (const chunk of await layer.open()) size += chunk.length;
    expect(size).toBe(layer.descriptor.size);
  }
  return { digest: opened.descriptor.digest, diffIds: opened.layers.map(({ diffId }) => diffId) };
}

const pairs = Object.keys(sources).flatMap((from) => Object.keys(destinations).map((to) => [from, to] as const));

describe("an image is copied between any two places (OCI-1, OCI-3)", () => {
  test.each(pairs)("from %s to %s", async (scheme, to) => {
    const text = sources[scheme]?.() ?? "";
    const reference = parseReference(text);
    const target = parseReference(destinations[to]?.(scheme) ?? "");
    {
      await using source = await openSource(reference);
      await using destination = await openDestination(target);
      await copyImage({ source, reference }, { destination, reference: target });
      await destination.commit?.();
    }
    const [before, after] = [await contentOf(text), await contentOf(destinations[to]?.(scheme) ?? "")];
    expect(after.diffIds).toEqual(before.diffIds);
    expect(before.diffIds.length).toBeGreaterThan(0);
    // Only a docker archive has no place for the manifest.
    if (to !== "docker-archive") expect(after.digest).toBe(before.digest);
  });
});
