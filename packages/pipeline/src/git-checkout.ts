import { createHash } from "node:crypto";
import { lstat, open, readFile, readlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { repositoryUri } from "./ci-platform.ts";

/** What the files of a checkout say, without running git. */
export interface GitCheckout {
  /** The URL of `origin`, without credentials. */
  readonly uri?: string;
  readonly ref?: string;
  readonly commit?: string;
  /**
   * Whether a tracked file differs from what git last saw. `undefined` when none does: whether something is staged
   * cannot be told without reading git's objects, and an index that is too large is not compared.
   */
  readonly isModified: true | undefined;
}

const maxFileBytes = 16_777_216; // packed-refs and index of repositories with some hundred thousand files
const maxEntries = 50_000; // comparing more takes longer than a build should wait
const maxComparedBytes = 268_435_456;

/** The checkout that a folder is in, or `undefined` when it is in none. */
export async function readGitCheckout(folder: string): Promise<GitCheckout | undefined> {
  const found = await findGitFolders(folder);
  if (found === undefined) return undefined;
  const { root, gitFolder, shared } = found;
  const head = (await readText(join(gitFolder, "HEAD")))?.trim() ?? "";
  const ref = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  const safe = ref === undefined || ref.split("/").includes("..") ? undefined : ref;
  const commit = isCommit(head) ? head : await resolveRef(safe, { gitFolder, shared });
  const uri = repositoryUri(originUrl((await readText(join(shared, "config"))) ?? ""));
  return {
    ...(uri === undefined ? {} : { uri }),
    ...(safe === undefined ? {} : { ref: safe }),
    ...(commit === undefined ? {} : { commit }),
    isModified: (await isModified(root, join(gitFolder, "index"))) ? true : undefined,
  };
}

/** Where git keeps what belongs to a checkout, and what several work trees share. */
export interface GitFolders {
  readonly root: string;
  readonly gitFolder: string;
  /** Objects, tags and configuration: the same folder but for a work tree beside the main one. */
  readonly shared: string;
}

/** Where git keeps the checkout that a folder is in; `undefined` when it is in none. */
export async function findGitFolders(folder: string): Promise<GitFolders | undefined> {
  const found = await findGitFolder(resolve(folder));
  if (found === undefined) return undefined;
  const common = (await readText(join(found.gitFolder, "commondir")))?.trim();
  return { ...found, shared: common === undefined ? found.gitFolder : resolve(found.gitFolder, common) };
}

async function findGitFolder(start: string): Promise<{ root: string; gitFolder: string } | undefined> {
  for (let at = start; ; at = dirname(at)) {
    const path = join(at, ".git");
    const kind = await lstat(path).catch(() => undefined);
    if (kind?.isDirectory() === true) return { root: at, gitFolder: path };
    if (kind?.isFile() === true) {
      const target = /^gitdir: (.+)$/m.exec((await readText(path)) ?? "")?.[1];
      return target === undefined ? undefined : { root: at, gitFolder: resolve(at, target.trim()) };
    }
    if (dirname(at) === at) return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  return (await readBounded(path))?.toString("utf8");
}

async function readBounded(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    return size > maxFileBytes ? undefined : await file.readFile();
  } catch {
    // Absent, or not ours to read: what it would say stays unsaid.
    return undefined;
  }
}

function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The object that a full name of a reference stands for: loose or packed. */
export async function resolveRef(
  ref: string | undefined,
  { gitFolder, shared }: Pick<GitFolders, "gitFolder" | "shared">,
): Promise<string | undefined> {
  if (ref === undefined) return undefined;
  for (const folder of [gitFolder, shared]) {
    const loose = (await readText(join(folder, ref)))?.trim();
    if (loose !== undefined && isCommit(loose)) return loose;
  }
  const packed = (await readText(join(shared, "packed-refs"))) ?? "";
  for (const line of packed.split("\n")) {
    const [commit, name] = line.trim().split(" ");
    if (name === ref && commit !== undefined && isCommit(commit)) return commit;
  }
  return undefined;
}

function originUrl(config: string): string | undefined {
  let isOrigin = false;
  for (const line of config.split("\n")) {
    if (line.trim().startsWith("[")) isOrigin = /^\s*\[remote "origin"\]/.test(line);
    const url = /^\s*url\s*=\s*(\S+)\s*$/.exec(line)?.[1];
    if (isOrigin && url !== undefined) return url;
  }
  return undefined;
}

interface IndexEntry {
  readonly path: string;
  readonly seconds: number;
  readonly size: number;
  readonly mode: number;
  readonly hash: string;
}

// By the index alone: what differs in size is modified; what differs in time only is hashed, as git does.
async function isModified(root: string, index: string): Promise<boolean> {
  const bytes = await readBounded(index);
  let budget = maxComparedBytes;
  for (const entry of bytes === undefined ? [] : readIndex(bytes)) {
    const path = join(root, entry.path);
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return true;
    if (entry.mode === submodule || !(found.isFile() || found.isSymbolicLink())) continue;
    if (found.size !== entry.size) return true;
    if (Math.floor(found.mtimeMs / 1000) === entry.seconds) continue;
    budget -= found.size;
    if (budget < 0) return false;
    const content = found.isSymbolicLink() ? Buffer.from(await readlink(path)) : await readFile(path);
    if (blobHash(content) !== entry.hash) return true;
  }
  return false;
}

const submodule = 0o16_0000;

function blobHash(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

// Versions 2 and 3; version 4 packs its names and is left uncompared. https://git-scm.com/docs/index-format
function readIndex(bytes: Buffer): readonly IndexEntry[] {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 4) !== "DIRC") return [];
  const version = bytes.readUInt32BE(4);
  const count = bytes.readUInt32BE(8);
  if ((version !== 2 && version !== 3) || count > maxEntries) return [];
  const entries: IndexEntry[] = [];
  let at = 12;
  for (let number = 0; number < count && at + 62 < bytes.length; number += 1) {
    const flags = bytes.readUInt16BE(at + 60);
    const start = at + ((flags & 0x4000) === 0 ? 62 : 64);
    const end = bytes.indexOf(0, start);
    if (end < 0) return [];
    entries.push({
      path: bytes.toString("utf8", start, end),
      seconds: bytes.readUInt32BE(at + 8),
      mode: bytes.readUInt32BE(at + 24),
      size: bytes.readUInt32BE(at + 36),
      hash: bytes.toString("hex", at + 40, at + 60),
    });
    at += Math.ceil((end + 1 - at) / 8) * 8;
  }
  return entries;
}
