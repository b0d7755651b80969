import { createHash, type KeyObject } from "node:crypto";
import type { HttpClient } from "@sc/http";
import { type Call, type Decoder, type JsonObject, ScError } from "@sc/model";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { certificatePem } from "./certificate.ts";
import { encodeEnvelope } from "./envelope.ts";
import { exchangeWith, readAnswer, refusedBy, type ServiceRequest, serviceUrl } from "./exchange.ts";
import type { KeyAlgorithm } from "./public-key.ts";
import type { Signature } from "./signer.ts";
import type { Testimony, Witness, WitnessedSignature } from "./witness.ts";

/** Which transparency log is written to. */
export interface RekorOptions {
  readonly url: string;
  readonly client: HttpClient;
  /** The log's interface: 1 gives a promise with a time, 2 a proof alone, so that a timestamp is needed beside it. */
  readonly version: 1 | 2;
}

/**
 * A transparency log as witness. Throws `SIGNING_SERVICE_REFUSED`, `SIGNING_SERVICE_INVALID`, and what requests throw.
 *
 * @see https://github.com/sigstore/rekor and https://github.com/sigstore/rekor-tiles
 */
export function createRekorWitness({ url, client, version }: RekorOptions): Witness {
  return {
    async testify(signed: WitnessedSignature, call: Call = {}): Promise<Testimony> {
      const at = serviceUrl(url, `/api/v${version}/log/entries`);
      const body = JSON.stringify(version === 1 ? proposedEntry(signed) : hashedRequest(signed));
      const answer = await fetchEntry({ client, service: "Rekor", url: at, body, ...call });
      const entry = readAnswer(answer, at, version === 1 ? readVersion1 : (document) => document.object());
      return { logEntries: [entry], timestamps: [] };
    },
  };
}

// An entry that is there already is no failure: the answer to an earlier try was lost. Rekor v1 then says where it is;
// of that only the identifier is believed, so that no answer leads to another server.
async function fetchEntry(request: ServiceRequest): Promise<Uint8Array> {
  const made = await exchangeWith(request);
  const identifier = made.status === 409 ? /\/([0-9a-f]{64,80})$/.exec(made.location ?? "")?.[1] : undefined;
  const found =
    identifier === undefined
      ? made
      : await exchangeWith({ ...withoutBody(request), url: `${request.url}/${identifier}` });
  if (found.status >= 200 && found.status < 300) return found.answer;
  throw refusedBy(request, found);
}

function withoutBody({ body: _body, ...request }: ServiceRequest): ServiceRequest {
  return request;
}

function proposedEntry({ signedBytes, signature, envelope }: WitnessedSignature): JsonObject {
  const verifier = encodeBase64(new TextEncoder().encode(materialPem(signature)));
  if (envelope === undefined) {
    const hash = { algorithm: "sha256", value: createHash("sha256").update(signedBytes).digest("hex") };
    const content = { content: encodeBase64(signature.bytes), publicKey: { content: verifier } };
    return { kind: "hashedrekord", apiVersion: "0.0.1", spec: { data: { hash }, signature: content } };
  }
  const json = JSON.stringify(encodeEnvelope({ ...envelope, signature: signature.bytes, keyId: "" }));
  const proposedContent = { envelope: json, verifiers: [verifier] };
  return { kind: "dsse", apiVersion: "0.0.1", spec: { proposedContent } };
}

function materialPem({ material }: Signature): string {
  return material.kind === "key" ? material.publicKey.pem : certificatePem(material.certificate);
}

// The log hashes with the algorithm that belongs to the key.
const keyDetails: Readonly<
  Record<KeyAlgorithm, readonly [details: string, hash: "sha256" | "sha384" | "sha512"] | undefined>
> = {
  "ecdsa-p256": ["PKIX_ECDSA_P256_SHA_256", "sha256"],
  "ecdsa-p384": ["PKIX_ECDSA_P384_SHA_384", "sha384"],
  "ecdsa-p521": ["PKIX_ECDSA_P521_SHA_512", "sha512"],
  "rsa-2048": ["PKIX_RSA_PKCS1V15_2048_SHA256", "sha256"],
  "rsa-3072": ["PKIX_RSA_PKCS1V15_3072_SHA256", "sha256"],
  "rsa-4096": ["PKIX_RSA_PKCS1V15_4096_SHA256", "sha256"],
  // Only its prehashed variant can be logged, which is another signature scheme.
  ed25519: undefined,
};

function hashedRequest({ signedBytes, signature }: WitnessedSignature): JsonObject {
  const { material } = signature;
  const algorithm: KeyAlgorithm = material.kind === "key" ? material.publicKey.algorithm : "ecdsa-p256";
  const known = keyDetails[algorithm];
  if (known === undefined)
    throw new ScError("KEY_INVALID", `a signature by a key of type ${algorithm} cannot be logged`);
  const [details, hash] = known;
  const verifier =
    material.kind === "key"
      ? { publicKey: { rawBytes: encodeBase64(spki(material.publicKey.key)) } }
      : { x509Certificate: { rawBytes: encodeBase64(material.certificate) } };
  return {
    hashedRekordRequestV002: {
      digest: encodeBase64(createHash(hash).update(signedBytes).digest()),
      signature: { content: encodeBase64(signature.bytes), verifier: { ...verifier, keyDetails: details } },
    },
  };
}

function spki(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "spki" });
}

// Rekor v1 answers in its own form: hexadecimal, numbers as numbers, the entry under its identifier.
function readVersion1(document: Decoder): JsonObject {
  const [identifier, second] = Object.keys(document.object());
  if (identifier === undefined || second !== undefined) throw document.wrong("one entry");
  const entry = document.member(identifier);
  const body = entry.member("body").string();
  const verification = entry.member("verification");
  const proof = verification.member("inclusionProof");
  const bodyJson = Buffer.from(decodeBase64(body, entry.path)).toString();
  const { kind = "", apiVersion = "" }: { kind?: string; apiVersion?: string } = JSON.parse(bodyJson);
  return {
    logIndex: String(entry.member("logIndex").count()),
    logId: { keyId: fromHex(entry.member("logID")) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry.member("integratedTime").count()),
    inclusionPromise: { signedEntryTimestamp: verification.member("signedEntryTimestamp").string() },
    inclusionProof: {
      logIndex: String(proof.member("logIndex").count()),
      rootHash: fromHex(proof.member("rootHash")),
      treeSize: String(proof.member("treeSize").count()),
      hashes: proof.member("hashes").array().map(fromHex),
      checkpoint: { envelope: proof.member("checkpoint").string() },
    },
    canonicalizedBody: body,
  };
}

function fromHex(at: Decoder): string {
  const text = at.string();
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) throw at.wrong("hexadecimal");
  return Buffer.from(text, "hex").toString("base64");
}
