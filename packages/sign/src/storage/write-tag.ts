import {
  type ArtifactStore,
  type Call,
  type Descriptor,
  type Digest,
  hasCode,
  isScError,
  type JsonObject,
  ScError,
} from "@sc/model";
import { signLimits } from "../limits.ts";
import { manifestMediaType } from "./artifact-manifest.ts";
import { readTag, type TaggedManifest } from "./tag.ts";

const configMediaType = "application/vnd.oci.image.config.v1+json";

/** A layer to add under a tag. */
export interface NewLayer {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What came of it: the manifest that now stands under the tag, and whether there was anything to do. */
export interface WrittenTag {
  readonly manifest: Descriptor;
  readonly state: "written" | "present";
}

/** How a layer is added. */
export interface AppendLayerOptions extends Call {
  readonly tag: string;
  /** Whether what stands there already says the same, so that nothing is added. */
  readonly isPresent: (tagged: TaggedManifest) => Promise<boolean>;
  /** Makes the layer; called once, and only when it is needed. */
  readonly create: () => Promise<NewLayer>;
}

/**
 * Adds a layer to what stands under a tag, without losing what others add at the same time: reads, merges, writes on
 * the condition that nothing changed, and reads again, since many registries ignore conditions. Throws
 * `ATTACHMENT_CONFLICT`, `ATTACHMENT_INVALID` when something else stands there, and what the store throws.
 */
export async function appendLayer(store: ArtifactStore, options: AppendLayerOptions): Promise<WrittenTag> {
  const { tag, isPresent, create, signal, onProgress } = options;
  const call: Call = { signal, onProgress };
  const where = `${store.repository}:${tag}`;
  let added: JsonObject | undefined;
  let unchanged = 0;
  let before: Digest | undefined;
  for (let attempt = 1; attempt <= signLimits.maxMergeAttempts; attempt += 1) {
    signal?.throwIfAborted();
    const tagged = await readTag(store, tag, call);
    if (tagged !== undefined && (await holds(tagged, added, isPresent))) {
      return { manifest: tagged.content.descriptor, state: added === undefined ? "present" : "written" };
    }
    // A place that says "changed" of what never changes means that the tag may not be: Harbor's immutable tags.
    unchanged = tagged !== undefined && tagged.content.descriptor.digest === before ? unchanged + 1 : 0;
    if (unchanged >= signLimits.maxUnchangedConflicts) throw immutable(where);
    before = tagged?.content.descriptor.digest;
    added ??= await pushLayer(store, await create(), call);
    const written = await writeMerged(store, { tagged, added, tag, call, where });
    if (written !== undefined && (await store.resolve(tag, call))?.digest === written.digest) {
      return { manifest: written, state: "written" };
    }
  }
  throw new ScError("ATTACHMENT_CONFLICT", `${where}: others kept changing it`, {
    hint: "Try again when fewer signatures of this image are being written.",
  });
}

function immutable(where: string, cause?: ScError): ScError {
  return new ScError("TAG_IMMUTABLE", `${where}: the place does not let this tag be changed`, {
    ...(cause === undefined ? {} : { cause, facts: cause.facts }),
    hint: "Allow tags of the form sha256-*.sig and .att to be overwritten, or sign with --storage bundle.",
  });
}

async function holds(
  tagged: TaggedManifest,
  added: JsonObject | undefined,
  isPresent: (tagged: TaggedManifest) => Promise<boolean>,
): Promise<boolean> {
  if (added === undefined) return await isPresent(tagged);
  const wanted = JSON.stringify(added);
  return tagged.manifest.layersJson.some((layer) => JSON.stringify(layer) === wanted);
}

async function pushLayer(store: ArtifactStore, layer: NewLayer, call: Call): Promise<JsonObject> {
  const { mediaType, size, digest } = await store.pushBlob(layer.bytes, layer.mediaType, call);
  return { mediaType, size, digest, annotations: { ...layer.annotations } };
}

interface Merge {
  readonly tagged: TaggedManifest | undefined;
  readonly added: JsonObject;
  readonly tag: string;
  readonly call: Call;
  readonly where: string;
}

// Resolves with nothing when the tag was changed in between.
async function writeMerged(store: ArtifactStore, merge: Merge): Promise<Descriptor | undefined> {
  const { tagged, added, tag, call, where } = merge;
  const layers = [...(tagged?.manifest.layersJson ?? []), added];
  if (layers.length > signLimits.maxLayers) {
    throw new ScError("ATTACHMENT_INVALID", `${where}: holds ${signLimits.maxLayers} layers already`);
  }
  const mediaType = tagged?.manifest.mediaType ?? manifestMediaType;
  const config = await store.pushBlob(encodeConfig(layers), tagged?.manifest.configMediaType ?? configMediaType, call);
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: config.mediaType, size: config.size, digest: config.digest },
    layers,
    ...(tagged === undefined || Object.keys(tagged.manifest.annotations).length === 0
      ? {}
      : { annotations: tagged.manifest.annotations }),
  };
  const etag = tagged === undefined ? "absent" : tagged.content.etag;
  const condition = etag === undefined ? {} : { ifMatch: etag };
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(manifest));
    return await store.pushManifest(bytes, mediaType, { ...call, tag, ...condition });
  } catch (error) {
    if (hasCode(error, "MANIFEST_CHANGED")) return undefined;
    throw plainRefusal(error, merge);
  }
}

// What ECR says of a tag that stands and may not be moved; of one that is new the same words mean something else.
function plainRefusal(error: unknown, { tagged, where }: Merge): unknown {
  const isMoved = tagged !== undefined && isScError(error) && error.facts["codes"] === "TAG_INVALID";
  return isMoved ? immutable(where, error) : error;
}

// The config as cosign makes it: an empty image whose layers are the signatures.
function encodeConfig(layers: readonly JsonObject[]): Uint8Array {
  const epoch = "0001-01-01T00:00:00Z";
  const config = {
    architecture: "",
    created: epoch,
    history: layers.map(() => ({ created: epoch })),
    os: "",
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  };
  return new TextEncoder().encode(JSON.stringify(config));
}
