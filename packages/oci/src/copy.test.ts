import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestHex, type Progress, attachedTag } from "@sc/model";
import {
  buildArtifact,
  buildBlob,
  buildImage,
  buildIndex,
  buildLayer,
  type BuiltManifest,
  pushImage,
  startRegistry,
  type TestRegistry,
  writeLayout,
} from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyImage, type CopyOptions, type CopyResult } from "./copy.ts";
import { type ImageTree, readImageTree } from "./image-tree.ts";
import { openImage } from "./image.ts";
import { openDestination, openSource } from "./open.ts";
import { parseReference } from "./reference.ts";

let folder: string;
let registry: TestRegistry;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-copy-"));
  registry = await startRegistry();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const common = buildLayer([{ path: "common", content: "c".repeat(2000) }]);
const amd64 = buildImage({ layers: [common, buildLayer([{ path: "amd64", content: "1" }])] });
const arm64 = buildImage({
  layers: [common, buildLayer([{ path: "arm64", content: "2" }])],
  platform: { os: "linux", architecture: "arm64" },
});
const index = buildIndex({ images: [amd64, arm64] });
const sbom = buildArtifact({
  artifactType: "application/spdx+json",
  subject: amd64.descriptor,
  blobs: [buildBlob('{"spdx":1}', "application/spdx+json")],
});
const signatureOfSbom = buildArtifact({
  artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  subject: sbom.descriptor,
  blobs: [buildBlob('{"bundle":1}', "application/vnd.dev.sigstore.bundle.v0.3+json")],
});
const legacy = buildImage({ layers: [buildLayer([{ path: "signature", content: "s" }])] });

async function copy(from: string, to: string, options: CopyOptions = {}): Promise<CopyResult> {
  await using source = await openSource(parseReference(from));
  await using destination = await openDestination(parseReference(to));
  const places = [
    { source, reference: parseReference(from) },
    { destination, reference: parseReference(to) },
  ] as const;
  return await copyImage(places[0], places[1], options);
}

async function tree(reference: string): Promise<ImageTree> {
  await using source = await openSource(parseReference(reference));
  return await readImageTree(source, parseReference(reference));
}

/** The digests of a tree, with everything about each, so that two trees can be compared. */
function outline(node: ImageTree): unknown {
  return {
    digest: node.descriptor.digest,
    relation: node.relation,
    tag: node.tag,
    entries: node.entries.map(outline),
    referrers: node.referrers.map(outline),
    attached: node.attached.map(outline),
  };
}

function publish(name: string): string {
  const [repository = ""] = name.split(":");
  const text = pushImage(registry, name, index);
  for (const referrer of [sbom, signatureOfSbom]) pushImage(registry, repository, referrer);
  pushImage(registry, `${repository}:${attachedTag(index.descriptor.digest, "sig")}`, legacy);
  return text;
}

const layoutAt = (name: string): string => `oci-layout:${join(folder, name)}`;
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe("copying an image (OCI-3)", () => {
  it.each(["api", 404] as const)(
    "everything about it goes from registry to layout to registry and stays what it was (referrers: %s)",
    async (referrers) => {
      registry.settings.referrers = "api";
      const from = publish("app:v1");
      const before = outline(await tree(from));
      const there = await copy(from, layoutAt("image:v1"), { referrers: true });
      expect(there.digestKept).toBe(true);
      expect(there.manifests).toEqual({ copied: 6, present: 0 });
      expect(outline(await tree(layoutAt("image:v1")))).toEqual(before);
      registry.settings.referrers = referrers;
      const back = `${registry.host}/other/app:v2`;
      await copy(layoutAt("image:v1"), back, { referrers: true });
      expect(outline(await tree(back))).toEqual(before);
      expect(there.descriptor.digest).toBe(index.descriptor.digest);
    },
  );

  it("a blob is moved once, and not at all when it is there", async () => {
    await writeLayout(join(folder, "a"), index, "v1");
    const blobs = new Set([...amd64.blobs, ...arm64.blobs].map((blob) => blob.descriptor.digest)).size;
    const first = await copy(layoutAt("a:v1"), layoutAt("b:v1"));
    expect(first.blobs).toEqual({ copied: blobs, mounted: 0, present: 0 });
    const second = await copy(layoutAt("a:v1"), layoutAt("b:v2"));
    expect(second.blobs.copied).toBe(0);
    expect(second.bytes).toBe(0);
    expect(second.manifests).toEqual({ copied: 1, present: 2 });
  });

  it("within a registry blobs are taken over without moving bytes", async () => {
    const from = pushImage(registry, "app:v1", amd64);
    const result = await copy(from, `${registry.host}/other:v1`);
    expect(result.blobs).toEqual({ copied: 0, mounted: amd64.blobs.length, present: 0 });
    expect(registry.requests.filter(({ method, target }) => method === "GET" && target.includes("/blobs/"))).toEqual(
      [],
    );
  });

  it("the name appears last: parents are written after what they refer to", async () => {
    await writeLayout(join(folder, "a"), index, "v1");
    await copy(layoutAt("a:v1"), `${registry.host}/app:v1`);
    const puts = registry.requests.filter(({ method, target }) => method === "PUT" && target.includes("/manifests/"));
    expect(puts.map(({ target }) => target.split("/").at(-1))).toEqual([
      amd64.descriptor.digest,
      arm64.descriptor.digest,
      "v1",
    ]);
  });

  it("with referrers the name appears after them, too", async () => {
    await copy(publish("app:v1"), `${registry.host}/other:v1`, { referrers: true });
    const puts = registry.requests.filter(
      ({ method, target }) => method === "PUT" && target.includes("/other/manifests/"),
    );
    expect(puts.at(-1)?.target.endsWith("/v1")).toBe(true);
    expect(puts.filter(({ target }) => target.endsWith("/v1"))).toHaveLength(1);
  });

  it("without being asked, nothing that refers to it is copied", async () => {
    const result = await copy(publish("app:v1"), layoutAt("a:v1"));
    expect(result.referrers).toEqual([]);
    const copied = await tree(layoutAt("a:v1"));
    expect(copied.attached).toEqual([]);
    expect(copied.entries[0]?.referrers).toEqual([]);
  });

  it("one platform is copied under its own digest (OCI-2)", async () => {
    const platform = { os: "linux", architecture: "arm64" };
    const result = await copy(pushImage(registry, "app:v1", index), layoutAt("a:v1"), { platform });
    expect(result.descriptor.digest).toBe(arm64.descriptor.digest);
    const copied = await tree(layoutAt("a:v1"));
    expect(copied.descriptor.digest).toBe(arm64.descriptor.digest);
  });

  it("a destination that names another digest is refused, and nothing is written under a name", async () => {
    await writeLayout(join(folder, "a"), amd64, "v1");
    const wrong = `${registry.host}/app:v1@${arm64.descriptor.digest}`;
    await expect(copy(layoutAt("a:v1"), wrong)).rejects.toThrow(code("DIGEST_MISMATCH"));
    expect(registry.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  it("a blob damaged on the way ends the copy, and the name stays what it was (OCI-6)", async () => {
    pushImage(registry, "app:v1", amd64);
    await copy(`${registry.host}/app:v1`, layoutAt("a:v1"));
    pushImage(registry, "app:v1", arm64);
    registry.inject({ path: /blobs/, effect: { type: "corrupt", atByte: 3 } });
    await expect(copy(`${registry.host}/app:v1`, layoutAt("a:v1"))).rejects.toThrow(code("DIGEST_MISMATCH"));
    expect((await tree(layoutAt("a:v1"))).descriptor.digest).toBe(amd64.descriptor.digest);
  });

  it("an index whose manifests are not all there is not copied as if it were whole", async () => {
    pushImage(registry, "app:v1", index);
    registry.repository("app").manifests.delete(arm64.descriptor.digest);
    await expect(copy(`${registry.host}/app:v1`, layoutAt("a:v1"))).rejects.toThrow(code("MANIFEST_NOT_FOUND"));
    const seen = await tree(`${registry.host}/app:v1`);
    expect(seen.entries.map((entry) => entry.manifest === undefined)).toEqual([false, true]);
  });

  it("a foreign layer that the source does not hold is left out, and said to be", async () => {
    const foreign = {
      ...common.descriptor,
      mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      urls: ["https://example.invalid/layer"],
    };
    const built = buildImage({ layers: [{ ...common, descriptor: foreign }] });
    await writeLayout(join(folder, "a"), built, "v1");
    await rm(join(folder, "a", "blobs", "sha256", digestHex(common.descriptor.digest)));
    const result = await copy(layoutAt("a:v1"), layoutAt("b:v1"));
    expect(result.foreign).toEqual([foreign]);
    await using source = await openSource(parseReference(layoutAt("b:v1")));
    const image = await openImage(source, parseReference(layoutAt("b:v1")));
    await expect(image.layers[0]!.open()).rejects.toThrow(code("FOREIGN_LAYER"));
  });

  it("progress tells of every byte written, once", async () => {
    await writeLayout(join(folder, "a"), amd64, "v1");
    const seen: Progress[] = [];
    const result = await copy(layoutAt("a:v1"), layoutAt("b:v1"), { onProgress: (progress) => seen.push(progress) });
    const done = seen.filter((progress) => progress.type === "blob" && progress.doneBytes === progress.totalBytes);
    expect(done).toHaveLength(result.blobs.copied);
    const announced = seen.slice(0, result.blobs.copied).map((told) => told.type === "blob" && told.doneBytes);
    expect(announced).toEqual(done.map(() => 0));
  });

  it("what a layout keeps of a copy is told blob by blob, and nothing of an archive, which is there whole or not", async () => {
    await writeLayout(join(folder, "a"), amd64, "v1");
    for (const [to, told] of [
      [layoutAt("b:v1"), amd64.blobs.length + 1],
      [`oci-archive:${join(folder, "c.tar")}`, 0],
    ] as const) {
      const stored: string[] = [];
      const onProgress = (progress: Progress): unknown =>
        progress.type === "stage" && progress.stage.startsWith("store-") && stored.push(progress.stage);
      await copy(layoutAt("a:v1"), to, { onProgress });
      expect(stored, to).toHaveLength(told);
    }
  });

  it("a copy that is aborted ends with the signal's reason", async () => {
    await writeLayout(join(folder, "a"), index, "v1");
    const aborted = copy(layoutAt("a:v1"), layoutAt("b:v1"), { signal: AbortSignal.abort(new Error("enough")) });
    await expect(aborted).rejects.toThrow("enough");
  });
});

describe("referrers are claims", () => {
  it("a listed manifest that names another subject is not taken for a referrer", async () => {
    const stranger: BuiltManifest = buildArtifact({ artifactType: "a/b", subject: arm64.descriptor, blobs: [] });
    registry.settings.referrers = 404;
    pushImage(registry, "app:v1", amd64);
    pushImage(registry, "app", stranger);
    const tag = `sha256-${digestHex(amd64.descriptor.digest)}`;
    registry.putManifest("app", {
      bytes: JSON.stringify({
        schemaVersion: 2,
        mediaType: index.descriptor.mediaType,
        manifests: [stranger.descriptor],
      }),
      mediaType: index.descriptor.mediaType,
      tag,
    });
    expect((await tree(`${registry.host}/app:v1`)).referrers).toEqual([]);
    expect((await copy(`${registry.host}/app:v1`, layoutAt("a:v1"), { referrers: true })).referrers).toEqual([]);
  });

  it("referrers of referrers end", async () => {
    pushImage(registry, "app:v1", amd64);
    let subject = amd64.descriptor;
    for (let depth = 0; depth < 6; depth += 1) {
      const next = buildArtifact({ artifactType: "a/b", subject, blobs: [] });
      pushImage(registry, "app", next);
      subject = next.descriptor;
    }
    await expect(tree(`${registry.host}/app:v1`)).rejects.toThrow(code("GRAPH_TOO_LARGE"));
  });
});
