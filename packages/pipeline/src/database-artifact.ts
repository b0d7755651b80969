import { createReadStream } from "node:fs";
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { type Call, type Descriptor, digestOf, ScError } from "@sc/model";
import { decodeManifest, formatReference, type ImageSource, mediaTypes, type Reference } from "@sc/oci";
import { type DatabaseSource, type PackedFile, signatureFileName, wireFile } from "@sc/scan";
import { type Connection, type Place, type PipelineCall, resolveTarget, withConnection } from "./connect.ts";
import { pinReference } from "./pin.ts";
import { runStage } from "./stage.ts";

/** What an artifact that holds an advisory database is called. */
const artifactType = "application/vnd.sc.advisories.v1";

const layerTypes: Readonly<Record<PackedFile["kind"], string>> = {
  index: "application/vnd.sc.advisories.index.v1+json",
  signature: "application/vnd.dev.sigstore.bundle.v0.3+json",
  shard: "application/vnd.sc.advisories.shard.v1.sqlite+zstd",
};

/** The annotation that gives a layer's file name: what other clients call the file that they write. */
const titleAnnotation = "org.opencontainers.image.title";

const indexFile = "index.json";

/** The largest index and signature that are read, as the importer of @sc/scan bounds them too. */
const maxSmallBytes = 16 * 1024 * 1024;

const emptyConfig = Buffer.from("{}");

/**
 * Stores the files of a database as one artifact, a layer each with its file's name: content before manifest, so that
 * whoever pulls in the meantime gets the old one or the new one. Throws what the registry throws.
 */
export async function pushArtifact(
  reference: string,
  files: readonly PackedFile[],
  options: PipelineCall,
): Promise<{ readonly name: string; readonly digest: string }> {
  const { signal, onProgress } = options;
  const call: Call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using place = await connection.openDestination(reference, call);
    return await runStage({ name: "push", subject: place.name, call }, async () => {
      const layers: Descriptor[] = [];
      for (const { name, path, digest, sizeBytes, kind } of files) {
        const layer = {
          mediaType: layerTypes[kind],
          digest,
          size: sizeBytes,
          annotations: { [titleAnnotation]: name },
        };
        const isThere = await place.at.hasBlob(layer, call);
        if (!isThere) await place.at.writeBlob(layer, createReadStream(path, { highWaterMark: 1 << 20 }), call);
        layers.push(layer);
      }
      const config = await place.at.pushBlob(emptyConfig, "application/vnd.oci.empty.v1+json", call);
      const { mediaType, digest, size } = config;
      const manifest = {
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        artifactType,
        config: { mediaType, digest, size },
        layers,
      };
      const tag = "tag" in place.reference ? place.reference.tag : undefined;
      const bytes = Buffer.from(JSON.stringify(manifest));
      checkDigest(place, digestOf(bytes));
      await place.at.pushManifest(bytes, mediaTypes.ociManifest, { ...call, ...(tag === undefined ? {} : { tag }) });
      await place.at.commit?.(call);
      return { name: place.name, digest: digestOf(bytes) };
    });
  });
}

function checkDigest({ reference }: Pick<Place<unknown>, "reference">, digest: string): void {
  const wanted = "digest" in reference ? reference.digest : undefined;
  if (wanted === undefined || wanted === digest) return;
  throw new ScError(
    "DATABASE_ARTIFACT_INVALID",
    `${formatReference(reference)}: what is stored there has digest ${digest}`,
    {
      hint: "Name a tag to store it under.",
    },
  );
}

/**
 * The artifact that a reference names, as a place to fetch a database from: only the layers that are asked for are
 * pulled. Throws `DATABASE_ARTIFACT_INVALID`, `IMAGE_NOT_FOUND`, and what the registry throws.
 */
export async function openDatabaseArtifact(
  reference: string,
  connection: Connection,
  call: Call,
): Promise<DatabaseSource> {
  const place = await connection.openSource(reference, { signal: call.signal, onProgress: call.onProgress });
  try {
    return await readArtifact(place, call);
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
}

async function readArtifact(place: Place<ImageSource>, { signal }: Call): Promise<DatabaseSource> {
  const { at, name } = place;
  // A digest is asked for at once: there is nothing to resolve.
  const named = "digest" in place.reference ? place.reference.digest : undefined;
  const digest = named ?? (await resolveTarget(place, { signal })).digest;
  const content = await at.fetchManifest(digest, { signal });
  if (content === undefined && named !== undefined) {
    throw new ScError("IMAGE_NOT_FOUND", `${name}: there is no such artifact`);
  }
  const manifest =
    content === undefined
      ? undefined
      : decodeManifest(content.bytes, { mediaType: content.descriptor.mediaType, where: name });
  if (manifest?.kind !== "manifest" || manifest.artifactType !== artifactType) throw noDatabase(name);
  const layers = new Map(manifest.layers.map((layer) => [layer.annotations?.[titleAnnotation], layer]));
  const read = async (file: string): Promise<Uint8Array | undefined> => {
    const layer = layers.get(file);
    return layer === undefined ? undefined : await at.fetchBlob(layer, { signal, maxBytes: maxSmallBytes });
  };
  const pinned = pinReference(absolute(place.reference), digest);
  return {
    name,
    // By digest: a tag may name another database when a part of this one is wanted.
    place: { kind: "artifact", at: pinned },
    fetchIndex: async () => {
      const bytes = await read(indexFile);
      if (bytes === undefined) throw noDatabase(name);
      const signature = await read(signatureFileName);
      return { bytes, ...(signature === undefined ? {} : { signature }) };
    },
    openShard: async (file, call) => {
      const layer = layers.get(wireFile(file));
      if (layer === undefined) {
        throw new ScError("DATABASE_ARTIFACT_INVALID", `${name}: the artifact has no layer ${wireFile(file)}`, {
          hint: "Push the database again.",
        });
      }
      return await at.openBlob(layer, { signal: call?.signal });
    },
    [Symbol.asyncDispose]: async () => await place[Symbol.asyncDispose](),
  };
}

function absolute(reference: Reference): Reference {
  return "path" in reference ? { ...reference, path: resolve(reference.path) } : reference;
}

function noDatabase(name: string): ScError {
  return new ScError("DATABASE_ARTIFACT_INVALID", `${name}: this is not an advisory database that sc db push stored`, {
    hint: "Name the reference that sc db push was given.",
  });
}
