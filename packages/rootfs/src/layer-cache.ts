import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import zlib from "node:zlib";
import { type Digest, digestAlgorithm, digestHex, digestOf, type ProgressListener } from "@sc/model";
import { decodeLayerRecord, decodeLinkedFacts, encodeLayerRecord, encodeLinkedFacts } from "./cache-format.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { contentAlgorithmOf, type LayerWalker, type LayerWalkerOptions } from "./layer-walker.ts";

/** Raised whenever a file means something else: older files are then never found. */
const formatVersion = 1;
const magic = Buffer.from("sc-layer-facts\n");
const digestBytes = 32;

/** Where facts of layers are kept between runs. */
export interface LayerCacheOptions extends LayerWalkerOptions {
  /** Made with mode 0700 when it is missing; not used when others may write to it. */
  readonly directory: string;
  readonly onProgress: ProgressListener | undefined;
}

/**
 * A walker that keeps what another one read, in one file for each layer and set of readers.
 *
 * The name of a file comes from the digest of the layer's descriptor, which the manifest pins, from the versions of the
 * readers and from the limits; never from a diffID, which an image merely claims. Files are written beside and renamed,
 * so that processes can share a directory; one that is damaged is not used and a notice says so.
 */
export class CachingWalker implements LayerWalker {
  readonly #walker: LayerWalker;
  readonly #readers: readonly FileReader<unknown>[];
  readonly #options: LayerCacheOptions;
  /** Digests of layers of which no byte was read. */
  readonly hits: Set<Digest> = new Set();
  #usable: Promise<boolean> | undefined;

  constructor(walker: LayerWalker, readers: readonly FileReader<unknown>[], options: LayerCacheOptions) {
    this.#walker = walker;
    this.#readers = readers;
    this.#options = options;
  }

  async layer(layer: LayerSource): Promise<LayerRecord> {
    const { digest } = layer.descriptor;
    const name = this.#nameOf({ digest });
    const algorithm = contentAlgorithmOf(layer, this.#options);
    const record = await this.#load(name, (bytes) => decodeLayerRecord(bytes, digest));
    const hashed = record?.contentDigest === undefined ? undefined : digestAlgorithm(record.contentDigest);
    if (record !== undefined && (algorithm === undefined || algorithm === hashed)) {
      this.hits.add(digest);
      return record;
    }
    const read = await this.#walker.layer(layer);
    await this.#store(name, encodeLayerRecord(read));
    return read;
  }

  async linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
    const { digest } = layer.descriptor;
    const name = this.#nameOf({ digest, reads });
    const facts = await this.#load(name, decodeLinkedFacts);
    if (facts !== undefined) return facts;
    this.hits.delete(digest);
    const read = await this.#walker.linked(layer, reads);
    await this.#store(name, encodeLinkedFacts(read));
    return read;
  }

  #nameOf(what: { readonly digest: Digest; readonly reads?: readonly LinkedRead[] }): string {
    const readers = this.#readers.map(({ id, version }) => `${id}@${version}`).toSorted();
    const { limits } = this.#options;
    return `${digestHex(digestOf(JSON.stringify([formatVersion, what, readers, limits])))}.facts`;
  }

  async #load<Value>(name: string, decode: (bytes: Uint8Array) => Value): Promise<Value | undefined> {
    if (!(await this.#isUsable())) return undefined;
    try {
      return decode(await readChecked(join(this.#options.directory, name), this.#options.limits.maxCacheBytes));
    } catch (error) {
      if (!isMissing(error))
        this.#notice("CACHE_FILE_IGNORED", `a file of the layer cache is not used: ${messageOf(error)}`);
      return undefined;
    }
  }

  async #store(name: string, content: Uint8Array): Promise<void> {
    if (!(await this.#isUsable()) || content.length > this.#options.limits.maxCacheBytes) return;
    const path = join(this.#options.directory, name);
    const temporary = `${path}.${randomUUID()}`;
    try {
      await writeChecked(temporary, content);
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      this.#notice("CACHE_NOT_WRITTEN", `the layer cache cannot be written: ${messageOf(error)}`);
    }
  }

  async #isUsable(): Promise<boolean> {
    this.#usable ??= this.#prepare();
    return this.#usable;
  }

  async #prepare(): Promise<boolean> {
    const { directory } = this.#options;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { mode, uid } = await stat(directory);
      const foreign = process.getuid !== undefined && uid !== process.getuid();
      if (!foreign && (mode & 0o022) === 0) return true;
      this.#notice(
        "CACHE_UNSAFE",
        `the layer cache ${JSON.stringify(directory)} is not used, because others may write to it`,
      );
    } catch (error) {
      this.#notice("CACHE_UNUSABLE", `the layer cache cannot be used: ${messageOf(error)}`);
    }
    return false;
  }

  #notice(code: string, message: string): void {
    this.#options.onProgress?.({ type: "notice", level: "warning", code, message });
  }
}

async function readChecked(path: string, maxBytes: number): Promise<Uint8Array> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const { size } = await file.stat();
  if (size > maxBytes) throw new Error("it is too large");
  const bytes = await file.readFile();
  const start = magic.length + digestBytes;
  const body = bytes.subarray(start);
  const sound =
    bytes.subarray(0, magic.length).equals(magic) && checksumOf(body).equals(bytes.subarray(magic.length, start));
  if (!sound) throw new Error("it is damaged");
  return zlib.zstdDecompressSync(body, { maxOutputLength: maxBytes });
}

async function writeChecked(path: string, content: Uint8Array): Promise<void> {
  const body = zlib.zstdCompressSync(content);
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(Buffer.concat([magic, checksumOf(body), body]));
}

function checksumOf(bytes: Uint8Array): Buffer {
  return Buffer.from(digestHex(digestOf(bytes)), "hex");
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
