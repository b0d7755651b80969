import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { isScError } from "@sc/model";
import { type Image, openImages, openSource, parseReference, type Reference } from "@sc/oci";
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folders = ["images", "rootfs", "slsa"].map(dataFolder).filter((folder) => folder !== undefined);
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
);
const layouts = files.filter((file) => file.endsWith("/index.json")).map(dirname);
const archives = files.filter((file) => /\.tar(?:\.gz)?$/.test(file) && statSync(file).isFile());

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Opens every image of a reference and reads every layer of each to its end. */
async function readAll(reference: Reference): Promise<readonly Image[]> {
  await using source = await openSource(reference);
  const images = await openImages(source, reference);
  for (const layer of images.flatMap((image) => image.layers)) {
    let size = 0;
    for await (const chunk of await layer.open()) size += chunk.length;
    expect(size).toBe(layer.descriptor.size);
  }
  return images;
}

async function verdict(reference: Reference): Promise<string> {
  try {
    await readAll(reference);
    return "read";
  } catch (error) {
    if (isScError(error)) return error.code;
    throw error;
  }
}

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string };
  readonly annotations?: Record<string, string>;
}

/** Whether everything below a descriptor is in the layout as described, found out with nothing of our own. */
function isWhole(layout: string, entry: Entry): boolean {
  const path = join(layout, "blobs", entry.digest.replace(":", "/"));
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path);
  if (bytes.length !== entry.size || sha256(bytes) !== entry.digest) return false;
  if (!/(?:image\.manifest|image\.index|manifest\.v2|manifest\.list\.v2)/.test(entry.mediaType)) return true;
  const { config, layers, manifests } = JSON.parse(bytes.toString());
  const below: Entry[] = manifests ?? [config, ...layers];
  return below.filter((child) => child.platform?.os !== "unknown").every((child) => isWhole(layout, child));
}

const nameOf = (entry: Entry): string | undefined => entry.annotations?.["org.opencontainers.image.ref.name"];

/** Whether an image's configuration is one of an image, and not that of a chart or another artifact. */
function isRunnable(layout: string, entry: Entry): boolean {
  const { config } = JSON.parse(readFileSync(join(layout, "blobs", entry.digest.replace(":", "/"))).toString());
  return config === undefined || /(?:image\.config|container\.image)\.v1\+json$/.test(config.mediaType);
}

const isManifest =
  /^application\/vnd\.(?:oci\.image\.(?:manifest|index)\.v1|docker\.distribution\.manifest(?:\.list)?\.v2)\+json$/;

describe.skipIf(folders.length === 0)("every layout there is (OCI-1)", () => {
  test.each(layouts)("%s: whole images are read, others refused", async (layout) => {
    const text = readFileSync(join(layout, "index.json"), "utf8");
    if (text === "") return expect(await verdict({ scheme: "oci-layout", path: layout })).toBe("JSON_INVALID");
    const entries: Entry[] | undefined = JSON.parse(text).manifests;
    // An index that is none by the image specification is refused whole.
    if (entries === undefined || entries.some((entry) => !/^[^/\s]+\/[^/\s]+$/.test(entry.mediaType)))
      return expect(await verdict({ scheme: "oci-layout", path: layout })).toBe("DECODE_FAILED");
    for (const entry of entries) {
      if (entry.annotations?.["kind"]?.endsWith("atts") === true) continue;
      const reference = parseReference(`oci-layout:${layout}@${entry.digest}`);
      const wanted = isWhole(layout, entry) && isManifest.test(entry.mediaType) && isRunnable(layout, entry);
      const got = await verdict(reference);
      expect(got === "read", `${entry.digest}: ${got}`).toBe(wanted);
      if (!wanted)
        expect(got).toMatch(
          /^(?:BLOB_NOT_FOUND|MANIFEST_NOT_FOUND|SIZE_MISMATCH|DIGEST_MISMATCH|MEDIA_TYPE_UNSUPPORTED|NOT_AN_IMAGE)$/,
        );
      const name = nameOf(entry);
      if (name === undefined) continue;
      // A name that two entries share names neither.
      const isShared = entries.some((other) => nameOf(other) === name && other.digest !== entry.digest);
      const byName = await verdict({ scheme: "oci-layout", path: layout, tag: name });
      expect(byName, name).toBe(isShared ? "IMAGE_AMBIGUOUS" : got);
    }
  });

  test("some are read and some are refused", async () => {
    const verdicts = await Promise.all(layouts.map((path) => verdict({ scheme: "oci-layout", path })));
    expect(verdicts).toContain("read");
    expect(new Set(verdicts).size).toBeGreaterThan(2);
  });
});

/** The regular files and links of a tar, by tar-stream; `undefined` when that cannot read it. */
async function listTar(path: string): Promise<ReadonlyMap<string, Buffer> | undefined> {
  const found = new Map<string, Buffer>();
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: unknown) => chunks.push(Buffer.from(chunk as Uint8Array)));
    stream.on("end", () => {
      if (header.type === "file") found.set(header.name.replace(/^\.\//, ""), Buffer.concat(chunks));
      next();
    });
  });
  try {
    await (path.endsWith(".gz")
      ? pipeline(createReadStream(path), createGunzip(), reader)
      : pipeline(createReadStream(path), reader));
    return found;
  } catch {
    return undefined;
  }
}

interface Saved {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

function savedImages(members: ReadonlyMap<string, Buffer> | undefined): readonly Saved[] {
  const saved: unknown = JSON.parse(members?.get("manifest.json")?.toString() ?? "null");
  return Array.isArray(saved) ? saved : [];
}

describe.skipIf(folders.length === 0)("every archive there is (OCI-1)", () => {
  test("there are some", () => {
    expect(archives.length).toBeGreaterThan(0);
  });

  test.each(archives)("%s: as a docker archive it is read exactly when it is one", async (path) => {
    const members = await listTar(path);
    const images = savedImages(members);
    if (images.length === 0) return expect(await verdict({ scheme: "docker-archive", path })).not.toBe("read");
    for (const image of images) {
      const config = members?.get(image.Config) ?? Buffer.alloc(0);
      const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(image.Config)?.[1];
      // `docker save` names the configuration by its digest: one that is another was changed afterwards (OCI-6).
      if (named !== undefined && `sha256:${named}` !== sha256(config)) {
        expect(await verdict({ scheme: "docker-archive", path })).toBe("DIGEST_MISMATCH");
        continue;
      }
      const reference = parseReference(`docker-archive:${path}@${sha256(config)}`);
      const [opened] = await readAll(reference);
      expect(opened?.computed).toBe(true);
      expect(opened?.manifest.config.digest).toBe(sha256(config));
      expect(opened?.layers.map((layer) => layer.diffId)).toEqual(JSON.parse(config.toString()).rootfs.diff_ids);
      for (const tag of image.RepoTags ?? []) {
        expect((await readAll({ scheme: "docker-archive", path, tag }))[0]?.descriptor).toEqual(opened?.descriptor);
      }
    }
  });

  test.each(archives)("%s: as an OCI archive it is read exactly when it is one", async (path) => {
    const members = await listTar(path);
    const entries: readonly Entry[] | undefined = JSON.parse(members?.get("index.json")?.toString() ?? "{}").manifests;
    const wanted = entries !== undefined && entries !== null && entries.length > 0;
    expect((await verdict({ scheme: "oci-archive", path })) === "read").toBe(wanted);
  });
});
