import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Descriptor, isScError } from "@sc/model";
import { type ImageDestination, openRegistry, parseReference } from "@sc/oci";
import { createKeySigner, type PublicKey, type Signer } from "@sc/sign";
import { buildImage, buildLayer, pushImage, type TestRegistry } from "@sc/testing";

/** A key with what signs by it. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly signer: Signer;
  readonly publicKey: PublicKey;
}

/** The key with its signer. */
export function testKey(privateKey: KeyObject): TestKey {
  const signer = createKeySigner(privateKey);
  if (signer.publicKey === undefined) throw new TypeError("a key signer has a key");
  return { privateKey, signer, publicKey: signer.publicKey };
}

/** A fresh ECDSA key on P-256. */
export function newKey(): TestKey {
  return testKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
}

/** Two images of one repository, the first signed in the tests, the second never. */
export const images = [
  buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] }),
  buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "other" }])] }),
] as const;

/** The descriptors of the images. */
export const [image, otherImage]: readonly [Descriptor, Descriptor] = [
  { mediaType: images[0].descriptor.mediaType, digest: images[0].descriptor.digest, size: images[0].bytes.length },
  { mediaType: images[1].descriptor.mediaType, digest: images[1].descriptor.digest, size: images[1].bytes.length },
];

/** Puts both images in a repository and opens it. */
export function openImages(registry: TestRegistry, name: string): ImageDestination {
  pushImage(registry, `${name}:1`, images[0]);
  pushImage(registry, `${name}:2`, images[1]);
  return openRepository(registry, name);
}

/** Opens a repository of a registry. */
export function openRepository(registry: TestRegistry, name: string): ImageDestination {
  const reference = parseReference(`${registry.host}/${name}`);
  if (reference.scheme !== "registry") throw new TypeError("a registry's reference");
  return openRegistry(reference, { plainHttp: [registry.host] });
}

/** A statement of the signing type about the image, with members laid over it. */
export function statementOf(subject: Descriptor, members: object = {}): object {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: subject.digest.slice("sha256:".length) } }],
    predicateType: "https://sigstore.dev/cosign/sign/v1",
    predicate: {},
    ...members,
  };
}

/** What a bundle made by hand is made of. */
export interface HandMadeBundle {
  readonly key: KeyObject;
  readonly payload: string;
  readonly payloadType?: string;
  readonly hash?: string;
  /** Members laid over the bundle's. */
  readonly bundle?: object;
  readonly envelope?: object;
}

/** The JSON of a bundle, signed by hand: an implementation of the envelope that is not the package's own. */
export function bundleOf(parts: HandMadeBundle): string {
  const { key, payload, payloadType = "application/vnd.in-toto+json", hash = "sha256" } = parts;
  const body = Buffer.from(payload);
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${body.length} `),
    body,
  ]);
  return JSON.stringify({
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" } },
    dsseEnvelope: {
      payload: body.toString("base64"),
      payloadType,
      signatures: [{ sig: sign(hash, signed, key).toString("base64") }],
      ...parts.envelope,
    },
    ...parts.bundle,
  });
}

/** A referrer made by hand. */
export interface HandMadeReferrer {
  readonly bundle: string;
  readonly subject: Descriptor;
  /** Members laid over the manifest's. */
  readonly manifest?: object;
}

/** Stores a bundle as a referrer, as it is. */
export async function putReferrer(store: ImageDestination, referrer: HandMadeReferrer): Promise<Descriptor> {
  const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
  const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
  const layer = await store.pushBlob(Buffer.from(referrer.bundle), mediaType);
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: mediaType,
    config,
    layers: [layer],
    subject: referrer.subject,
    ...referrer.manifest,
  };
  return await store.pushManifest(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
}

/** The SHA-256 of a text in hexadecimal. */
export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The code that a call ends with, or `accepted`. */
export async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return "accepted";
  } catch (error) {
    if (isScError(error)) return error.code;
    throw error;
  }
}

/** All that an error says, with its causes, its stack and its hidden members. */
export function spoken(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = Object.getOwnPropertyNames(error).map((name) => JSON.stringify(Reflect.get(error, name)));
  return [String(error), error.stack, ...own, error.cause === undefined ? "" : spoken(error.cause)].join("\n");
}
