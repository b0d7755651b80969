import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { type Descriptor, type Digest, digestOf } from "@sc/model";
import { paxHeader, tarBody, tarEnd, tarHeader } from "./tar.ts";

/** One entry of a layer. What is left out gets the plainest value: a file of mode 0644 (directories 0755), root's, 1970. */
export interface LayerEntry {
  /** As it is to stand in the archive; directories get their slash by themselves. */
  readonly path: string;
  /** Default: what `content` and `linkTarget` suggest. */
  readonly type?: "file" | "directory" | "symlink" | "hardlink" | "character-device" | "block-device" | "fifo";
  readonly content?: string | Uint8Array;
  readonly linkTarget?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
}

/** How a layer is packed. */
export interface LayerOptions {
  /** Default: gzip. */
  readonly compression?: "gzip" | "zstd" | "none";
  /** Whose media types it is given. Docker has none for zstd. Default: oci. */
  readonly mediaTypes?: "oci" | "docker";
}

/** A layer ready to be stored. */
export interface BuiltLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** As stored. */
  readonly bytes: Uint8Array;
  /** Uncompressed. */
  readonly tar: Uint8Array;
}

const typeflags = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
} as const;

/** A layer of the given entries, in their order. The same entries give the same bytes. */
export function buildLayer(entries: readonly LayerEntry[], options: LayerOptions = {}): BuiltLayer {
  return packLayer(buildTar(entries), options);
}

/** A layer of a tar that is there already, valid or not. */
export function packLayer(tar: Uint8Array, options: LayerOptions = {}): BuiltLayer {
  const { compression = "gzip", mediaTypes = "oci" } = options;
  const bytes = compress(tar, compression);
  const suffix = compression === "none" ? "" : `+${compression}`;
  const mediaType =
    mediaTypes === "oci"
      ? `application/vnd.oci.image.layer.v1.tar${suffix}`
      : `application/vnd.docker.image.rootfs.diff.tar${compression === "none" ? "" : `.${compression}`}`;
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, diffId: digestOf(tar), bytes, tar };
}

/** A tar of the given entries; PAX records say what ustar cannot. */
export function buildTar(entries: readonly LayerEntry[]): Uint8Array {
  return Buffer.concat([...entries.flatMap(writeEntry), tarEnd()]);
}

/** The entry that hides a path of the layers below. */
export function whiteout(path: string): LayerEntry {
  const slash = path.lastIndexOf("/") + 1;
  return { path: `${path.slice(0, slash)}.wh.${path.slice(slash)}`, content: "" };
}

/** The entry that hides what the layers below have in a directory. */
export function opaqueWhiteout(directory: string): LayerEntry {
  return { path: `${directory}/.wh..wh..opq`, content: "" };
}

function compress(tar: Uint8Array, compression: "gzip" | "zstd" | "none"): Uint8Array {
  if (compression === "gzip") return gzipSync(tar, { level: 6 });
  if (compression === "zstd") return zstdCompressSync(tar, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  return tar;
}

function writeEntry(entry: LayerEntry): readonly Uint8Array[] {
  const type = entry.type ?? guessType(entry);
  const path = type === "directory" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  const content = typeof entry.content === "string" ? Buffer.from(entry.content) : (entry.content ?? new Uint8Array());
  const records = {
    ...(fits(path) ? {} : { path }),
    ...(entry.linkTarget === undefined || fits(entry.linkTarget) ? {} : { linkpath: entry.linkTarget }),
  };
  const header = tarHeader({
    ...entry,
    path,
    size: content.length,
    mode: entry.mode ?? (type === "directory" ? 0o755 : 0o644),
    typeflag: typeflags[type],
  });
  const pax = Object.keys(records).length === 0 ? [] : [paxHeader(records)];
  return [...pax, header, tarBody(content)];
}

function guessType({ content, linkTarget, path }: LayerEntry): keyof typeof typeflags {
  if (linkTarget !== undefined) return "symlink";
  return content === undefined && path.endsWith("/") ? "directory" : "file";
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= 100;
}
