import { type ArtifactStore, type Call, type Descriptor, digestOf } from "@sc/model";
import { bundleMediaType } from "../bundle.ts";
import { manifestMediaType } from "./artifact-manifest.ts";
import { bundleAnnotations } from "./referrer.ts";

const emptyConfig = new TextEncoder().encode("{}");
const emptyConfigMediaType = "application/vnd.oci.empty.v1+json";

/** What a bundle is written with. */
export interface WriteBundleOptions extends Call {
  readonly subject: Descriptor;
  readonly predicateType: string;
  /** When it was made. */
  readonly created: Date;
}

/** Stores the config that every bundle's manifest has. Throws what the store throws. */
export async function writeEmptyConfig(store: ArtifactStore, call: Call): Promise<void> {
  await store.pushBlob(emptyConfig, emptyConfigMediaType, call);
}

/**
 * Stores a bundle as a referrer of the image: one manifest with the empty config, the bundle as its only layer and
 * the image as its subject. Throws what the store throws.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export async function writeBundle(
  store: ArtifactStore,
  bundle: Uint8Array,
  { subject, predicateType, created, ...call }: WriteBundleOptions,
): Promise<Descriptor> {
  const [, layer] = await Promise.all([
    store.pushBlob(emptyConfig, emptyConfigMediaType, call),
    store.pushBlob(bundle, bundleMediaType, call),
  ]);
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    artifactType: bundleMediaType,
    config: { mediaType: emptyConfigMediaType, size: emptyConfig.length, digest: digestOf(emptyConfig) },
    layers: [{ mediaType: bundleMediaType, size: layer.size, digest: layer.digest }],
    annotations: {
      [bundleAnnotations.content]: "dsse-envelope",
      [bundleAnnotations.predicateType]: predicateType,
      [bundleAnnotations.created]: created.toISOString().replace(/\.\d+Z$/, "Z"),
    },
    subject: { mediaType: subject.mediaType, size: subject.size, digest: subject.digest },
  };
  return await store.pushManifest(new TextEncoder().encode(JSON.stringify(manifest)), manifestMediaType, call);
}
