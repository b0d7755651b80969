import { bundleFromJSON, type Bundle, type SerializedBundle } from "@sigstore/bundle";
import { X509Certificate } from "@sigstore/core";
import { Decoder, ScError } from "@sc/model";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { encodeEnvelope, type Envelope } from "./envelope.ts";
import { signLimits } from "./limits.ts";
import type { SigningMaterial } from "./signer.ts";
import { parseStrictJson } from "./strict-json.ts";
import type { Testimony } from "./witness.ts";

/** The media type of the bundles that are written. */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** What every bundle's media type begins with. */
export const bundleMediaTypePrefix = "application/vnd.dev.sigstore.bundle";

const versions: Readonly<Record<string, "0.1" | "0.2" | "0.3">> = {
  "application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
  "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
  "application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
  [bundleMediaType]: "0.3",
};

/** A bundle that follows its format; nothing in it is verified yet. */
export interface DecodedBundle {
  readonly version: "0.1" | "0.2" | "0.3";
  readonly bundle: Bundle;
}

/** What a new bundle holds. */
export interface BundleContent {
  readonly signed:
    | { readonly envelope: Omit<Envelope, "keyId"> }
    | { readonly digest: Uint8Array; readonly algorithm: string; readonly signature: Uint8Array };
  readonly material: SigningMaterial;
  /** What witnesses gave. */
  readonly testimony: Testimony;
}

/** How a bundle names a key: the base64 of the SHA-256 of its SubjectPublicKeyInfo, as cosign writes it. */
export function keyHint(keyId: string): string {
  return encodeBase64(Buffer.from(keyId.slice("sha256:".length), "hex"));
}

/** The bytes of a bundle of version 0.3 with one envelope or one signature over a file. */
export function encodeBundle(content: BundleContent): Uint8Array {
  const { signed, material, testimony } = content;
  const hint = material.kind === "key" ? keyHint(material.publicKey.id) : "";
  const identified =
    material.kind === "key"
      ? { publicKey: { hint } }
      : { certificate: { rawBytes: encodeBase64(material.certificate) } };
  const rfc3161Timestamps = testimony.timestamps.map((bytes) => ({ signedTimestamp: encodeBase64(bytes) }));
  const verificationMaterial = {
    ...identified,
    ...(testimony.logEntries.length === 0 ? {} : { tlogEntries: testimony.logEntries }),
    ...(rfc3161Timestamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps } }),
  };
  const document = {
    mediaType: bundleMediaType,
    verificationMaterial,
    ...("envelope" in signed
      ? // Without a key id, as cosign writes it: its verifier expects another form of id there and refuses any it does not know.
        { dsseEnvelope: encodeEnvelope({ ...signed.envelope, keyId: "" }) }
      : {
          messageSignature: {
            messageDigest: { algorithm: signed.algorithm, digest: encodeBase64(signed.digest) },
            signature: encodeBase64(signed.signature),
          },
        }),
  };
  return new TextEncoder().encode(JSON.stringify(document));
}

// The protobuf JSON form of a bundle. What is not in it is refused, as Go's reader does: a member that one reader
// ignores and another one honours is how two verifiers come to see two bundles.
type Shape = "text" | "bytes" | "integer" | readonly [Shape] | { readonly [member: string]: Shape };

const logId: Shape = { keyId: "bytes" };
const inclusionProof: Shape = {
  logIndex: "integer",
  rootHash: "bytes",
  treeSize: "integer",
  hashes: ["bytes"],
  checkpoint: { envelope: "text" },
};
const logEntry: Shape = {
  logIndex: "integer",
  logId,
  kindVersion: { kind: "text", version: "text" },
  integratedTime: "integer",
  inclusionPromise: { signedEntryTimestamp: "bytes" },
  inclusionProof,
  canonicalizedBody: "bytes",
};
const bundleShape: Shape = {
  mediaType: "text",
  verificationMaterial: {
    publicKey: { hint: "text" },
    x509CertificateChain: { certificates: [{ rawBytes: "bytes" }] },
    certificate: { rawBytes: "bytes" },
    tlogEntries: [logEntry],
    timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: "bytes" }] },
  },
  messageSignature: { messageDigest: { algorithm: "text", digest: "bytes" }, signature: "bytes" },
  dsseEnvelope: {
    payload: "bytes",
    payloadType: "text",
    signatures: [{ sig: "bytes", keyid: "text" }],
  },
};

/** The bundle that a document is. Throws `BUNDLE_INVALID`, `BUNDLE_VERSION_UNSUPPORTED`. */
export function decodeBundle(bytes: Uint8Array, where: string): DecodedBundle {
  try {
    const value = parseStrictJson(bytes, where);
    const document = new Decoder(value, where);
    refuseOtherForms(document, where);
    const mediaType = document.member("mediaType").string();
    const version = Object.hasOwn(versions, mediaType) ? versions[mediaType] : undefined;
    if (version === undefined) {
      const got = JSON.stringify(mediaType.slice(0, 100));
      throw new ScError("BUNDLE_VERSION_UNSUPPORTED", `${where}: wanted a bundle of version 0.1 to 0.3, got ${got}`);
    }
    checkShape(document, bundleShape);
    checkBounds(document);
    if (!isSerializedBundle(value)) throw document.wrong("a bundle");
    const bundle = bundleFromJSON(value);
    checkMaterial(bundle, { version, where });
    return { version, bundle };
  } catch (cause) {
    if (cause instanceof ScError && cause.code === "BUNDLE_VERSION_UNSUPPORTED") throw cause;
    const message = cause instanceof ScError ? cause.message : `${where}: not a Sigstore bundle`;
    throw new ScError("BUNDLE_INVALID", message, { cause });
  }
}

// What people have in their hands instead of a bundle, told by its members so that the answer says what is missing.
function refuseOtherForms(document: Decoder, where: string): void {
  const members = Object.keys(document.object());
  if (members.includes("mediaType")) return;
  const form = otherForms.find(({ member }) => members.includes(member));
  if (form === undefined) return;
  throw new ScError("BUNDLE_VERSION_UNSUPPORTED", `${where}: wanted a bundle of version 0.1 to 0.3, got ${form.name}`, {
    hint: form.hint,
  });
}

const otherForms = [
  {
    member: "payloadType",
    name: "a bare envelope",
    hint: "Give the Sigstore bundle: nothing in a bare envelope proves when it was signed, and no log is asked.",
  },
  {
    member: "provenance_summary",
    name: "Google Cloud Build's own form",
    hint: "Give a Sigstore bundle, or name an image with attestations: Google Cloud Build's form and keys are not read.",
  },
];

// The library's own reader checks the rest; its type only says that it takes parsed JSON.
function isSerializedBundle(value: unknown): value is SerializedBundle {
  return typeof value === "object" && value !== null && "mediaType" in value;
}

function checkShape(at: Decoder, shape: Shape): void {
  if (at.absent) return;
  if (shape === "text") at.string();
  else if (shape === "bytes") decodeBase64(at.string(), at.path);
  else if (shape === "integer") checkInteger(at);
  else if (isList(shape)) for (const element of at.array()) checkShape(present(element), shape[0]);
  else {
    for (const name of Object.keys(at.object())) {
      const member = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (member === undefined) throw at.member(name).wrong("no such member");
      checkShape(at.member(name), member);
    }
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function present(element: Decoder): Decoder {
  if (element.absent) throw element.wrong("an element");
  return element;
}

// Protobuf writes 64-bit integers as texts; as numbers they are only read where they are exact.
function checkInteger(at: Decoder): void {
  if (typeof at.value === "number") at.count();
  else if (!/^(?:0|[1-9][0-9]{0,18})$/.test(at.string())) throw at.wrong("a whole number");
}

function checkBounds(document: Decoder): void {
  const material = document.member("verificationMaterial");
  const timestamps = material.member("timestampVerificationData");
  const bounds: readonly (readonly [Decoder, number])[] = [
    [material.member("tlogEntries"), signLimits.maxLogEntries],
    [timestamps.absent ? timestamps : timestamps.member("rfc3161Timestamps"), signLimits.maxTimestamps],
  ];
  for (const [list, most] of bounds) {
    if (!list.absent && list.array().length > most) throw list.wrong(`at most ${most} elements`);
  }
  const contents = ["messageSignature", "dsseEnvelope"].filter((name) => !document.member(name).absent);
  if (contents.length !== 1) throw document.wrong("either a message signature or an envelope");
  const kinds = ["publicKey", "x509CertificateChain", "certificate"].filter((name) => !material.member(name).absent);
  if (kinds.length !== 1) throw material.wrong("exactly one of publicKey, x509CertificateChain and certificate");
}

interface CheckedBundle {
  readonly version: DecodedBundle["version"];
  readonly where: string;
}

function checkMaterial(bundle: Bundle, { version, where }: CheckedBundle): void {
  const { content } = bundle.verificationMaterial;
  if (content.$case === "publicKey" && bundle.content.$case === "dsseEnvelope") {
    const keyId = bundle.content.dsseEnvelope.signatures[0]?.keyid ?? "";
    if (keyId !== "" && keyId !== content.publicKey.hint) {
      throw new ScError("BUNDLE_INVALID", `${where}: the key hint and the envelope's key id are not the same`);
    }
  }
  if (content.$case !== "x509CertificateChain") return;
  const { certificates } = content.x509CertificateChain;
  if (certificates.length > signLimits.maxChain) {
    throw new ScError(
      "BUNDLE_INVALID",
      `${where}: ${certificates.length} certificates; at most ${signLimits.maxChain}`,
    );
  }
  // Clients of version 0.1 added the root, npm's still does; it is not read there either.
  if (version === "0.1") return;
  for (const { rawBytes } of certificates) {
    const certificate = X509Certificate.parse(Buffer.from(rawBytes));
    if (certificate.subject.equals(certificate.issuer)) {
      throw new ScError("BUNDLE_INVALID", `${where}: brings a root certificate, which only the trust root may do`);
    }
  }
}
