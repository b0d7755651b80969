import {
  Decoder,
  type Descriptor,
  type Digest,
  type JsonObject,
  type ManifestContent,
  parseJson,
  ScError,
} from "@sc/model";
import { signLimits } from "../limits.ts";

/** The media type of an OCI image manifest. */
export const manifestMediaType = "application/vnd.oci.image.manifest.v1+json";

const manifestMediaTypes: ReadonlySet<string> = new Set([
  manifestMediaType,
  "application/vnd.docker.distribution.manifest.v2+json",
]);

/** A manifest that holds signatures, as it stands. */
export interface AttachedManifest {
  readonly mediaType: string;
  readonly configMediaType: string;
  readonly layers: readonly Descriptor[];
  /** The layers as they are written, so that what is not understood here is kept. */
  readonly layersJson: readonly JsonObject[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly subject: Digest | undefined;
}

/** The manifest in fetched bytes. Throws `ATTACHMENT_INVALID` for an index, too many layers, or anything else. */
export function decodeAttachedManifest(content: ManifestContent, where: string): AttachedManifest {
  try {
    if (content.bytes.length > signLimits.maxManifestBytes) {
      throw new ScError("ATTACHMENT_INVALID", `${where}: a manifest of ${content.bytes.length} bytes`);
    }
    const document = new Decoder(parseJson(content.bytes, where), where);
    const mediaType =
      document.member("mediaType").optional((present) => present.string()) ?? content.descriptor.mediaType;
    if (!manifestMediaTypes.has(mediaType) || !document.member("manifests").absent) {
      throw document.member("mediaType").wrong("an image manifest");
    }
    const layers = document.member("layers").array();
    if (layers.length > signLimits.maxLayers) {
      throw new ScError("ATTACHMENT_INVALID", `${where}: ${layers.length} layers; at most ${signLimits.maxLayers}`);
    }
    return {
      mediaType,
      configMediaType: document.member("config").member("mediaType").string(),
      layers: layers.map(decodeDescriptor),
      layersJson: layers.map((layer) => layer.object()),
      annotations: document.member("annotations").optional((present) => present.strings()) ?? {},
      subject: document.member("subject").optional((present) => present.member("digest").digest()),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : where;
    throw new ScError("ATTACHMENT_INVALID", message, { cause });
  }
}

function decodeDescriptor(descriptor: Decoder): Descriptor {
  const annotations = descriptor.member("annotations").optional((present) => present.strings());
  return {
    mediaType: descriptor.member("mediaType").string(),
    digest: descriptor.member("digest").digest(),
    size: descriptor.member("size").count(),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
