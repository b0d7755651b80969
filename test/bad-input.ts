import { digestOf } from "@sc/model";
import type { CredentialOptions } from "@sc/oci";
import {
  buildLayer,
  type BuiltLayer,
  type FaultEffect,
  packLayer,
  type RegistryOptions,
  tarBody,
  tarEnd,
  tarHeader,
} from "@sc/testing";

/** The layer of an image with which nothing is wrong. */
export const good: BuiltLayer = buildLayer([{ path: "etc/os-release", content: "ID=test\n".repeat(2000) }]);

/** One thing that is wrong, and the error it has to become. */
export interface Bad {
  readonly name: string;
  readonly code: string;
  readonly exit: 1 | 2 | 3 | 4;
  readonly registry?: RegistryOptions;
  /** The layer of the image. Default: a good one. */
  readonly layer?: BuiltLayer;
  /** What is wrong with the descriptor or the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly fault?: { readonly path: RegExp; readonly effect: FaultEffect };
  readonly credentials?: CredentialOptions;
  /** What stands in the manifest's place, under its own right digest. */
  readonly document?: string;
  /** Whether a copy notices too; what is wrong inside a layer is copied as it is. Default: true. */
  readonly copyFails?: boolean;
}

const blobs = /\/blobs\/sha256/;
const layerBlob = new RegExp(`/blobs/${good.descriptor.digest}`);
const manifests = /\/manifests\//;
const badChecksum = packLayer(
  Buffer.concat([tarHeader({ path: "a", size: 1, checksum: 1 }), tarBody(Buffer.from("a")), tarEnd()]),
);
const truncatedGzip = cutLayer(good, good.bytes.length - 12);
const truncatedTar = packLayer(Buffer.from(good.tar).subarray(0, 1024));
const refused = (status: number, headers: Readonly<Record<string, string>> = {}): FaultEffect => ({
  type: "status",
  status,
  headers,
});

/** Everything that is wrong on the wire or in an image. */
export const badInput: readonly Bad[] = [
  {
    name: "one flipped bit of a layer",
    code: "DIGEST_MISMATCH",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "corrupt", atByte: 40 } },
  },
  {
    name: "one flipped bit of a configuration",
    code: "DIGEST_MISMATCH",
    exit: 4,
    fault: { path: blobs, effect: { type: "corrupt", atByte: 5 } },
  },
  {
    name: "one flipped bit of a manifest",
    code: "DIGEST_MISMATCH",
    exit: 4,
    fault: { path: manifests, effect: { type: "corrupt", atByte: 5 } },
  },
  {
    name: "a layer that is shorter than its descriptor",
    code: "SIZE_MISMATCH",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "truncate", toBytes: 30 } },
  },
  {
    name: "a layer that is longer than its descriptor",
    code: "SIZE_MISMATCH",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "append", bytes: Buffer.from("more") } },
  },
  {
    name: "a layer that never ends",
    code: "SIZE_MISMATCH",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "endless" } },
  },
  {
    name: "a layer whose gzip stream is cut",
    code: "COMPRESSION_INVALID",
    exit: 4,
    layer: truncatedGzip,
    copyFails: false,
  },
  { name: "a layer whose tar is cut", code: "TAR_TRUNCATED", exit: 4, layer: truncatedTar, copyFails: false },
  { name: "a tar header with a wrong checksum", code: "TAR_INVALID", exit: 4, layer: badChecksum, copyFails: false },
  {
    name: "a manifest of an unknown media type",
    code: "MEDIA_TYPE_UNSUPPORTED",
    exit: 4,
    manifest: { mediaType: "application/vnd.example.thing" },
  },
  {
    name: "a manifest that is not JSON",
    code: "JSON_INVALID",
    exit: 4,
    document: "{",
  },
  {
    name: "a manifest that is larger than any real one",
    code: "MANIFEST_TOO_LARGE",
    exit: 4,
    document: JSON.stringify({ annotations: { much: "x".repeat(8 * 1024 * 1024) } }),
  },
  {
    name: "401 in spite of the password",
    code: "OCI_UNAUTHORIZED",
    exit: 4,
    registry: { auth: { scheme: "basic", users: { ann: "another" } } },
  },
  {
    name: "a token service that refuses the password",
    code: "OCI_UNAUTHORIZED",
    exit: 4,
    registry: { auth: { scheme: "bearer", users: { ann: "another" } } },
  },
  { name: "403", code: "REGISTRY_DENIED", exit: 4, fault: { path: manifests, effect: refused(403) } },
  { name: "404", code: "IMAGE_NOT_FOUND", exit: 4, fault: { path: manifests, effect: refused(404) } },
  { name: "404 for a layer", code: "BLOB_NOT_FOUND", exit: 4, fault: { path: layerBlob, effect: refused(404) } },
  {
    name: "429 again and again",
    code: "REGISTRY_RATE_LIMITED",
    exit: 4,
    fault: { path: manifests, effect: refused(429, { "retry-after": "0" }) },
  },
  { name: "500 again and again", code: "REGISTRY_FAILED", exit: 4, fault: { path: manifests, effect: refused(500) } },
  {
    name: "503 for a layer again and again",
    code: "REGISTRY_FAILED",
    exit: 4,
    fault: { path: layerBlob, effect: refused(503) },
  },
  {
    name: "a connection that breaks again and again",
    code: "CONNECTION_LOST",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "drop", afterBytes: 0 } },
  },
  {
    name: "a server that falls silent",
    code: "HTTP_TIMEOUT",
    exit: 4,
    fault: { path: layerBlob, effect: { type: "stall", afterBytes: 0 } },
  },
  { name: "a server whose certificate nobody vouches for", code: "TLS_FAILED", exit: 4, registry: { tls: {} } },
  {
    name: "a redirect to an address inside",
    code: "REDIRECT_REFUSED",
    exit: 4,
    fault: { path: layerBlob, effect: refused(307, { location: "http://169.254.169.254/latest/meta-data" }) },
  },
  {
    name: "redirects in a circle",
    code: "TOO_MANY_REDIRECTS",
    exit: 4,
    fault: { path: /\/blobs\/(?:again|sha256)/, effect: refused(307, { location: "/v2/app/blobs/again" }) },
  },
];

function cutLayer(layer: BuiltLayer, length: number): BuiltLayer {
  const bytes = Buffer.from(layer.bytes).subarray(0, length);
  return { ...layer, bytes, descriptor: { ...layer.descriptor, digest: digestOf(bytes), size: length } };
}
