import {
  type Call,
  type Descriptor,
  digestOf,
  type FetchBlobOptions,
  isDigest,
  type ManifestContent,
  ScError,
} from "@sc/model";
import { readRange } from "./file-range.ts";
import { mediaTypes } from "./media-type.ts";
import { parseReference, formatReference, type ReferenceScheme } from "./reference.ts";
import { quoteList } from "./quote.ts";
import type { FileRange, ImageSource, OpenBlobOptions } from "./source.ts";
import { collect, tooLarge, verifyContent } from "./verified.ts";

/** A blob of an image whose manifest was computed: where its bytes are, or how to make them again. */
export type ComputedContent =
  | { readonly bytes: Uint8Array }
  | { readonly range: FileRange }
  | { readonly open: (signal?: AbortSignal) => AsyncIterable<Uint8Array> };

/** An image that is kept without a manifest. */
export interface ComputedImage {
  readonly names: readonly string[];
  readonly config: { readonly descriptor: Descriptor; readonly content: ComputedContent };
  /** The oldest first. */
  readonly layers: readonly { readonly descriptor: Descriptor; readonly content: ComputedContent }[];
}

/** A computed image together with the manifest computed for it. */
interface Entry {
  readonly image: ComputedImage;
  readonly manifest: ManifestContent;
}

/** What a computed source is made of. */
export interface ComputedSourceParts {
  readonly scheme: ReferenceScheme;
  readonly repository: string;
  /** The images; asked for once, at the first use. */
  readonly images: (call: Call) => Promise<readonly ComputedImage[]>;
  readonly dispose: () => Promise<void>;
}

/** A place that holds images without manifests: each gets the one OCI manifest that follows from what is there. */
export class ComputedSource implements ImageSource {
  readonly scheme: ReferenceScheme;
  readonly repository: string;
  readonly computed = true;
  readonly #parts: ComputedSourceParts;
  #entries: Promise<readonly Entry[]> | undefined;

  constructor(parts: ComputedSourceParts) {
    this.scheme = parts.scheme;
    this.repository = parts.repository;
    this.#parts = parts;
  }

  async resolve(reference: string, call: Call = {}): Promise<Descriptor | undefined> {
    return (await this.fetchManifest(reference, call))?.descriptor;
  }

  /** By a name, by the manifest's digest or by the image id, which is the configuration's digest. */
  async fetchManifest(reference: string, call: Call = {}): Promise<ManifestContent | undefined> {
    const entries = await this.#load(call);
    const found = isDigest(reference)
      ? entries.find(({ image, manifest }) =>
          [manifest.descriptor.digest, image.config.descriptor.digest].includes(reference),
        )
      : entries.find(({ image }) => image.names.some((name) => isSameName(name, reference)));
    return found?.manifest;
  }

  async fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    const { maxBytes, ...call } = options;
    const where = `${this.repository}: ${descriptor.digest}`;
    if (descriptor.size > maxBytes) throw tooLarge(where, `${descriptor.size}`, maxBytes);
    return collect(await this.openBlob(descriptor, call), { maxBytes, where });
  }

  async openBlob(descriptor: Descriptor, options: OpenBlobOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const content = await this.#find(descriptor, options);
    if (content === undefined) {
      throw new ScError("BLOB_NOT_FOUND", `${this.repository}: blob ${descriptor.digest} is not there`);
    }
    return verifyContent(openContent(content, options.signal), descriptor, this.repository);
  }

  async locateBlob(descriptor: Descriptor, call: Call = {}): Promise<FileRange | undefined> {
    const content = await this.#find(descriptor, call);
    return content !== undefined && "range" in content ? content.range : undefined;
  }

  async listTags(call: Call = {}): Promise<readonly string[]> {
    return (await this.#load(call)).flatMap(({ image }) => image.names);
  }

  // What refers to an image is kept beside manifests, and there are none here.
  async listReferrers(): Promise<readonly Descriptor[]> {
    return [];
  }

  async resolveOnly(call: Call = {}): Promise<Descriptor> {
    const entries = await this.#load(call);
    const [first] = entries;
    if (first === undefined) throw new ScError("IMAGE_NOT_FOUND", `${this.repository}: holds no image`);
    if (entries.length === 1) return first.manifest.descriptor;
    const names = entries.map(({ image, manifest }) => image.names[0] ?? `@${manifest.descriptor.digest}`);
    throw new ScError("IMAGE_AMBIGUOUS", `${this.repository}: holds several images: ${quoteList(names)}`, {
      hint: `Name one of them after the path, as in ${this.scheme}:path:name or ${this.scheme}:path@digest.`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.dispose();
  }

  async #find(descriptor: Descriptor, call: Call): Promise<ComputedContent | undefined> {
    for (const { image } of await this.#load(call)) {
      const found = [image.config, ...image.layers].find((blob) => blob.descriptor.digest === descriptor.digest);
      if (found !== undefined) return found.content;
    }
    return undefined;
  }

  #load(call: Call): Promise<readonly Entry[]> {
    this.#entries ??= this.#parts.images(call).then((images) => {
      return images.map((image) => ({ image, manifest: computeManifest(image) }));
    });
    return this.#entries;
  }
}

function openContent(content: ComputedContent, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  if ("range" in content) return readRange(content.range, signal);
  return "open" in content ? content.open(signal) : only(content.bytes);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The manifest of an image that has none: the same bytes for the same configuration and layers. */
function computeManifest(image: ComputedImage): ManifestContent {
  const mediaType = mediaTypes.ociManifest;
  const document = {
    schemaVersion: 2,
    mediaType,
    config: image.config.descriptor,
    layers: image.layers.map((layer) => layer.descriptor),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Whether two names are the same to docker: `alpine:3.10` is docker.io/library/alpine:3.10. */
function isSameName(left: string, right: string): boolean {
  return left === right || fullName(left) === fullName(right);
}

function fullName(name: string): string {
  try {
    return formatReference(parseReference(`registry:${name}`));
  } catch {
    // Not a name that docker would take; then only the very text matches.
    return name;
  }
}
