import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestHex } from "@sc/model";
import { buildImage, buildLayer } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDestination } from "../open.ts";
import { parseReference } from "../reference.ts";

const image = buildImage({ layers: [buildLayer([{ path: "etc/os-release", content: "ID=test\n" }])] });

let folder: string;
let victim: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-links-"));
  victim = join(folder, "victim");
  await writeFile(victim, "theirs");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Writes the image into the layout as `sc image copy` does. */
async function write(): Promise<void> {
  await using store = await openDestination(parseReference(`oci-layout:${join(folder, "layout")}`));
  for (const { bytes, descriptor } of image.blobs) await store.pushBlob(bytes, descriptor.mediaType);
  await store.pushManifest(image.bytes, image.descriptor.mediaType, { tag: "1" });
}

describe("a symbolic link that somebody left in a layout (oras-go GHSA-8xwf)", () => {
  it.each([
    "index.json",
    "oci-layout",
    ...image.blobs.map(({ descriptor }) => `blobs/sha256/${digestHex(descriptor.digest)}`),
  ])("under the name %s is never written through", async (name) => {
    const path = join(folder, "layout", name);
    await mkdir(join(path, ".."), { recursive: true });
    await symlink(victim, path);
    await write().catch(() => undefined);
    expect(await readFile(victim, "utf8")).toBe("theirs");
  });

  it("and that leads nowhere makes no file where it points", async () => {
    const [blob] = image.blobs;
    const path = join(folder, "layout/blobs/sha256", digestHex(blob?.descriptor.digest ?? "sha256:"));
    await mkdir(join(path, ".."), { recursive: true });
    await symlink(join(folder, "nowhere"), path);
    await write().catch(() => undefined);
    await expect(readFile(join(folder, "nowhere"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
