import {
  type Call,
  type Descriptor,
  type Digest,
  type FetchBlobOptions,
  isDigest,
  isJsonObject,
  type ManifestContent,
  parseJson,
  type PushManifestOptions,
  type ReferrersOptions,
} from "@sc/model";
import type { ImageDestination, OpenBlobOptions } from "@sc/oci";
import { type KeptContent, maxContentBytes } from "./kept-content.ts";

/** What stands under a tag beside a bundle: the same statement, which is known from the bundle and not read again. */
const envelopeMediaType = "application/vnd.dsse.envelope.v1+json";
/** The most of all blobs that are remembered, of one image. */
const maxBytes: number = 16 * 1024 * 1024;

/**
 * What was read of a repository for one image. What goes by its digest cannot change; what a tag names, and what refers
 * to an image, is forgotten before and after everything that is written.
 */
export class RepositoryMemory {
  readonly manifests: Map<string, Promise<ManifestContent | undefined>> = new Map();
  readonly tagged: Map<string, Promise<ManifestContent | undefined>> = new Map();
  readonly descriptors: Map<string, Promise<Descriptor | undefined>> = new Map();
  readonly referrers: Map<string, Promise<readonly Descriptor[]>> = new Map();
  readonly blobs: Map<string, Promise<Uint8Array>> = new Map();
  /** What was read in earlier runs, of what goes by its digest. */
  readonly kept: KeptContent | undefined;
  #bytes = 0;

  constructor(kept?: KeptContent) {
    this.kept = kept;
  }

  /** Whether a blob of that size is still to be remembered; counts it then. */
  admit(size: number): boolean {
    if (size > maxContentBytes || this.#bytes + size > maxBytes) return false;
    this.#bytes += size;
    return true;
  }

  /** Forgets what may be otherwise from now on. */
  forget(): void {
    this.tagged.clear();
    this.referrers.clear();
  }
}

/**
 * A repository that is not asked twice for the same thing, so that the steps of a run that read the same signatures cost
 * one reading. What was just written is read from the repository itself: nothing is remembered by being written.
 */
export class RememberedRepository implements ImageDestination {
  readonly #inner: ImageDestination;
  readonly #memory: RepositoryMemory;

  constructor(inner: ImageDestination, memory: RepositoryMemory) {
    this.#inner = inner;
    this.#memory = memory;
  }

  get scheme(): string {
    return this.#inner.scheme;
  }

  get staged(): boolean {
    return this.#inner.staged;
  }

  get repository(): string {
    return this.#inner.repository;
  }

  async resolve(reference: string, call?: Call): Promise<Descriptor | undefined> {
    if (!isDigest(reference)) return await this.#inner.resolve(reference, call);
    return await once(this.#memory.descriptors, reference, () => this.#inner.resolve(reference, call));
  }

  async fetchManifest(reference: string, call?: Call): Promise<ManifestContent | undefined> {
    const { manifests, tagged, descriptors } = this.#memory;
    const read = (): Promise<ManifestContent | undefined> => this.#readManifest(reference, call);
    const found = await once(isDigest(reference) ? manifests : tagged, reference, read);
    if (found === undefined) return undefined;
    // Whoever asks by digest what was read by a tag gets the bytes alone: the etag is the tag's.
    const { descriptor, bytes } = found;
    if (!manifests.has(descriptor.digest)) manifests.set(descriptor.digest, Promise.resolve({ descriptor, bytes }));
    if (!descriptors.has(descriptor.digest)) descriptors.set(descriptor.digest, Promise.resolve(descriptor));
    return found;
  }

  async fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    const { blobs } = this.#memory;
    const read = (): Promise<Uint8Array> => this.#readBlob(descriptor, options);
    // Another size for the same digest, or one that is refused, is the repository's to answer.
    const key = `${descriptor.digest} ${descriptor.size}`;
    if (descriptor.size > options.maxBytes) return await read();
    return blobs.has(key) || this.#memory.admit(descriptor.size) ? await once(blobs, key, read) : await read();
  }

  async listReferrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    const key = `${subject} ${options.artifactType ?? ""}`;
    return await once(this.#memory.referrers, key, () => this.#inner.listReferrers(subject, options));
  }

  async openBlob(descriptor: Descriptor, options?: OpenBlobOptions): Promise<AsyncIterable<Uint8Array>> {
    return await this.#inner.openBlob(descriptor, options);
  }

  async listTags(call?: Call): Promise<readonly string[]> {
    return await this.#inner.listTags(call);
  }

  async hasBlob(descriptor: Descriptor, call?: Call): Promise<boolean> {
    return await this.#inner.hasBlob(descriptor, call);
  }

  async writeBlob(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, call?: Call): Promise<void> {
    await this.#inner.writeBlob(descriptor, content, call);
  }

  async mountBlob(descriptor: Descriptor, fromRepository: string, call?: Call): Promise<boolean> {
    return await this.#inner.mountBlob(descriptor, fromRepository, call);
  }

  async pushBlob(bytes: Uint8Array, mediaType: string, call?: Call): Promise<Descriptor> {
    const pushed = await this.#inner.pushBlob(bytes, mediaType, call);
    if (mediaType !== envelopeMediaType) this.#memory.kept?.note(this.repository, pushed.digest, bytes);
    return pushed;
  }

  async pushManifest(bytes: Uint8Array, mediaType: string, options?: PushManifestOptions): Promise<Descriptor> {
    const pushed = await this.#changed(() => this.#inner.pushManifest(bytes, mediaType, options));
    this.#memory.kept?.note(this.repository, pushed.digest, bytes);
    return pushed;
  }

  async deleteManifest(reference: string, call?: Call): Promise<void> {
    this.#memory.manifests.delete(reference);
    this.#memory.descriptors.delete(reference);
    await this.#changed(() => this.#inner.deleteManifest(reference, call));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  async #readManifest(reference: string, call: Call | undefined): Promise<ManifestContent | undefined> {
    const { kept } = this.#memory;
    const bytes = isDigest(reference) ? kept?.recall(this.repository, reference) : undefined;
    const mediaType = bytes === undefined ? undefined : statedMediaType(bytes, this.repository);
    if (isDigest(reference) && bytes !== undefined && mediaType !== undefined) {
      return { descriptor: { mediaType, digest: reference, size: bytes.length }, bytes };
    }
    const found = await this.#inner.fetchManifest(reference, call);
    if (found !== undefined) kept?.note(this.repository, found.descriptor.digest, found.bytes);
    return found;
  }

  async #readBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    const { kept } = this.#memory;
    const bytes = kept?.recall(this.repository, descriptor.digest);
    if (bytes?.length === descriptor.size) return bytes;
    const read = await this.#inner.fetchBlob(descriptor, options);
    kept?.note(this.repository, descriptor.digest, read);
    return read;
  }

  // A reading that began before the end of a write may have seen what was before: it is not kept either.
  async #changed<Value>(write: () => Promise<Value>): Promise<Value> {
    this.#memory.forget();
    try {
      return await write();
    } finally {
      this.#memory.forget();
    }
  }
}

// A manifest that does not say itself what it is is told by the answer it came in, which is not kept.
function statedMediaType(bytes: Uint8Array, where: string): string | undefined {
  const document = parseJson(bytes, where);
  const stated = isJsonObject(document) ? document["mediaType"] : undefined;
  return typeof stated === "string" && stated !== "" ? stated : undefined;
}

// A reading that failed is tried anew by the next who asks.
async function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const before = known.get(key);
  if (before !== undefined) return await before;
  const reading = read();
  known.set(key, reading);
  try {
    return await reading;
  } catch (error) {
    if (known.get(key) === reading) known.delete(key);
    throw error;
  }
}
