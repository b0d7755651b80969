import { Decoder, type Descriptor, parseJson, ScError } from "@sc/model";
import { decodeDescriptor, decodeMediaType, refuseLookalikes } from "./descriptor.ts";
import { maxIndexEntries, maxLayers, maxManifestBytes } from "./limits.ts";
import { isIndexMediaType, manifestMediaTypes, mediaTypes } from "./media-type.ts";

interface ManifestCommon {
  readonly mediaType: string;
  readonly artifactType?: string;
  /** The manifest this one is about: then it is a referrer of it. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The manifest of one image, or of an artifact kept in the same form. */
export interface ImageManifest extends ManifestCommon {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** A list of manifests, most often one for each platform. */
export interface ImageIndex extends ManifestCommon {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/** The artifact manifest that was in the OCI specification's release candidates only; some registries still hold some. */
export interface ArtifactManifest extends ManifestCommon {
  readonly kind: "artifact";
  readonly blobs: readonly Descriptor[];
}

/** What a manifest's bytes say. */
export type Manifest = ImageManifest | ImageIndex | ArtifactManifest;

/** What is known of a manifest before its bytes are looked at. */
export interface DecodeManifestOptions {
  /** What the manifest is called in errors: a reference or a digest. */
  readonly where: string;
  /** The type that the descriptor or the Content-Type states; the document must not say another. */
  readonly mediaType?: string | undefined;
  /** Raised only for a layout's own `index.json`. Default 1000. */
  readonly maxEntries?: number;
  /** Raised only for a layout's own `index.json`. Default 4 MiB. */
  readonly maxBytes?: number;
}

const knownMembers = [
  "schemaVersion",
  "mediaType",
  "artifactType",
  "config",
  "layers",
  "manifests",
  "blobs",
  "subject",
  "annotations",
];

/**
 * What a manifest's bytes say, whichever of the OCI and Docker schema 2 forms they have.
 *
 * Throws `MANIFEST_TOO_LARGE`, `JSON_INVALID`, `DECODE_FAILED`, `SCHEMA1_UNSUPPORTED`, `MEDIA_TYPE_UNSUPPORTED`,
 * `MEDIA_TYPE_MISMATCH` (the document and what announced it disagree) and `MANIFEST_AMBIGUOUS` (the document can be
 * read as two things, CVE-2021-41190).
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export function decodeManifest(bytes: Uint8Array, options: DecodeManifestOptions): Manifest {
  const { where, maxBytes = maxManifestBytes, maxEntries = maxIndexEntries } = options;
  if (bytes.length > maxBytes) {
    throw new ScError(
      "MANIFEST_TOO_LARGE",
      `${where}: manifest has ${bytes.length} bytes, at most ${maxBytes} are read`,
    );
  }
  const document = new Decoder(parseJson(bytes, where), where);
  refuseLookalikes(document, knownMembers);
  refuseSchema1(document, where);
  const mediaType = decideMediaType(document, options.mediaType?.split(";", 1)[0]?.trim(), where);
  refuseAmbiguity(document, mediaType);
  if (mediaType !== mediaTypes.ociArtifact && document.member("schemaVersion").count() !== 2) {
    throw document.member("schemaVersion").wrong("2");
  }
  const common = decodeCommon(document, mediaType);
  if (isIndexMediaType(mediaType)) {
    return { kind: "index", ...common, manifests: decodeDescriptors(document, "manifests", maxEntries) };
  }
  if (mediaType === mediaTypes.ociArtifact) {
    const blobs = document.member("blobs").absent ? [] : decodeDescriptors(document, "blobs", maxLayers);
    return { kind: "artifact", ...common, blobs };
  }
  const config = decodeDescriptor(document.member("config"));
  return { kind: "manifest", ...common, config, layers: decodeDescriptors(document, "layers", maxLayers) };
}

/**
 * The media type of a manifest that a descriptor announces, or that is known by its digest alone: what the document
 * itself says, then what the descriptor says, then what its members show. A descriptor may call Docker's form of a
 * manifest OCI's and the reverse, as some tools write; a manifest called an index is `MEDIA_TYPE_MISMATCH`. Throws what
 * `decodeManifest` throws.
 */
export function manifestMediaType(bytes: Uint8Array, where: string, announced?: string): string {
  const document = new Decoder(parseJson(bytes, where), where);
  const stated = document.member("mediaType").optional(decodeMediaType);
  if (stated === undefined || announced === undefined || kindOf(stated) !== kindOf(announced)) {
    return decodeManifest(bytes, { where, mediaType: announced }).mediaType;
  }
  return decodeManifest(bytes, { where }).mediaType;
}

function kindOf(mediaType: string): string {
  if (isIndexMediaType(mediaType)) return "index";
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest ? "manifest" : mediaType;
}

/** Everything a manifest refers to that must be there before it: blobs for an image, manifests for an index. */
export function successors(manifest: Manifest): readonly Descriptor[] {
  if (manifest.kind === "index") return manifest.manifests;
  return manifest.kind === "artifact" ? manifest.blobs : [manifest.config, ...manifest.layers];
}

function decodeCommon(document: Decoder, mediaType: string): ManifestCommon {
  const artifactType = document.member("artifactType").optional((present) =>
    // An empty string is what Go writers leave of an absent type.
    present.value === "" ? undefined : decodeMediaType(present),
  );
  const subject = document.member("subject").optional(decodeDescriptor);
  const annotations = document.member("annotations").optional((present) => present.strings());
  return {
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

// Go writes a list that was never filled as null.
function decodeDescriptors(document: Decoder, name: string, maxEntries: number): readonly Descriptor[] {
  const list = document.member(name);
  if (list.value === null) return [];
  const entries = list.array();
  if (entries.length <= maxEntries) return entries.map(decodeDescriptor);
  throw new ScError(
    "MANIFEST_TOO_LARGE",
    `${list.path}: has ${entries.length} entries, at most ${maxEntries} are read`,
  );
}

function refuseSchema1(document: Decoder, where: string): void {
  const stated = document.member("mediaType").value;
  const isSchema1 =
    document.member("schemaVersion").value === 1 ||
    stated === mediaTypes.dockerSchema1 ||
    stated === mediaTypes.dockerSchema1Signed;
  if (isSchema1) throw schema1(where);
}

/** The error that says that Docker's first manifest form is not read, and what to do. */
export function schema1(where: string): ScError {
  return new ScError("SCHEMA1_UNSUPPORTED", `${where}: is a Docker schema 1 manifest, which is no longer read`, {
    hint: "Pull and push the image with a current docker or skopeo, which converts it to schema 2.",
  });
}

function decideMediaType(document: Decoder, announced: string | undefined, where: string): string {
  if (announced === mediaTypes.dockerSchema1 || announced === mediaTypes.dockerSchema1Signed) throw schema1(where);
  const stated = document.member("mediaType").optional(decodeMediaType);
  if (stated !== undefined && announced !== undefined && stated !== announced) {
    throw new ScError(
      "MEDIA_TYPE_MISMATCH",
      `${where}: the document says it is ${JSON.stringify(stated)} but was announced as ${JSON.stringify(announced)}`,
    );
  }
  const mediaType = stated ?? announced ?? guessMediaType(document);
  if (manifestMediaTypes.includes(mediaType)) return mediaType;
  throw new ScError(
    "MEDIA_TYPE_UNSUPPORTED",
    `${where}: ${JSON.stringify(mediaType)} is no manifest that is read here`,
  );
}

// Only for a document that came with no type at all, such as a layout's index.json; OCI lets the member be absent.
function guessMediaType(document: Decoder): string {
  if (document.member("manifests").value !== undefined) return mediaTypes.ociIndex;
  const config = document.member("config");
  if (config.absent) throw document.wrong("a manifest or an index");
  return config.member("mediaType").value === mediaTypes.dockerConfig
    ? mediaTypes.dockerManifest
    : mediaTypes.ociManifest;
}

function refuseAmbiguity(document: Decoder, mediaType: string): void {
  const foreign = isIndexMediaType(mediaType)
    ? ["config", "layers", "blobs", "fsLayers"]
    : mediaType === mediaTypes.ociArtifact
      ? ["config", "layers", "manifests", "fsLayers"]
      : ["manifests", "blobs", "fsLayers"];
  const found = foreign.find((name) => document.member(name).value !== undefined);
  if (found === undefined) return;
  throw new ScError(
    "MANIFEST_AMBIGUOUS",
    `${document.path}: a document of type ${JSON.stringify(mediaType)} must not have ${JSON.stringify(found)}`,
    { hint: "Treat the image as hostile: such a document is read as two different images by two tools." },
  );
}
