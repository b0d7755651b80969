import {
  type Call,
  type Descriptor,
  type Digest,
  type FetchBlobOptions,
  isDigest,
  type ManifestContent,
  type ReferrersOptions,
  ScError,
  parseAttachedTag,
  referrersTag,
} from "@sc/model";
import { readRange } from "../file-range.ts";
import { maxManifestBytes } from "../limits.ts";
import { decodeManifest, manifestMediaType, schema1 } from "../manifest.ts";
import { isManifestMediaType, mediaTypes } from "../media-type.ts";
import { mayBeImage } from "../platform.ts";
import { quoteList } from "../quote.ts";
import type { FileRange, ImageSource, OpenBlobOptions } from "../source.ts";
import { collect, tooLarge, verifyBytes, verifyContent } from "../verified.ts";
import { decodeLayoutIndex, entryNames, type LayoutEntry, type LayoutIndex } from "./index-file.ts";
import type { LayoutContent } from "./layout-content.ts";
import { ReferrerScan } from "./layout-referrers.ts";

const schema1Prefix = "application/vnd.docker.distribution.manifest.v1+";
const cosignKind = "dev.cosignproject.cosign/";

/**
 * A layout to read from. `index.json` is read anew by every call, since others may write; blobs never change.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export class LayoutSource implements ImageSource {
  readonly scheme: string;
  readonly repository: string;
  readonly #content: LayoutContent;
  readonly #referrers: ReferrerScan;

  constructor(content: LayoutContent) {
    this.scheme = content.scheme;
    this.repository = content.repository;
    this.#content = content;
    this.#referrers = new ReferrerScan(content);
  }

  /** The `index.json` as it is now. */
  async readIndex(call: Call = {}): Promise<LayoutIndex> {
    return decodeLayoutIndex(await this.#content.readIndex(call), `${this.repository}: index.json`);
  }

  async resolve(reference: string, call: Call = {}): Promise<Descriptor | undefined> {
    return (await this.fetchManifest(reference, call))?.descriptor;
  }

  async fetchManifest(reference: string, call: Call = {}): Promise<ManifestContent | undefined> {
    const index = await this.readIndex(call);
    const listed = isDigest(reference)
      ? index.entries.find((entry) => entry.descriptor.digest === reference)?.descriptor
      : this.#findByName(index, reference);
    if (listed !== undefined) return this.#readListed(listed, call);
    if (!isDigest(reference)) return undefined;
    if (reference === index.descriptor.digest) return { descriptor: index.descriptor, bytes: index.bytes };
    return this.#readUnlisted(reference, call);
  }

  async fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    const { maxBytes, signal } = options;
    const where = `${this.repository}: ${descriptor.digest}`;
    if (descriptor.size > maxBytes) throw tooLarge(where, `${descriptor.size}`, maxBytes);
    const content = await this.openBlob(descriptor, { signal });
    return collect(content, { maxBytes, where });
  }

  async openBlob(descriptor: Descriptor, options: OpenBlobOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const range = await this.locateBlob(descriptor);
    if (range === undefined) {
      throw new ScError("BLOB_NOT_FOUND", `${this.repository}: blob ${descriptor.digest} is not there`);
    }
    return verifyContent(readRange(range, options.signal), descriptor, this.repository);
  }

  locateBlob(descriptor: Descriptor): Promise<FileRange | undefined> {
    return this.#content.locate(descriptor.digest);
  }

  async listTags(call: Call = {}): Promise<readonly string[]> {
    const index = await this.readIndex(call);
    const names = index.entries.map((entry) => entryNames(entry)[0]).filter((name) => name !== undefined);
    return [...new Set(names)];
  }

  async listReferrers(subject: Digest, options: ReferrersOptions = {}): Promise<readonly Descriptor[]> {
    const { artifactType, signal } = options;
    const found = new Map<Digest, Descriptor>();
    const fallback = await this.fetchManifest(referrersTag(subject), { signal });
    if (fallback !== undefined) {
      const where = `${this.repository}: ${referrersTag(subject)}`;
      const list = decodeManifest(fallback.bytes, { where, mediaType: fallback.descriptor.mediaType });
      if (list.kind === "index") for (const descriptor of list.manifests) found.set(descriptor.digest, descriptor);
    }
    for (const descriptor of await this.#referrers.of(subject, signal)) found.set(descriptor.digest, descriptor);
    return [...found.values()].filter((descriptor) => {
      const type = descriptor.artifactType;
      return artifactType === undefined || type === undefined || type === mediaTypes.ociEmpty || type === artifactType;
    });
  }

  async resolveOnly(call: Call = {}): Promise<Descriptor> {
    const index = await this.readIndex(call);
    const images = await this.#listImages(index, call);
    const [first] = images;
    if (first === undefined) {
      const types = [...new Set(index.entries.map((entry) => entry.descriptor.mediaType))];
      const instead = types.length === 0 ? "" : `, but ${quoteList(types)}`;
      throw new ScError("IMAGE_NOT_FOUND", `${this.repository}: index.json lists no image${instead}`);
    }
    if (images.every((entry) => entry.descriptor.digest === first.descriptor.digest)) return first.descriptor;
    // Some tools list one image's platforms right here, without a name.
    const isOneImage = images.every(
      (entry) => entryNames(entry).length === 0 && entry.descriptor.platform !== undefined,
    );
    if (isOneImage) return index.descriptor;
    const names = images.map((entry) => entryNames(entry)[0] ?? `@${entry.descriptor.digest}`);
    throw new ScError("IMAGE_AMBIGUOUS", `${this.repository}: holds several images: ${quoteList(names)}`, {
      hint: `Name one of them after the path, as in ${this.scheme}:path:name or ${this.scheme}:path@digest.`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#content[Symbol.asyncDispose]();
  }

  /** The images, without what is attached to them. */
  async #listImages(index: LayoutIndex, call: Call): Promise<readonly LayoutEntry[]> {
    const candidates = index.entries.filter((entry) => {
      const attached = entryNames(entry).some((name) => parseAttachedTag(name) !== undefined);
      return mayBeImage(entry.descriptor) && !attached;
    });
    if (candidates.length < 2) return candidates;
    // An unnamed manifest may be a referrer, which only its subject tells.
    const images: LayoutEntry[] = [];
    for (const entry of candidates) {
      const isImage = entryNames(entry).length > 0 || !(await this.#hasSubject(entry.descriptor, call));
      if (isImage) images.push(entry);
    }
    return images;
  }

  async #hasSubject(descriptor: Descriptor, call: Call): Promise<boolean> {
    const content = (await this.locateBlob(descriptor)) && (await this.#readListed(descriptor, call));
    if (content === undefined) return false;
    const where = `${this.repository}: ${descriptor.digest}`;
    return decodeManifest(content.bytes, { where, mediaType: content.descriptor.mediaType }).subject !== undefined;
  }

  #findByName(index: LayoutIndex, name: string): Descriptor | undefined {
    const found = index.entries.filter((entry) => entryNames(entry).includes(name));
    const [first] = found;
    if (first === undefined) return findCosignEntry(index, name)?.descriptor;
    if (found.every((entry) => entry.descriptor.digest === first.descriptor.digest)) return first.descriptor;
    const digests = [...new Set(found.map((entry) => `@${entry.descriptor.digest}`))];
    throw new ScError(
      "IMAGE_AMBIGUOUS",
      `${this.repository}: several manifests are named ${JSON.stringify(name)}: ${quoteList(digests)}`,
      { hint: `Name one by its digest, as in ${this.scheme}:path@digest.` },
    );
  }

  async #readListed(descriptor: Descriptor, call: Call): Promise<ManifestContent> {
    const where = `${this.repository}: manifest ${descriptor.digest}`;
    if (!isManifestMediaType(descriptor.mediaType)) {
      if (descriptor.mediaType.startsWith(schema1Prefix)) throw schema1(where);
      throw new ScError(
        "MEDIA_TYPE_UNSUPPORTED",
        `${where}: ${JSON.stringify(descriptor.mediaType)} is no manifest that is read here`,
      );
    }
    const bytes = await this.fetchBlob(descriptor, { ...call, maxBytes: maxManifestBytes });
    const mediaType = manifestMediaType(bytes, where, descriptor.mediaType);
    return { descriptor: { ...descriptor, mediaType }, bytes, etag: descriptor.digest };
  }

  async #readUnlisted(digest: Digest, call: Call): Promise<ManifestContent | undefined> {
    const range = await this.#content.locate(digest);
    if (range === undefined) return undefined;
    const where = `${this.repository}: manifest ${digest}`;
    if (range.length > maxManifestBytes) throw tooLarge(where, `${range.length}`, maxManifestBytes);
    const bytes = await collect(readRange(range, call.signal), { maxBytes: maxManifestBytes, where });
    const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: bytes.length };
    verifyBytes(bytes, descriptor, where);
    return { descriptor: { ...descriptor, mediaType: manifestMediaType(bytes, where) }, bytes };
  }
}

/**
 * What cosign save attached: it names nothing and marks the entries by kind instead, for the one image it saves. So the
 * tag `sha256-<hex>.sig` is the `sigs` entry when <hex> is that image.
 */
export function findCosignEntry(index: LayoutIndex, tag: string): LayoutEntry | undefined {
  const attached = parseAttachedTag(tag);
  if (attached?.suffix === undefined) return undefined;
  const images = index.entries.filter((entry) => isKind(entry, "image") || isKind(entry, "imageIndex"));
  const isTheImage = images.length === 1 && images[0]?.descriptor.digest === attached.subject;
  return isTheImage ? index.entries.find((entry) => isKind(entry, `${attached.suffix}s`)) : undefined;
}

function isKind(entry: LayoutEntry, kind: string): boolean {
  return entry.descriptor.annotations?.["kind"] === cosignKind + kind;
}
