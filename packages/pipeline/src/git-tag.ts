import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { ScError } from "@sc/model";
import { findGitFolders, readGitCheckout, resolveRef } from "./git-checkout.ts";

/** An annotated tag of the commit that is checked out. */
export interface GitTag {
  readonly name: string;
  readonly message: string;
  readonly tagger: { readonly name: string; readonly email: string };
  readonly date: Date;
}

/** A tag that was written. */
export interface WrittenGitTag {
  readonly name: string;
  readonly commit: string;
  /** The id of the tag's own object. */
  readonly object: string;
}

/**
 * Writes an annotated tag of the checked-out commit into the repository that a folder is in, as git itself stores one,
 * without running git. Throws `GIT_UNUSABLE`, `RELEASE_EXISTS`.
 *
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export async function writeGitTag(folder: string, tag: GitTag): Promise<WrittenGitTag> {
  const { commit, shared } = await checkGitTag(folder, tag.name);
  const text = [
    `object ${commit}`,
    "type commit",
    `tag ${tag.name}`,
    `tagger ${oneLine(tag.tagger.name)} <${oneLine(tag.tagger.email)}> ${Math.floor(tag.date.getTime() / 1000)} +0000`,
    "",
    `${tag.message.trimEnd()}\n`,
  ].join("\n");
  const content = Buffer.from(text);
  const stored = Buffer.concat([Buffer.from(`tag ${content.length}\0`), content]);
  // A repository of sha256 objects has ids of its own length.
  const object = createHash(commit.length === 40 ? "sha1" : "sha256")
    .update(stored)
    .digest("hex");
  await writeObject(shared, object, deflateSync(stored));
  const refs = join(shared, "refs/tags");
  await mkdir(refs, { recursive: true });
  try {
    await writeFile(join(refs, tag.name), `${object}\n`, { flag: "wx" });
  } catch (cause) {
    throw new ScError("GIT_UNUSABLE", `git tag ${tag.name}: cannot be written`, { cause });
  }
  return { name: tag.name, commit, object };
}

/**
 * That a tag of this name can be written: there is a repository with a commit, and no such tag. Throws `GIT_UNUSABLE`,
 * `RELEASE_EXISTS`.
 */
export async function checkGitTag(
  folder: string,
  name: string,
): Promise<{ readonly commit: string; readonly shared: string }> {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?![.]|$|lock$))*$/.test(name)) {
    throw new ScError("GIT_UNUSABLE", `git tag ${JSON.stringify(name.slice(0, 200))}: is no name for a tag`);
  }
  const folders = await findGitFolders(folder);
  const commit = (await readGitCheckout(folder))?.commit;
  if (folders === undefined || commit === undefined) {
    throw new ScError("GIT_UNUSABLE", `git tag ${name}: ${JSON.stringify(folder)} is in no repository with a commit`);
  }
  if ((await stat(join(folders.shared, "reftable")).catch(() => undefined)) !== undefined) {
    throw new ScError("GIT_UNUSABLE", `git tag ${name}: the repository keeps its references in a reftable`);
  }
  if ((await resolveRef(`refs/tags/${name}`, folders)) === undefined) return { commit, shared: folders.shared };
  throw new ScError("RELEASE_EXISTS", `git tag ${name}: is there already`, { hint: "Give another --version." });
}

async function writeObject(shared: string, object: string, bytes: Uint8Array): Promise<void> {
  const folder = join(shared, "objects", object.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `tmp_obj_${randomBytes(6).toString("hex")}`);
  await writeFile(temporary, bytes, { mode: 0o444, flag: "wx" });
  await rename(temporary, join(folder, object.slice(2)));
}

// A name or address could otherwise end its field.
function oneLine(text: string): string {
  return text.replaceAll(/[\n\r<>\0]/g, " ").trim();
}
