import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { packTar, type TarWriterEntry } from "@sc/archive";
import { type Call, createDigest, type Platform, ScError } from "@sc/model";
import { type ComputedImage, ComputedSource } from "../computed-source.ts";
import { isSystemError, readFailed } from "../file-range.ts";
import { mediaTypes } from "../media-type.ts";
import type { ImageSource } from "../source.ts";
import { computeRootImage } from "./computed-image.ts";

const chunkBytes = 1024 * 1024;

/**
 * The image of one layer that a folder stands for: a tar of what is in it, made as it is read, the same for the same
 * content. It is read once to know the digest, and again for its bytes; a folder that changes in between is
 * `DIGEST_MISMATCH`. Links are taken as links and never followed. Throws `FILE_NOT_FOUND`, `FILE_READ_FAILED`.
 */
export async function openDirectory(
  path: string,
  options: { readonly platform?: Platform | undefined } = {},
): Promise<ImageSource> {
  const found = await stat(path).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT")) throw new ScError("FILE_NOT_FOUND", `${path}: there is no such folder`);
    throw readFailed(path, cause);
  });
  if (!found.isDirectory()) {
    throw new ScError("FILE_READ_FAILED", `${path}: is not a folder`, { hint: "For a tar write rootfs-tar:." });
  }
  const root = await realpath(path);
  return new ComputedSource({
    scheme: "dir",
    repository: path,
    images: async (call) => [await describeDirectory(root, options.platform, call)],
    dispose: async () => undefined,
  });
}

async function describeDirectory(root: string, platform: Platform | undefined, call: Call): Promise<ComputedImage> {
  const digest = createDigest();
  let size = 0;
  for await (const chunk of packDirectory(root, call.signal)) {
    digest.update(chunk);
    size += chunk.length;
  }
  const diffId = digest.finish();
  const descriptor = { mediaType: mediaTypes.ociLayer, digest: diffId, size };
  const content = { open: (signal?: AbortSignal) => packDirectory(root, signal) };
  return computeRootImage({ descriptor, diffId, content }, platform);
}

/** A tar of everything in a folder, in the order of names; sockets, pipes and devices hold nothing and are left out. */
function packDirectory(root: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  return packTar(walkDirectory(root, "", { signal, linked: new Map() }));
}

interface Walk {
  readonly signal: AbortSignal | undefined;
  /** The first path of every file that has several. */
  readonly linked: Map<string, string>;
}

async function* walkDirectory(root: string, folder: string, walk: Walk): AsyncGenerator<TarWriterEntry> {
  const names = await readdir(join(root, folder)).catch((cause: unknown) => {
    throw readFailed(join(root, folder), cause);
  });
  for (const name of names.toSorted()) {
    walk.signal?.throwIfAborted();
    const path = folder === "" ? name : `${folder}/${name}`;
    const found = await lstat(join(root, path)).catch((cause: unknown) => {
      throw readFailed(join(root, path), cause);
    });
    const entry = await describeEntry(root, path, { found, walk });
    if (entry !== undefined) yield entry;
    if (found.isDirectory()) yield* walkDirectory(root, path, walk);
  }
}

async function describeEntry(
  root: string,
  path: string,
  { found, walk }: { readonly found: Stats; readonly walk: Walk },
): Promise<TarWriterEntry | undefined> {
  const mode = found.mode & 0o7777;
  if (found.isDirectory()) return { path: `${path}/`, type: "directory", mode };
  if (found.isSymbolicLink()) return { path, type: "symlink", linkPath: await readlink(join(root, path)) };
  if (!found.isFile()) return undefined;
  const key = `${found.dev}:${found.ino}`;
  const first = walk.linked.get(key);
  if (first !== undefined) return { path, type: "hardlink", mode, linkPath: first };
  if (found.nlink > 1) walk.linked.set(key, path);
  return {
    path,
    type: "file",
    mode,
    content: { size: found.size, chunks: readFile(join(root, path), found.size, walk) },
  };
}

// Should a link have taken the file's place since it was looked at, opening it fails instead of following it.
async function* readFile(path: string, size: number, { signal }: Walk): AsyncGenerator<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw readFailed(path, cause);
  });
  try {
    for (let at = 0; at < size;) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      // Shorter than it was: the writer, which was told the size, says so.
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
