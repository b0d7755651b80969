import { chmod, link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { TarReader } from "@sc/archive";
import { digestOf } from "@sc/model";
import { buildLayer } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Image, openImage } from "../image.ts";
import { openDestination, openSource } from "../open.ts";
import { parseReference } from "../reference.ts";
import type { ImageSource } from "../source.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-rootfs-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const platform = { os: "linux", architecture: "amd64" };
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

function open(text: string): Promise<ImageSource> {
  return openSource(parseReference(text), { platform });
}

async function read(image: Image): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await image.layers[0]!.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function list(tar: Uint8Array): readonly string[] {
  const found: string[] = [];
  const reader = new TarReader(
    {
      entry: ({ path, type, mode, linkPath, size }) => {
        found.push(`${type} ${mode.toString(8)} ${path} ${size}${linkPath === "" ? "" : ` -> ${linkPath}`}`);
        return false;
      },
      content: () => false,
      contentEnd: () => undefined,
    },
    { where: "test" },
  );
  reader.push(tar);
  reader.end();
  return found;
}

async function makeRoot(): Promise<string> {
  const root = join(folder, "root");
  await mkdir(join(root, "etc"), { recursive: true });
  await mkdir(join(root, "bin"));
  await writeFile(join(root, "etc", "passwd"), "root\n");
  await chmod(join(root, "etc", "passwd"), 0o640);
  await writeFile(join(root, "bin", "tool"), "tool");
  await chmod(join(root, "bin", "tool"), 0o4755);
  await link(join(root, "bin", "tool"), join(root, "bin", "tool2"));
  await symlink("/etc/shadow", join(root, "etc", "shadow"));
  await symlink("../..", join(root, "etc", "out"));
  return root;
}

describe("a folder as a root file system (OCI-1)", () => {
  it("is one layer of everything in it, in order, links as links", async () => {
    const root = await makeRoot();
    await using source = await open(`dir:${root}`);
    const image = await openImage(source, parseReference(`dir:${root}`));
    expect(image).toMatchObject({ computed: true, platform });
    expect(list(await read(image))).toEqual([
      "directory 755 bin/ 0",
      "file 4755 bin/tool 4",
      "hardlink 4755 bin/tool2 0 -> bin/tool",
      "directory 755 etc/ 0",
      "symlink 777 etc/out 0 -> ../..",
      "file 640 etc/passwd 5",
      "symlink 777 etc/shadow 0 -> /etc/shadow",
    ]);
  });

  it("has the same digest for the same content, whenever it was written", async () => {
    const root = await makeRoot();
    const digests: string[] = [];
    for (const seconds of [1, 2_000_000_000]) {
      await utimes(join(root, "etc", "passwd"), seconds, seconds);
      await using source = await open(`dir:${root}`);
      digests.push((await openImage(source, parseReference(`dir:${root}`))).descriptor.digest);
    }
    expect(digests[0]).toBe(digests[1]);
  });

  it("one that changes while it is read is never handed out whole (OCI-6)", async () => {
    const root = await makeRoot();
    await using source = await open(`dir:${root}`);
    const image = await openImage(source, parseReference(`dir:${root}`));
    await writeFile(join(root, "etc", "passwd"), "evil\n");
    await expect(read(image)).rejects.toThrow(code("DIGEST_MISMATCH"));
  });

  it("what is no file, folder or link is left out", async () => {
    const root = await makeRoot();
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(root, "socket"), resolve);
    });
    try {
      await using source = await open(`dir:${root}`);
      const image = await openImage(source, parseReference(`dir:${root}`));
      expect(list(await read(image)).filter((line) => line.includes("socket"))).toEqual([]);
    } finally {
      server.close();
    }
  });

  it("a file or nothing in its place is refused", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(open(`dir:${join(folder, "file")}`)).rejects.toThrow(code("FILE_READ_FAILED"));
    await expect(open(`dir:${join(folder, "none")}`)).rejects.toThrow(code("FILE_NOT_FOUND"));
  });
});

describe("a tar of a root file system (OCI-1)", () => {
  const layer = buildLayer([{ path: "etc/os-release", content: "ID=test\n" }], { compression: "none" });

  it.each([
    ["plain", layer.tar, ""],
    ["gzip", gzipSync(layer.tar), "+gzip"],
  ])("%s is one layer, described by its stored bytes and by its content", async (_, bytes, suffix) => {
    const file = join(folder, "root.tar");
    await writeFile(file, bytes);
    await using source = await open(`rootfs-tar:${file}`);
    const image = await openImage(source, parseReference(`rootfs-tar:${file}`));
    expect(image.layers[0]).toMatchObject({
      descriptor: {
        mediaType: `application/vnd.oci.image.layer.v1.tar${suffix}`,
        digest: digestOf(bytes),
        size: bytes.length,
      },
      diffId: layer.diffId,
      range: { path: file, offset: 0, length: bytes.length },
    });
    expect(await read(image)).toEqual(Buffer.from(bytes));
  });

  it("one that changes after it was looked at is never handed out whole (OCI-6)", async () => {
    const file = join(folder, "root.tar");
    await writeFile(file, layer.tar);
    await using source = await open(`rootfs-tar:${file}`);
    const image = await openImage(source, parseReference(`rootfs-tar:${file}`));
    await writeFile(file, Buffer.alloc(layer.tar.length));
    await expect(read(image)).rejects.toThrow(code("DIGEST_MISMATCH"));
  });
});

describe("what cannot be served", () => {
  it("the container engine is answered with what to do instead", async () => {
    await expect(open("docker-daemon:alpine")).rejects.toThrow(
      expect.objectContaining({ code: "SCHEME_UNSUPPORTED", hint: expect.stringContaining("docker save") }),
    );
  });

  it.each(["dir:x", "rootfs-tar:x", "docker-daemon:x"])("%s is not written to", async (text) => {
    await expect(openDestination(parseReference(text))).rejects.toThrow(code("SCHEME_UNSUPPORTED"));
  });
});
