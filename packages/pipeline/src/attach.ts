import { type Descriptor, type Digest, isJsonObject, parseJson, ScError } from "@sc/model";
import { mediaTypes } from "@sc/oci";
import type { AttachedRecord, Signer, StorageChoice } from "@sc/sign";
import { type PipelineCall, resolveTarget, withConnection } from "./connect.ts";
import { detectFormat, readSbom } from "./sbom.ts";
import { type ArtifactPlace, attest } from "./signing.ts";
import { runStage } from "./stage.ts";

/** A document to attach, with where it came from for messages. */
export interface SbomFile {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/** How a document is attached. */
export interface AttachSbomOptions extends PipelineCall, ArtifactPlace {
  /** Signs the document as an attestation. Without one it is attached unsigned: anyone who may push could have. */
  readonly signer?: Signer | undefined;
  readonly storage?: StorageChoice | undefined;
  readonly now?: Date | undefined;
}

/** Where a document is now. */
export interface AttachedSbom {
  readonly name: string;
  readonly subject: Digest;
  /** The id of the document's format. */
  readonly format: string;
  /** The signed attestations; empty when it was attached unsigned. */
  readonly records: readonly AttachedRecord[];
  /** The manifest that holds the unsigned document. */
  readonly manifest?: Digest;
}

/**
 * Attaches a document to the image it is about: signed as an attestation, or as it is among the image's referrers.
 *
 * Throws `SBOM_SUBJECT_MISMATCH` when the document names another image's digest, `SBOM_FORMAT_UNKNOWN`, and what
 * signing and the registry throw.
 */
export async function attachSbom(
  image: string,
  sbom: SbomFile,
  options: AttachSbomOptions = {},
): Promise<AttachedSbom> {
  const { signer, storage, now, artifactRepository, connection, signal, onProgress } = options;
  const { format, inventory } = readSbom(sbom.bytes, sbom.where);
  const call = { signal, onProgress };
  const descriptor = await withConnection({ connection }, async (used) => {
    await using opened = await used.openSource(image, call);
    return await resolveTarget(opened, call);
  });
  const described = [inventory.subject.digest, inventory.subject.indexDigest].filter((digest) => digest !== undefined);
  if (described.length > 0 && !described.includes(descriptor.digest)) {
    throw new ScError("SBOM_SUBJECT_MISMATCH", `${sbom.where}: is about another image`, {
      facts: { image: `${image} ${descriptor.digest}`, document: described.join(" ") },
      hint: "Generate the document from this image, or name the image by the digest it was made from.",
    });
  }
  if (signer === undefined) return await attachUnsigned(image, sbom, options);
  const predicate = parseJson(sbom.bytes, sbom.where);
  if (format.predicateType === undefined || !isJsonObject(predicate)) {
    throw new ScError("SBOM_FORMAT_UNKNOWN", `${sbom.where}: ${format.title} cannot be attested`);
  }
  const claim = { type: format.predicateType, predicate, signer };
  const { name, records } = await attest(image, claim, {
    connection,
    signal,
    onProgress,
    artifactRepository,
    storage,
    now,
  });
  return { name, subject: descriptor.digest, format: format.id, records };
}

async function attachUnsigned(image: string, sbom: SbomFile, options: AttachSbomOptions): Promise<AttachedSbom> {
  const { artifactRepository, signal, onProgress } = options;
  const call = { signal, onProgress };
  const format = detectFormat(sbom.bytes, sbom.where);
  return await withConnection(options, async (connection) => {
    await using place = await connection.openDestination(image, call);
    const subject = await resolveTarget(place, call);
    await using other =
      artifactRepository === undefined ? undefined : await connection.openDestination(artifactRepository, call);
    const store = other?.at ?? place.at;
    const manifest = await runStage({ name: "attach", subject: image, call }, async () => {
      const blob = await store.pushBlob(sbom.bytes, format.mediaType, call);
      const config = await store.pushBlob(emptyConfig, emptyConfigType, call);
      const document = artifactManifest({ subject, blob, config, artifactType: format.mediaType });
      return await store.pushManifest(document, mediaTypes.ociManifest, call);
    });
    return { name: place.name, subject: subject.digest, format: format.id, records: [], manifest: manifest.digest };
  });
}

/** The media type of the configuration of what is no image. */
export const emptyConfigType = "application/vnd.oci.empty.v1+json";
/** Such a configuration: the same two bytes for all. */
export const emptyConfig: Uint8Array = new TextEncoder().encode("{}");

/** What such a manifest names. */
export interface ArtifactParts {
  readonly subject?: Descriptor | undefined;
  readonly blob: Descriptor;
  readonly config: Descriptor;
  readonly artifactType: string;
}

/**
 * The manifest of one blob that is no image.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function artifactManifest({ subject, blob, config, artifactType }: ArtifactParts): Uint8Array {
  return new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType,
      config: plain(config),
      layers: [plain(blob)],
      ...(subject === undefined ? {} : { subject: plain(subject) }),
    }),
  );
}

function plain({ mediaType, digest, size }: Descriptor): object {
  return { mediaType, digest, size };
}
