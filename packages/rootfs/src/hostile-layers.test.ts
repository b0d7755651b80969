import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { digestOf, hasCode } from "@sc/model";
import { buildLayer, type BuiltLayer, tarHeader } from "@sc/testing";
import { type RootfsLimits, walkLayers } from "./index.ts";
import { directory, file, source, symlink, texts } from "./walked-layers.testing.ts";

async function codeOf(layers: readonly BuiltLayer[], limits: Partial<RootfsLimits> = {}): Promise<string> {
  const work = walkLayers(
    layers.map((layer) => source(layer)),
    [texts],
    { limits },
  );
  try {
    await work;
  } catch (error) {
    for (const code of ["IMAGE_LIMIT_EXCEEDED", "ARCHIVE_LIMIT_EXCEEDED", "COMPRESSION_INVALID"]) {
      if (hasCode(error, code)) return code;
    }
    throw error;
  }
  return "none";
}

/** A layer of these bytes, whatever they are. */
function layerOf(bytes: Uint8Array, compression: "gzip" | "zstd"): BuiltLayer {
  const mediaType = `application/vnd.oci.image.layer.v1.tar+${compression}`;
  const digest = digestOf(bytes);
  return { descriptor: { mediaType, digest, size: bytes.length }, diffId: digest, bytes, tar: new Uint8Array(0) };
}

describe("what an image may size is bounded (RUN-10, scan.md G)", () => {
  const two = buildLayer([file("a.txt"), file("b.txt")]);
  const other = buildLayer([file("c.txt"), file("d.txt")]);

  test.each<[string, Partial<RootfsLimits>, Partial<RootfsLimits>, string]>([
    ["layers", { maxLayers: 2 }, { maxLayers: 1 }, "IMAGE_LIMIT_EXCEEDED"],
    ["entries of one layer", { maxEntries: 4 }, { maxEntries: 1 }, "ARCHIVE_LIMIT_EXCEEDED"],
    ["entries of all layers together", { maxEntries: 4 }, { maxEntries: 3 }, "IMAGE_LIMIT_EXCEEDED"],
    ["bytes of a layer", { maxLayerBytes: 1000 }, { maxLayerBytes: 20 }, "IMAGE_LIMIT_EXCEEDED"],
    ["bytes out of a layer", { maxLayerContentBytes: 9000 }, { maxLayerContentBytes: 900 }, "ARCHIVE_LIMIT_EXCEEDED"],
    ["bytes of the paths", { maxPathBytes: 1000 }, { maxPathBytes: 10 }, "IMAGE_LIMIT_EXCEEDED"],
  ])("%s", async (_, enough, tooFew, code) => {
    expect(await codeOf([two, other], enough)).toBe("none");
    expect(await codeOf([two, other], tooFew)).toBe(code);
  });

  test("a layer is counted as often as it stands in the image, though it is read once", async () => {
    expect(await codeOf([two, two, two], { maxEntries: 6 })).toBe("none");
    expect(await codeOf([two, two, two], { maxEntries: 5 })).toBe("IMAGE_LIMIT_EXCEEDED");
    const many = buildLayer(Array.from({ length: 11_000 }, (__, index) => directory(`d${index}`)));
    expect(await codeOf(Array.from({ length: 1000 }, () => many))).toBe("IMAGE_LIMIT_EXCEEDED");
  });

  test("the paths of all layers together take no more than those of one may", async () => {
    const layers = ["x", "y", "z"].map((name) => buildLayer([file(name.repeat(200))]));
    expect(await codeOf(layers, { maxPathBytes: 900 })).toBe("none");
    expect(await codeOf(layers, { maxPathBytes: 500 })).toBe("IMAGE_LIMIT_EXCEEDED");
  });

  test("a chain of links that a later layer breaks leads nowhere, and takes no time", async () => {
    const chain = Array.from({ length: 2000 }, (_, index) => symlink(`l${index}`, `l${index + 1}/l${index + 1}`));
    const layers = [buildLayer([...chain, file("l2000/a.txt")]), buildLayer([file("l0/b.txt")])];
    const files = await walkLayers(
      layers.map((layer) => source(layer)),
      [texts],
    );
    expect(files.problems.map(({ code }) => code)).toEqual(["LINK_LOOP"]);
    expect(files.resolve("l0/b.txt")).toBeUndefined();
  });
});

describe("a bomb", () => {
  const header = tarHeader({ path: "zeros", size: 10 * 2 ** 30 });

  // Ten gigabytes of zeros: a member of 16 MiB, again and again.
  test.each(["gzip", "zstd"] as const)(
    "of ten gigabytes in %s ends soon, in bounded memory (scan.md G.1)",
    async (name) => {
      const script = `
      import { gzipSync, zstdCompressSync } from "node:zlib";
      import { isScError, digestOf } from "@sc/model";
      import { walkLayers } from "@sc/rootfs";
      const pack = ${name === "gzip" ? "gzipSync" : "zstdCompressSync"};
      const zeros = pack(Buffer.alloc(16 * 2 ** 20));
      const bytes = Buffer.concat([pack(Buffer.from("${Buffer.from(header).toString("base64")}", "base64")), ...Array.from({ length: 640 }, () => zeros)]);
      let given = 0;
      const open = async () => (async function* () {
        for (let at = 0; at < bytes.length; at += 65536) { given += 1; yield bytes.subarray(at, at + 65536); }
      })();
      const before = process.resourceUsage().maxRSS;
      const reader = { id: "all", version: 1, wants: () => true, read: ({ size }) => size };
      const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar+${name}", digest: digestOf(bytes), size: bytes.length };
      const error = await walkLayers([{ descriptor, open }], [reader]).then(() => undefined, (thrown) => thrown);
      const mebibytes = (process.resourceUsage().maxRSS - before) / 1024;
      console.log(JSON.stringify({ code: isScError(error) ? error.code : String(error), given: given * 65536, size: bytes.length, mebibytes }));
    `;
      const run = promisify(execFile);
      const words = ["--input-type=module", "--eval", script];
      const { stdout } = await run(process.execPath, words, { cwd: join(import.meta.dirname, "../../../test") });
      const told = JSON.parse(stdout);
      expect(told.code).toBe("ARCHIVE_LIMIT_EXCEEDED");
      expect(told.mebibytes).toBeLessThan(100);
      expect(told.given).toBeLessThan(Math.max(4 * 2 ** 20, told.size / 4));
    },
    60_000,
  );

  test("whose zstd frame asks for a window of two gigabytes is refused (scan.md G.1)", async () => {
    const frame = zstdCompressSync(Buffer.alloc(1000));
    // Magic number, a descriptor without single segment, the window's exponent 31 - 10, then a raw last block of nothing.
    const asking = Buffer.from([...frame.subarray(0, 4), 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00]);
    expect(await codeOf([layerOf(asking, "zstd")])).toBe("COMPRESSION_INVALID");
    const modest = Buffer.from([...frame.subarray(0, 4), 0x00, (20 - 10) << 3, 0x01, 0x00, 0x00]);
    expect(await codeOf([layerOf(modest, "zstd")])).toBe("none");
    expect(await codeOf([layerOf(gzipSync(Buffer.alloc(0)), "gzip")])).toBe("none");
  });
});
