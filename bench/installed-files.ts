import { createReadStream, existsSync } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { TarWriterEntry } from "@sc/archive";

/** What is installed below the folders that there are, as entries of a tar, until their files have so many bytes. */
export async function* installedFiles(roots: readonly string[], maxBytes: number): AsyncGenerator<TarWriterEntry> {
  let left = maxBytes;
  for (const root of roots.filter((path) => existsSync(path))) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (left <= 0) return;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(1);
      if (entry.isDirectory()) yield { path: name, type: "directory" };
      else if (entry.isSymbolicLink()) yield { path: name, type: "symlink", linkPath: await readlink(path) };
      if (!entry.isFile()) continue;
      const { size } = await lstat(path);
      left -= size;
      yield { path: name, type: "file", content: { size, chunks: createReadStream(path) } };
    }
  }
}
