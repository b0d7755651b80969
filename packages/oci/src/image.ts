import { type Call, type Descriptor, type Digest, hasCode, type Platform, ScError } from "@sc/model";
import { decodeImageConfig, type ImageConfig, layerHistory } from "./image-config.ts";
import { maxConfigBytes, maxIndexDepth, maxIndexEntries } from "./limits.ts";
import { decodeManifest, type ImageIndex, type ImageManifest, type Manifest, manifestMediaType } from "./manifest.ts";
import { isIndexMediaType, mediaTypes, parseLayerMediaType } from "./media-type.ts";
import { mayBeImage, type PlatformManifest, selectPlatform } from "./platform.ts";
import { quoteList } from "./quote.ts";
import { formatReference, type Reference } from "./reference.ts";
import type { FileRange, ImageSource } from "./source.ts";
import { verifyBytes } from "./verified.ts";

/** A layer of an opened image, ready to be read. */
export interface ImageLayer {
  readonly descriptor: Descriptor;
  /** What the configuration claims for the uncompressed bytes. */
  readonly diffId: Digest;
  /** The history entry's command, where the history matches the layers. */
  readonly createdBy?: string;
  /** Where the stored bytes lie, unverified, when they lie in a file as they are. */
  readonly range?: FileRange;
  /** The stored bytes, verified. Throws `FOREIGN_LAYER`, `LAYER_ENCRYPTED`, `BLOB_NOT_FOUND`. */
  open(call?: Call): Promise<AsyncIterable<Uint8Array>>;
}

/** One image for one platform: everything but the layers' bytes has been read and verified. Plain data save `open`. */
export interface Image {
  /** As the user named it. */
  readonly name: string;
  /** The manifest's; its digest is what was read, whatever the tag says by now. */
  readonly descriptor: Descriptor;
  /** The index the manifest was chosen from, where the reference named one. */
  readonly index?: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  readonly platform: Platform;
  /** The oldest first. */
  readonly layers: readonly ImageLayer[];
  /** The place holds no manifest: this one's digest was computed here and no registry has it. */
  readonly computed: boolean;
}

/** How an image is opened. */
export interface OpenImageOptions extends Call {
  /** The platform wanted. Default: this machine's, then linux/amd64; an image that is no index is taken as it is. */
  readonly platform?: Platform | undefined;
  /** Follow the `urls` of foreign layers that the place does not hold. Off by default. */
  readonly unsafeFollowForeignUrls?: boolean;
}

/**
 * The image a reference names, for one platform. The reference is resolved once; everything after goes by digest.
 *
 * Throws `IMAGE_NOT_FOUND`, `IMAGE_AMBIGUOUS`, `PLATFORM_NOT_FOUND`, `NOT_AN_IMAGE`, `LAYER_COUNT_MISMATCH`, and what
 * `decodeManifest` and `decodeImageConfig` throw.
 */
export async function openImage(
  source: ImageSource,
  reference: Reference,
  options: OpenImageOptions = {},
): Promise<Image> {
  const { platform: wanted, ...rest } = options;
  const root = await resolveManifest(source, reference, options);
  const where = formatReference(reference);
  if (root.manifest.kind !== "index") {
    const image = await readImage(source, { ...root, where }, rest);
    if (wanted !== undefined) selectPlatform([image], { wanted, where });
    return image;
  }
  const chosen = selectPlatform(await listIndexImages(source, root.manifest, options), { wanted, where });
  const leaf = await fetchDecoded(source, chosen.descriptor, { where, call: options });
  return readImage(source, { ...leaf, index: root.descriptor, where }, rest);
}

/** The images of a reference for every platform it has, in the index's order. Throws as `openImage` does. */
export async function openImages(
  source: ImageSource,
  reference: Reference,
  options: Omit<OpenImageOptions, "platform"> = {},
): Promise<readonly Image[]> {
  const root = await resolveManifest(source, reference, options);
  const where = formatReference(reference);
  if (root.manifest.kind !== "index") return [await readImage(source, { ...root, where }, options)];
  const images: Image[] = [];
  for (const { descriptor } of await listIndexImages(source, root.manifest, options)) {
    const leaf = await fetchDecoded(source, descriptor, { where, call: options });
    images.push(await readImage(source, { ...leaf, index: root.descriptor, where }, options));
  }
  return images;
}

/** A manifest with the descriptor it was fetched by and its bytes. */
export interface DecodedManifest {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
}

/** What a reference names, decoded. Throws `IMAGE_NOT_FOUND`, `IMAGE_AMBIGUOUS` and what `decodeManifest` throws. */
export async function resolveManifest(
  source: ImageSource,
  reference: Reference,
  call: Call = {},
): Promise<DecodedManifest> {
  const where = formatReference(reference);
  const name = "digest" in reference || "tag" in reference ? (reference.digest ?? reference.tag) : undefined;
  if (name === undefined && source.resolveOnly === undefined) throw notFound(where);
  const target = name ?? (await source.resolveOnly?.(call))?.digest ?? "";
  const content = await source.fetchManifest(target, call);
  if (content === undefined) throw await notFoundAmong(source, where, call);
  return { ...content, manifest: decodeManifest(content.bytes, { where, mediaType: content.descriptor.mediaType }) };
}

async function notFoundAmong(source: ImageSource, where: string, call: Call): Promise<ScError> {
  // A registry's tags may be many and cost a request; those of a file are at hand.
  if (source.resolveOnly === undefined) return notFound(where);
  const tags = await source.listTags(call);
  return notFound(where, tags.length === 0 ? "it has no named image" : `it has ${quoteList(tags)}`);
}

function notFound(where: string, there?: string): ScError {
  return new ScError("IMAGE_NOT_FOUND", `${where}: there is no such image${there === undefined ? "" : `; ${there}`}`);
}

/**
 * The manifest a descriptor names, verified and decoded. Throws `MANIFEST_NOT_FOUND` when the place lacks it although
 * something in it refers to it.
 */
export async function fetchDecoded(
  source: ImageSource,
  descriptor: Descriptor,
  options: { readonly where: string; readonly call: Call },
): Promise<DecodedManifest> {
  const { where, call } = options;
  const content = await source.fetchManifest(descriptor.digest, call);
  if (content === undefined) {
    throw new ScError("MANIFEST_NOT_FOUND", `${where}: manifest ${descriptor.digest} is referred to but not there`);
  }
  const bytes = verifyBytes(content.bytes, descriptor, where);
  const name = `${where}: ${descriptor.digest}`;
  const manifest = decodeManifest(bytes, { where: name, mediaType: content.descriptor.mediaType });
  const mediaType = manifestMediaType(bytes, name, descriptor.mediaType);
  return { descriptor: { ...descriptor, mediaType }, manifest, bytes };
}

/**
 * The images an index lists, those of the indexes within included, each with its platform; attestations, signatures
 * and artifacts are left out. An entry that does not say its platform is opened to see.
 */
export async function listIndexImages(
  source: ImageSource,
  index: ImageIndex,
  call: Call = {},
): Promise<readonly PlatformManifest[]> {
  const seen = new Set<Digest>();
  const found: PlatformManifest[] = [];
  const visit = async (entries: readonly Descriptor[], depth: number): Promise<void> => {
    for (const descriptor of entries.filter(mayBeImage)) {
      if (seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      if (seen.size > maxIndexEntries || depth > maxIndexDepth) {
        throw new ScError(
          "INDEX_TOO_DEEP",
          `${source.repository}: an index nests more than ${maxIndexDepth} deep or lists more than ${maxIndexEntries} images`,
        );
      }
      if (isIndexMediaType(descriptor.mediaType)) {
        const { manifest } = await fetchDecoded(source, descriptor, { where: source.repository, call });
        if (manifest.kind === "index") await visit(manifest.manifests, depth + 1);
      } else {
        const platform = descriptor.platform ?? (await readPlatform(source, descriptor, call));
        if (platform !== undefined) found.push({ descriptor, platform });
      }
    }
  };
  await visit(index.manifests, 1);
  return found;
}

async function readPlatform(source: ImageSource, descriptor: Descriptor, call: Call): Promise<Platform | undefined> {
  const { manifest } = await fetchDecoded(source, descriptor, { where: source.repository, call });
  if (manifest.kind !== "manifest" || !isImageConfig(manifest)) return undefined;
  const bytes = await source.fetchBlob(manifest.config, { ...call, maxBytes: maxConfigBytes });
  return decodeImageConfig(bytes, `${source.repository}: ${manifest.config.digest}`).platform;
}

async function readImage(
  source: ImageSource,
  found: DecodedManifest & { readonly index?: Descriptor; readonly where: string },
  options: Omit<OpenImageOptions, "platform">,
): Promise<Image> {
  const { unsafeFollowForeignUrls = false, ...call } = options;
  const { descriptor, index, where } = found;
  const manifest = requireImage(found.manifest, where);
  const bytes = await source.fetchBlob(manifest.config, { ...call, maxBytes: maxConfigBytes });
  const config = decodeImageConfig(bytes, `${where}: configuration ${manifest.config.digest}`);
  if (config.diffIds.length !== manifest.layers.length) {
    throw new ScError(
      "LAYER_COUNT_MISMATCH",
      `${where}: the manifest has ${manifest.layers.length} layers, the configuration ${config.diffIds.length} diff ids`,
    );
  }
  const history = layerHistory(config);
  const layers: ImageLayer[] = [];
  for (const [position, diffId] of config.diffIds.entries()) {
    const layer = manifest.layers[position];
    if (layer === undefined) continue;
    const range = await source.locateBlob?.(layer, call);
    const createdBy = history[position]?.createdBy;
    layers.push({
      descriptor: layer,
      diffId,
      ...(createdBy === undefined ? {} : { createdBy }),
      ...(range === undefined ? {} : { range }),
      open: (openCall: Call = call) => openLayer(source, layer, { ...openCall, unsafeFollowForeignUrls, where }),
    });
  }
  return {
    name: where,
    descriptor,
    ...(index === undefined ? {} : { index }),
    manifest,
    config,
    platform: config.platform,
    layers,
    computed: source.computed ?? false,
  };
}

function isImageConfig(manifest: ImageManifest): boolean {
  const { mediaType } = manifest.config;
  if (mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig) return true;
  // Docker before 1.10 and some registries' converters wrote no better type.
  return mediaType === "application/octet-stream" && manifest.mediaType === mediaTypes.dockerManifest;
}

/**
 * The manifest, when it is an image's: with an image's configuration and nothing but layers. Throws `NOT_AN_IMAGE` for
 * an artifact and `MEDIA_TYPE_UNSUPPORTED` for a layer of a type that is not known.
 */
export function requireImage(manifest: Manifest, where: string): ImageManifest {
  if (manifest.kind !== "manifest" || !isImageConfig(manifest)) {
    const type =
      manifest.artifactType ?? (manifest.kind === "manifest" ? manifest.config.mediaType : manifest.mediaType);
    throw new ScError("NOT_AN_IMAGE", `${where}: is an artifact of type ${JSON.stringify(type)}, not an image`, {
      hint: "Name the image it belongs to.",
    });
  }
  const unknown = manifest.layers.find((layer) => parseLayerMediaType(layer.mediaType) === undefined);
  if (unknown === undefined) return manifest;
  throw new ScError(
    "MEDIA_TYPE_UNSUPPORTED",
    `${where}: layer ${unknown.digest} has media type ${JSON.stringify(unknown.mediaType)}, which is no layer that is read here`,
  );
}

async function openLayer(
  source: ImageSource,
  layer: Descriptor,
  options: Call & { readonly unsafeFollowForeignUrls: boolean; readonly where: string },
): Promise<AsyncIterable<Uint8Array>> {
  const { where, ...rest } = options;
  const type = parseLayerMediaType(layer.mediaType);
  if (type?.encrypted === true) {
    throw new ScError("LAYER_ENCRYPTED", `${where}: layer ${layer.digest} is encrypted`, {
      hint: "Decrypt the image first, for example with skopeo copy --decryption-key.",
    });
  }
  try {
    return await source.openBlob(layer, rest);
  } catch (cause) {
    if (type?.foreign !== true || !hasCode(cause, "BLOB_NOT_FOUND")) throw cause;
    throw new ScError("FOREIGN_LAYER", `${where}: layer ${layer.digest} is foreign and not stored with the image`, {
      cause,
      hint: "Allow foreign layers to be followed only if you trust the places they name.",
    });
  }
}
