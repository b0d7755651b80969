import { type Call, type Descriptor, type Digest, hasCode, type Platform, ScError } from "@sc/model";
import { type DecodedManifest, fetchDecoded, listIndexImages, resolveManifest } from "./image.ts";
import { successors } from "./manifest.ts";
import { parseLayerMediaType } from "./media-type.ts";
import { selectPlatform } from "./platform.ts";
import { fetchAttached, fetchReferrers, GraphBounds } from "./referrers.ts";
import { formatReference, type Reference } from "./reference.ts";
import type { ImageDestination, ImageSource } from "./source.ts";

/** Streams that are open at the same time: enough to hide round trips, few enough for registries' rate limits. */
const parallelBlobs = 4;

/** Where an image is copied from. */
export interface CopyFrom {
  readonly source: ImageSource;
  readonly reference: Reference;
}

/** Where an image is copied to. */
export interface CopyTo {
  readonly destination: ImageDestination;
  readonly reference: Reference;
}

/** What is copied. */
export interface CopyOptions extends Call {
  /** Also what refers to the image: referrers and theirs, and cosign's `.sig`, `.att` and `.sbom` tags. Off by default. */
  readonly referrers?: boolean;
  /** Only the image for this platform, under its own digest. Default: what the reference names, whole. */
  readonly platform?: Platform | undefined;
  /** Fetch foreign layers that the source does not hold from the `urls` they name. Off by default. */
  readonly unsafeFollowForeignUrls?: boolean;
}

/** What a copy did. */
export interface CopyResult {
  /** The manifest that was copied. */
  readonly descriptor: Descriptor;
  /** Manifests written, referrers included; and those that were there already. */
  readonly manifests: { readonly copied: number; readonly present: number };
  /** Blobs written, taken over within the registry, and there already. */
  readonly blobs: { readonly copied: number; readonly mounted: number; readonly present: number };
  /** Bytes of the blobs written. */
  readonly bytes: number;
  /** Referrers and attached manifests among the manifests. */
  readonly referrers: readonly Descriptor[];
  /** Foreign layers that the source does not hold, and so neither does the destination. */
  readonly foreign: readonly Descriptor[];
  /** False when the destination keeps the image in another form, without its manifest: a docker archive. */
  readonly digestKept: boolean;
}

/**
 * Copies an image between any two places: content moves in streams and is verified on the way, what is there already is
 * left, no digest changes, and the name appears last.
 *
 * Throws what source and destination throw, `MANIFEST_NOT_FOUND` for an index whose manifests are not all there,
 * `PLATFORM_NOT_FOUND`, `DIGEST_MISMATCH` when the destination names another digest, `GRAPH_TOO_LARGE`.
 */
export async function copyImage(from: CopyFrom, to: CopyTo, options: CopyOptions = {}): Promise<CopyResult> {
  const { signal, onProgress } = options;
  const call: Call = { signal, onProgress };
  const copier = new Copier(from.source, to.destination, options);
  const keepsManifests = to.destination.scheme !== "docker-archive";
  const root = await chooseRoot(from, { ...options, oneImage: !keepsManifests });
  const wanted = "digest" in to.reference ? to.reference.digest : undefined;
  if (wanted !== undefined && wanted !== root.descriptor.digest) {
    throw new ScError(
      "DIGEST_MISMATCH",
      `${formatReference(to.reference)}: what is copied there has digest ${root.descriptor.digest}`,
    );
  }
  const tag = "tag" in to.reference ? to.reference.tag : undefined;
  await copier.copyRoot(root, { tag, referrers: (options.referrers ?? false) && keepsManifests });
  await to.destination.commit?.(call);
  return copier.result(root.descriptor, keepsManifests);
}

async function chooseRoot(
  from: CopyFrom,
  options: CopyOptions & { readonly oneImage: boolean },
): Promise<DecodedManifest> {
  const { source, reference } = from;
  const root = await resolveManifest(source, reference, options);
  const isWhole = options.platform === undefined && !options.oneImage;
  if (root.manifest.kind !== "index" || isWhole) return root;
  const where = formatReference(reference);
  const images = await listIndexImages(source, root.manifest, options);
  const chosen = selectPlatform(images, { wanted: options.platform, where });
  return fetchDecoded(source, chosen.descriptor, { where, call: options });
}

/** One copy under way. */
class Copier {
  readonly #source: ImageSource;
  readonly #destination: ImageDestination;
  readonly #options: CopyOptions;
  readonly #call: Call;
  readonly #bounds: GraphBounds;
  readonly #blobsUnderWay = new Map<Digest, Promise<void>>();
  readonly #referrers: Descriptor[] = [];
  readonly #foreign: Descriptor[] = [];
  #manifestsCopied = 0;
  #manifestsPresent = 0;
  #blobsCopied = 0;
  #blobsMounted = 0;
  #blobsPresent = 0;
  #bytes = 0;

  constructor(source: ImageSource, destination: ImageDestination, options: CopyOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#call = { signal: options.signal };
    this.#bounds = new GraphBounds(source.repository);
  }

  /**
   * Everything below the root first, then the root without its name, what refers to it, and its name last: whoever
   * looks in the meantime finds either the old image or the whole of the new one.
   */
  async copyRoot(
    root: DecodedManifest,
    options: { readonly tag: string | undefined; readonly referrers: boolean },
  ): Promise<void> {
    const { tag, referrers } = options;
    this.#bounds.enter(root.descriptor, 0);
    await this.#copyBelow(root, referrers ? 0 : undefined);
    if (referrers) {
      await this.#destination.pushManifest(root.bytes, root.manifest.mediaType, this.#call);
      this.#tellStored("manifest", root.descriptor.digest);
      await this.#copyReferrers(root.descriptor.digest, 0);
    }
    await this.#push(root, tag);
  }

  result(descriptor: Descriptor, digestKept: boolean): CopyResult {
    return {
      descriptor,
      manifests: { copied: this.#manifestsCopied, present: this.#manifestsPresent },
      blobs: { copied: this.#blobsCopied, mounted: this.#blobsMounted, present: this.#blobsPresent },
      bytes: this.#bytes,
      referrers: this.#referrers,
      foreign: this.#foreign,
      digestKept,
    };
  }

  /** Copies a manifest unless it is there, and what refers to it when `depth`, the steps from subjects above, is given. */
  async #copyManifest(found: DecodedManifest, depth: number | undefined, tag?: string): Promise<void> {
    const { digest } = found.descriptor;
    if (!this.#bounds.enter(found.descriptor, depth ?? 0)) {
      if (tag !== undefined) await this.#push(found, tag);
      return;
    }
    const isPresent = (await this.#destination.resolve(digest, this.#call)) !== undefined;
    if (!isPresent) await this.#copyBelow(found, depth);
    else if (tag === undefined) this.#manifestsPresent += 1;
    if (!isPresent || tag !== undefined) await this.#push(found, tag);
    if (depth !== undefined) await this.#copyReferrers(digest, depth);
  }

  async #copyBelow(found: DecodedManifest, depth: number | undefined): Promise<void> {
    const below = successors(found.manifest);
    if (found.manifest.kind !== "index") return this.#copyBlobs(below);
    for (const entry of below) {
      const options = { where: this.#source.repository, call: this.#call };
      await this.#copyManifest(await fetchDecoded(this.#source, entry, options), depth);
    }
  }

  async #copyReferrers(subject: Digest, depth: number): Promise<void> {
    for (const referrer of await fetchReferrers(this.#source, subject, this.#call)) {
      this.#referrers.push(referrer.descriptor);
      await this.#copyManifest(referrer, depth + 1);
    }
    for (const { tag, ...attached } of await fetchAttached(this.#source, subject, this.#call)) {
      this.#referrers.push(attached.descriptor);
      await this.#copyManifest(attached, depth + 1, tag);
    }
  }

  async #push(found: DecodedManifest, tag?: string): Promise<void> {
    const { bytes, manifest } = found;
    this.#manifestsCopied += 1;
    await this.#destination.pushManifest(bytes, manifest.mediaType, {
      ...this.#call,
      ...(tag === undefined ? {} : { tag }),
    });
    this.#tellStored("manifest", found.descriptor.digest);
  }

  async #copyBlobs(blobs: readonly Descriptor[]): Promise<void> {
    // Before the first byte: a sum that grows with every blob that is begun would run backwards.
    for (const blob of blobs) if (!this.#blobsUnderWay.has(blob.digest)) this.#tellMoved(blob, 0);
    const waiting = blobs.values();
    const failure = new AbortController();
    const signals = [failure.signal, ...(this.#call.signal === undefined ? [] : [this.#call.signal])];
    const call: Call = { signal: AbortSignal.any(signals) };
    const work = async (): Promise<void> => {
      for (const descriptor of waiting) await this.#copyBlobOnce(descriptor, call);
    };
    // One that fails stops the others, and nothing is under way any more when the error is thrown.
    const workers = Array.from({ length: parallelBlobs }, () => work().catch((cause: unknown) => failure.abort(cause)));
    await Promise.all(workers);
    failure.signal.throwIfAborted();
  }

  #copyBlobOnce(descriptor: Descriptor, call: Call): Promise<void> {
    const underWay = this.#blobsUnderWay.get(descriptor.digest) ?? this.#copyBlob(descriptor, call);
    this.#blobsUnderWay.set(descriptor.digest, underWay);
    return underWay;
  }

  async #copyBlob(descriptor: Descriptor, call: Call): Promise<void> {
    if (await this.#destination.hasBlob(descriptor, call)) {
      this.#blobsPresent += 1;
      this.#tellMoved({ ...descriptor, size: 0 }, 0);
      return;
    }
    const neighbour = sameRegistry(this.#source, this.#destination);
    if (neighbour !== undefined && (await this.#destination.mountBlob(descriptor, neighbour, call))) {
      this.#blobsMounted += 1;
      this.#tellMoved({ ...descriptor, size: 0 }, 0);
      this.#tellStored("blob", descriptor.digest);
      return;
    }
    const content = await this.#openBlob(descriptor, call);
    if (content === undefined) {
      this.#foreign.push(descriptor);
      this.#tellMoved({ ...descriptor, size: 0 }, 0);
      return;
    }
    await this.#destination.writeBlob(descriptor, this.#reported(content, descriptor), call);
    this.#blobsCopied += 1;
    this.#bytes += descriptor.size;
    this.#tellStored("blob", descriptor.digest);
  }

  // Of a place that keeps every write at once, so that whoever interrupts the copy knows what stays there.
  #tellStored(what: "blob" | "manifest", digest: Digest): void {
    if (this.#destination.staged) return;
    const subject = this.#destination.repository;
    this.#options.onProgress?.({ type: "stage", subject, stage: `store-${what}`, state: "done", detail: digest });
  }

  /** The blob's content; `undefined` for a foreign layer that is not stored with the image. */
  async #openBlob(descriptor: Descriptor, call: Call): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { unsafeFollowForeignUrls = false } = this.#options;
    try {
      return await this.#source.openBlob(descriptor, { ...call, unsafeFollowForeignUrls });
    } catch (cause) {
      const isForeign = parseLayerMediaType(descriptor.mediaType)?.foreign === true;
      if (isForeign && hasCode(cause, "BLOB_NOT_FOUND")) return undefined;
      throw cause;
    }
  }

  async *#reported(content: AsyncIterable<Uint8Array>, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    let doneBytes = 0;
    for await (const chunk of content) {
      doneBytes += chunk.length;
      this.#tellMoved(descriptor, doneBytes);
      yield chunk;
    }
  }

  #tellMoved({ digest, size: totalBytes }: Descriptor, doneBytes: number): void {
    const subject = this.#destination.repository;
    this.#options.onProgress?.({ type: "blob", action: "push", subject, digest, doneBytes, totalBytes });
  }
}

/** The source's repository as the destination's registry knows it, when both are in one registry. */
function sameRegistry(source: ImageSource, destination: ImageDestination): string | undefined {
  if (source.scheme !== "registry" || destination.scheme !== "registry") return undefined;
  const [host, ...path] = source.repository.split("/");
  const isSame = host !== undefined && destination.repository.startsWith(`${host}/`);
  return isSame && source.repository !== destination.repository ? path.join("/") : undefined;
}
