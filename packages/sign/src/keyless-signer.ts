import { generateKeyPair as generate, type KeyObject, sign, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import type { HttpClient } from "@sc/http";
import { type Call, type Decoder, hasCode, isJsonObject, parseJson, ScError } from "@sc/model";
import { encodeBase64 } from "./base64.ts";
import { askService, readAnswer, type ServiceRequest, serviceUrl } from "./exchange.ts";
import { isTokenText } from "./platform-token.ts";
import type { Signature, Signer } from "./signer.ts";
import type { Witness } from "./witness.ts";

/** What a keyless signer signs with. */
export interface KeylessSignerOptions {
  /** Gives the identity token, for the audience `sigstore`; asked again when the certificate has run out. */
  readonly identityToken: (call: Call) => Promise<string>;
  /** The certificate authority. */
  readonly fulcioUrl: string;
  readonly client: HttpClient;
  /**
   * Who proves the time, at least one: without it nobody can verify the signature after the certificate's ten minutes.
   */
  readonly witnesses: readonly Witness[];
  /** The present. */
  readonly now?: () => Date;
}

interface Identity {
  readonly key: KeyObject;
  readonly certificate: Uint8Array;
  readonly until: number;
}

const generateAsync = promisify(generate);
const marginMilliseconds = 60_000;

/**
 * A signer by identity: a key that lives in memory only, and a certificate for it by Fulcio. One certificate serves
 * all signatures made while it is valid. Throws `IDENTITY_TOKEN_INVALID`, `SIGNING_SERVICE_REFUSED`,
 * `SIGNING_SERVICE_INVALID`; the token is in no message.
 */
export function createKeylessSigner(options: KeylessSignerOptions): Signer {
  const { now = () => new Date(), witnesses } = options;
  if (witnesses.length === 0) {
    throw new ScError("POLICY_INVALID", "signing by identity: no log and no timestamp authority proves the time", {
      hint: "Name a transparency log or a timestamp authority.",
    });
  }
  let identity: Promise<Identity> | undefined;
  const current = async (call: Call): Promise<Identity> => {
    const known = await identity;
    if (known !== undefined && known.until > now().getTime()) return known;
    identity = requestIdentity(options, call);
    // What failed is asked again next time.
    identity.catch(() => (identity = undefined));
    return await identity;
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    witnesses,
    async sign(payload: Uint8Array, call: Call = {}): Promise<Signature> {
      // One after the other: signatures made at the same time share one certificate.
      const mine = turn.then(() => current(call));
      turn = mine.catch(() => undefined);
      const { key, certificate } = await mine;
      return { bytes: sign("sha256", payload, key), material: { kind: "certificate", certificate } };
    },
  };
}

async function requestIdentity(options: KeylessSignerOptions, call: Call): Promise<Identity> {
  const { client, fulcioUrl, identityToken } = options;
  const { now = () => new Date() } = options;
  const token = await identityToken(call);
  const subject = tokenSubject(token);
  const { privateKey, publicKey } = await generateAsync("ec", { namedCurve: "P-256" });
  const content = publicKey.export({ format: "pem", type: "spki" }).toString();
  const proofOfPossession = encodeBase64(sign("sha256", Buffer.from(subject), privateKey));
  const body = JSON.stringify({
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: { publicKey: { algorithm: "ECDSA", content }, proofOfPossession },
  });
  const url = serviceUrl(fulcioUrl, "/api/v2/signingCert");
  const asked = now().getTime();
  const answer = await askFulcio({ client, service: "Fulcio", url, body, secret: token, ...call }, asked);
  const certificate = readAnswer(answer, url, (document) => readCertificate(document, publicKey));
  // Counted from when it was asked for, by this clock alone: it may not be the authority's.
  const lifetime = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
  const until = asked + lifetime - marginMilliseconds;
  return { key: privateKey, certificate: certificate.raw, until };
}

// Whether a token has run out is for the authority to say, whose clock counts; ours only explains the refusal.
async function askFulcio(request: ServiceRequest & { readonly secret: string }, now: number): Promise<Uint8Array> {
  try {
    return await askService(request);
  } catch (error) {
    const { exp } = readClaims(request.secret);
    const expired = typeof exp === "number" && exp * 1000 < now;
    if (!hasCode(error, "SIGNING_SERVICE_REFUSED") || !expired) throw error;
    const at = new Date(exp * 1000).toISOString();
    const { facts, cause } = error;
    throw new ScError("IDENTITY_TOKEN_INVALID", `${error.message}: the identity token ran out at ${at}`, {
      hint: "Ask for a fresh token, or set this machine's clock.",
      facts,
      cause,
    });
  }
}

function readCertificate(document: Decoder, key: KeyObject): X509Certificate {
  const embedded = document.member("signedCertificateEmbeddedSct");
  const holder = embedded.absent ? document.member("signedCertificateDetachedSct") : embedded;
  const [leaf] = holder.member("chain").member("certificates").array();
  if (leaf === undefined) throw holder.wrong("a certificate");
  const certificate = new X509Certificate(leaf.string());
  if (!certificate.publicKey.equals(key)) throw leaf.wrong("a certificate for the key that was sent");
  return certificate;
}

/**
 * Whom a token is about, unverified: what Fulcio wants signed as proof that the key is held. Throws
 * `IDENTITY_TOKEN_INVALID`, never quoting the token.
 */
export function tokenSubject(token: string): string {
  const claims = readClaims(token);
  const verifiedEmail = claims["email_verified"] === true || claims["email_verified"] === "true";
  const subject = verifiedEmail && typeof claims["email"] === "string" ? claims["email"] : claims["sub"];
  if (typeof subject === "string" && subject !== "") return subject;
  throw new ScError("IDENTITY_TOKEN_INVALID", "identity token: names no subject");
}

/** For whom a token is, unverified. Throws `IDENTITY_TOKEN_INVALID`, never quoting the token. */
export function tokenAudience(token: string): readonly string[] {
  const { aud } = readClaims(token);
  const all: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return all.filter((one) => typeof one === "string");
}

function readClaims(token: string): Readonly<Record<string, unknown>> {
  // Cut before anything is made of it: a text of nothing but dots has as many parts as bytes (CVE-2025-66506).
  const parts = isTokenText(token) ? token.split(".", 4) : [];
  try {
    const claims = parseJson(Buffer.from(parts[1] ?? "", "base64url"), "identity token");
    if (parts.length === 3 && isJsonObject(claims)) return claims;
  } catch {
    // Not kept as cause: a parser quotes what it could not read.
  }
  throw new ScError("IDENTITY_TOKEN_INVALID", "identity token: not a JSON Web Token", {
    hint: "Give the token itself, not its URL or a file's name.",
  });
}
