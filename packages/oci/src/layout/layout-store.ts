import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Call,
  type Descriptor,
  type Digest,
  digestOf,
  type FetchBlobOptions,
  isDigest,
  type JsonObject,
  type ManifestContent,
  type PushManifestOptions,
  type ReferrersOptions,
  ScError,
} from "@sc/model";
import { createFolder, writeFileAtomically } from "../atomic-file.ts";
import { fileRange, isSystemError, readFailed, writeFailed } from "../file-range.ts";
import { decodeManifest, type Manifest } from "../manifest.ts";
import type { FileRange, ImageDestination, OpenBlobOptions } from "../source.ts";
import { verifyContent } from "../verified.ts";
import {
  encodeLayoutIndex,
  entryNames,
  type LayoutEntry,
  type LayoutIndex,
  layoutVersion,
  refNameAnnotation,
} from "./index-file.ts";
import type { LayoutContent } from "./layout-content.ts";
import type { LayoutFolder } from "./layout-folder.ts";
import { withFileLock } from "./layout-lock.ts";
import { describeReferrer } from "./layout-referrers.ts";
import { findCosignEntry, LayoutSource } from "./layout-source.ts";

/** What a layout store is made of. */
export interface LayoutStoreParts {
  /** The folder that is written to. It comes into being with the first write. */
  readonly folder: LayoutFolder;
  /** What is read: the folder, or the folder in front of something older. */
  readonly content: LayoutContent;
  /** What has to be done for what was written to be there for others. */
  readonly commit?: (call: Call) => Promise<void>;
}

/**
 * A layout to write to. Blobs appear whole or not at all; `index.json` is replaced last, under a lock, with what others
 * wrote meanwhile kept.
 */
export class LayoutStore implements ImageDestination {
  readonly #source: LayoutSource;
  readonly #folder: LayoutFolder;
  readonly #content: LayoutContent;
  readonly #commit: ((call: Call) => Promise<void>) | undefined;
  #prepared: Promise<void> | undefined;

  constructor(parts: LayoutStoreParts) {
    this.#source = new LayoutSource(parts.content);
    this.#folder = parts.folder;
    this.#content = parts.content;
    this.#commit = parts.commit;
  }

  get scheme(): string {
    return this.#source.scheme;
  }

  get staged(): boolean {
    return this.#commit !== undefined;
  }

  get repository(): string {
    return this.#source.repository;
  }

  resolve(reference: string, call?: Call): Promise<Descriptor | undefined> {
    return this.#source.resolve(reference, call);
  }

  fetchManifest(reference: string, call?: Call): Promise<ManifestContent | undefined> {
    return this.#source.fetchManifest(reference, call);
  }

  fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    return this.#source.fetchBlob(descriptor, options);
  }

  openBlob(descriptor: Descriptor, options?: OpenBlobOptions): Promise<AsyncIterable<Uint8Array>> {
    return this.#source.openBlob(descriptor, options);
  }

  locateBlob(descriptor: Descriptor): Promise<FileRange | undefined> {
    return this.#source.locateBlob(descriptor);
  }

  listTags(call?: Call): Promise<readonly string[]> {
    return this.#source.listTags(call);
  }

  listReferrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]> {
    return this.#source.listReferrers(subject, options);
  }

  resolveOnly(call?: Call): Promise<Descriptor> {
    return this.#source.resolveOnly(call);
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    return (await this.locateBlob(descriptor))?.length === descriptor.size;
  }

  async writeBlob(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, call: Call = {}): Promise<void> {
    await this.#prepare();
    const verified = verifyContent(abortable(content, call.signal), descriptor, this.repository);
    await writeFileAtomically(this.#folder.blobPath(descriptor.digest), verified);
  }

  // A layout knows no other repository that it could take blobs from.
  async mountBlob(): Promise<boolean> {
    return false;
  }

  async pushBlob(bytes: Uint8Array, mediaType: string, call: Call = {}): Promise<Descriptor> {
    call.signal?.throwIfAborted();
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    if (await this.hasBlob(descriptor)) return descriptor;
    await this.#prepare();
    await writeFileAtomically(this.#folder.blobPath(descriptor.digest), [bytes]);
    return descriptor;
  }

  async pushManifest(bytes: Uint8Array, mediaType: string, options: PushManifestOptions = {}): Promise<Descriptor> {
    const { tag, ifMatch, ...call } = options;
    const manifest = decodeManifest(bytes, { where: `${this.repository}: manifest to write`, mediaType });
    const { digest } = await this.pushBlob(bytes, mediaType, call);
    const listed = manifest.subject !== undefined || manifest.artifactType !== undefined;
    const described = describeReferrer(manifest, digest, bytes.length);
    const descriptor: Descriptor = listed ? described : { mediaType, digest, size: bytes.length };
    await this.#changeIndex(call, (index) => {
      if (ifMatch !== undefined) checkUnchanged(index, { tag, ifMatch, where: this.repository });
      return addEntry(index, { descriptor, tag, manifest });
    });
    return { mediaType, digest, size: bytes.length };
  }

  async deleteManifest(reference: string, call: Call = {}): Promise<void> {
    const isNamed = (entry: LayoutEntry): boolean =>
      isDigest(reference) ? entry.descriptor.digest === reference : entryNames(entry).includes(reference);
    let found = isDigest(reference) && (await this.#folder.locate(reference)) !== undefined;
    await this.#changeIndex(call, (index) => {
      found ||= index.entries.some(isNamed);
      return index.entries.filter((entry) => !isNamed(entry));
    });
    if (!found) {
      throw new ScError("IMAGE_NOT_FOUND", `${this.repository}: there is no ${JSON.stringify(reference)} to delete`);
    }
    if (isDigest(reference)) await rm(this.#folder.blobPath(reference), { force: true });
  }

  async commit(call: Call = {}): Promise<void> {
    await this.#prepare();
    await this.#commit?.(call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }

  async #changeIndex(call: Call, change: (index: LayoutIndex) => readonly LayoutEntry[]): Promise<void> {
    await this.#prepare();
    const path = join(this.#folder.path, "index.json");
    const update = async (): Promise<void> => {
      const index = await this.#source.readIndex(call);
      const bytes = encodeLayoutIndex(index.members, change(index));
      if (!Buffer.from(bytes).equals(index.bytes)) await writeFileAtomically(path, [bytes]);
    };
    await withFileLock(`${path}.lock`, update, call.signal);
  }

  #prepare(): Promise<void> {
    this.#prepared ??= prepareFolder(this.#folder, this.#content);
    return this.#prepared;
  }
}

// A folder that holds something else is not made a layout by accident.
async function prepareFolder(folder: LayoutFolder, content: LayoutContent): Promise<void> {
  const marker = join(folder.path, "oci-layout");
  if ((await fileRange(marker)) !== undefined) return;
  const names = await readdir(folder.path).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT")) return [];
    throw isSystemError(cause, "ENOTDIR") ? writeFailed(folder.path, cause) : readFailed(folder.path, cause);
  });
  const foreign = names.find((name) => !/^(?:index\.json|blobs$|\.sc-)/.test(name));
  if (foreign !== undefined) {
    throw new ScError("LAYOUT_INVALID", `${folder.path}: is no OCI layout and holds ${JSON.stringify(foreign)}`, {
      hint: "Name an empty or new folder, or one that is a layout already.",
    });
  }
  const index = join(folder.path, "index.json");
  await createFolder(folder.path);
  await withFileLock(`${index}.lock`, async () => {
    if ((await fileRange(index)) === undefined) await writeFileAtomically(index, [await content.readIndex()]);
    await writeFileAtomically(marker, [layoutVersion]);
  });
}

/** The entries with one more: an unnamed manifest is listed too, until an index that is listed holds it. */
function addEntry(
  index: LayoutIndex,
  added: { readonly descriptor: Descriptor; readonly tag: string | undefined; readonly manifest: Manifest },
): readonly LayoutEntry[] {
  const { descriptor, tag, manifest } = added;
  const { digest } = descriptor;
  // What cosign marked by its kind stays marked, since by that alone cosign finds it again.
  const marked = tag === undefined ? undefined : findCosignEntry(index, tag);
  const children = new Set(manifest.kind === "index" ? manifest.manifests.map((child) => child.digest) : []);
  const kept = index.entries.filter((entry) => {
    if (entry === marked) return false;
    if (tag !== undefined && entryNames(entry)[0] === tag) return false;
    const isReplaced = tag !== undefined && entry.descriptor.digest === digest;
    return !(isBare(entry) && (children.has(entry.descriptor.digest) || isReplaced));
  });
  if (tag === undefined && kept.some((entry) => entry.descriptor.digest === digest)) return kept;
  const kind = marked?.descriptor.annotations?.["kind"];
  const annotations = {
    ...descriptor.annotations,
    ...(kind === undefined ? {} : { kind }),
    ...(tag === undefined ? {} : { [refNameAnnotation]: tag }),
  };
  const named = Object.keys(annotations).length === 0 ? descriptor : { ...descriptor, annotations };
  return [...kept, { descriptor: named, json: toJson(named) }];
}

function isBare({ descriptor }: LayoutEntry): boolean {
  return descriptor.annotations === undefined && descriptor.artifactType === undefined;
}

function toJson(descriptor: Descriptor): JsonObject {
  const { mediaType, digest, size, artifactType, annotations } = descriptor;
  return { mediaType, digest, size, artifactType, annotations: annotations && { ...annotations } };
}

function checkUnchanged(
  index: LayoutIndex,
  expected: { readonly tag: string | undefined; readonly ifMatch: string; readonly where: string },
): void {
  const { tag, ifMatch, where } = expected;
  const named = tag === undefined ? undefined : index.entries.find((candidate) => entryNames(candidate).includes(tag));
  const entry = named ?? (tag === undefined ? undefined : findCosignEntry(index, tag));
  const got = entry?.descriptor.digest ?? "absent";
  if (got === ifMatch) return;
  throw new ScError("MANIFEST_CHANGED", `${where}: ${JSON.stringify(tag)} is ${got}, it was ${ifMatch}`, {
    hint: "Read it again and repeat the change.",
    retryable: true,
  });
}

async function* abortable(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
