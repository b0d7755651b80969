import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createTokenIssuer, type TokenIssuer } from "./identity-token.ts";
import { decodeTimestampQuery } from "./timestamp-query.ts";
import { canonicalJson, createTransparencyLog, type TransparencyLog } from "./transparency-log.ts";

/** How the authorities behave. May be changed while they run. */
export interface SigstoreSettings {
  /**
   * Answers requests to a path that contains the text with this status; `lost` carries the request out and closes the
   * connection without a word. The first `times` of them, or every one.
   */
  failing: { readonly path: string; readonly status: number | "lost"; times?: number } | undefined;
}

/** One request that an authority got. */
export interface SigstoreRequest {
  readonly path: string;
  readonly body: string;
}

/** What a certificate is asked for with. */
export interface CertificateWish {
  readonly publicKey: KeyObject;
  readonly subject: string;
  readonly extensions?: readonly { readonly oid: string; readonly value: string; readonly legacy?: boolean }[];
  /** Whether the CT log's promise in it is its own, that of another certificate, or missing. Its own by default. */
  readonly logged?: "own" | "another" | "none";
  /** When it was issued, if not by the authorities' clock; it is good for ten minutes. */
  readonly issuedAt?: Date;
}

/** A certificate authority with a CT log, two transparency logs and a timestamp authority, on loopback, fresh keys. */
export interface TestSigstore extends AsyncDisposable {
  /** The base URL of all services. */
  readonly origin: string;
  /** The trusted root of these authorities, JSON. */
  readonly trustedRoot: Uint8Array;
  readonly settings: SigstoreSettings;
  readonly requests: SigstoreRequest[];
  readonly issuer: TokenIssuer;
  /** What all their clocks show. */
  readonly clock: Date;
  readonly logs: { readonly v1: TransparencyLog; readonly v2: TransparencyLog };
  /** The authority's own certificate, DER. */
  readonly rootCertificate: Uint8Array;
  /** Issues a signing certificate without asking who wants it, DER. */
  issueCertificate(wish: CertificateWish): Promise<Uint8Array>;
}

/** How authorities are started. */
export interface SigstoreOptions {
  /** By how much their clock is ahead of that of others that are started now. */
  readonly laterSeconds?: number;
}

interface Services {
  readonly issue: (wish: CertificateWish) => Promise<Uint8Array>;
  readonly rootCertificate: Uint8Array;
  readonly timestamp: (body: string) => Promise<{ readonly statusCode: number; readonly response: unknown }>;
  readonly issuer: TokenIssuer;
  readonly logs: { readonly v1: TransparencyLog; readonly v2: TransparencyLog };
  readonly now: () => Date;
  /** What version 1 of the log answered, by the entry's identifier. */
  readonly known: Map<string, object>;
}

/** Starts the authorities. Everything they say can be verified with `trustedRoot` and nothing else. */
export async function startSigstore({ laterSeconds = 0 }: SigstoreOptions = {}): Promise<TestSigstore> {
  // Loaded here: their dependencies take longer than most tests that do not want them.
  // oxlint-disable-next-line no-restricted-imports -- the package's index replaces node:http's requests when loaded
  const { initializeCA, initializeCTLog } = await import("@sigstore/mock/dist/fulcio/index.js");
  // oxlint-disable-next-line no-restricted-imports -- as above
  const { initializeTSA, tsaHandler } = await import("@sigstore/mock/dist/timestamp/index.js");
  // One instant for all, in whole seconds: fractions of a second in a timestamp are not read by the verifier. Later than
  // the roots, which take the present as the beginning of their validity.
  const clock = new Date(Math.floor(Date.now() / 1000) * 1000 + 2000 + laterSeconds * 1000);
  const ctLog = await initializeCTLog(ecKey(), clock);
  const authorityKey = ecKey();
  const authority = await initializeCA(authorityKey, ctLog, clock);
  const tsa = await initializeTSA(ecKey(), clock);
  const settings: SigstoreSettings = { failing: undefined };
  const requests: SigstoreRequest[] = [];
  const issuer = createTokenIssuer();
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const logs = { v1: createTransparencyLog(host, 1), v2: createTransparencyLog("127.0.0.1", 2) };
  const rootCertificate = bytesOf(authority.rootCertificate);
  const issue = async (asked: CertificateWish): Promise<Uint8Array> => {
    const { publicKey, subject, extensions = [], logged = "own", issuedAt = clock } = asked;
    const der = publicKey.export({ format: "der", type: "spki" });
    const wish = { publicKey: Buffer.from(der), subjectAltName: subject, extensions: [...extensions] };
    if (logged === "own" && issuedAt === clock) return bytesOf(await authority.issueCertificate(wish));
    // The same authority, by its key and name, with another log or clock.
    const unlogged = await initializeCA(authorityKey, undefined, issuedAt);
    const another = await unlogged.issueCertificate({ ...wish, subjectAltName: `${subject}/another` });
    const strange =
      logged === "another"
        ? {
            ...ctLog,
            log: async (_: ArrayBuffer, id: ArrayBuffer) =>
              await ctLog.log(new Uint8Array(bytesOf(another)).buffer, id),
          }
        : ctLog;
    const other = logged === "none" ? unlogged : await initializeCA(authorityKey, strange, issuedAt);
    return bytesOf(await other.issueCertificate(wish));
  };
  const services: Services = {
    issue,
    rootCertificate,
    timestamp: tsaHandler(tsa).fn,
    issuer,
    logs,
    now: () => clock,
    known: new Map(),
  };
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    serve({ request, response, settings, requests, services }).catch((error: unknown) => {
      response.writeHead(400).end(String(error));
    });
  });
  return {
    origin: `http://${host}`,
    trustedRoot: trustedRoot({
      host,
      logs,
      authority: rootCertificate,
      ctLogKey: ctLog.publicKey,
      timestampers: [bytesOf(tsa.intCertificate), bytesOf(tsa.rootCertificate)],
    }),
    settings,
    requests,
    issuer,
    clock,
    logs,
    rootCertificate,
    issueCertificate: issue,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = Promise.withResolvers<void>();
      server.close(() => {
        closed.resolve();
      });
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function ecKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function base64Hex(text: string): string {
  return Buffer.from(text, "base64").toString("hex");
}

function sha256Value(bytes: Uint8Array | string): object {
  return { algorithm: "sha256", value: createHash("sha256").update(bytes).digest("hex") };
}

function spki(log: TransparencyLog): Uint8Array {
  return log.publicKey.export({ format: "der", type: "spki" });
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly settings: SigstoreSettings;
  readonly requests: SigstoreRequest[];
  readonly services: Services;
}

async function serve({ request, response, settings, requests, services }: Exchange): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const body = bytes.toString();
  const path = request.url ?? "";
  requests.push({ path, body });
  const failure = failureOf(settings, path);
  if (failure !== undefined && failure !== "lost") {
    response.writeHead(failure).end("refused");
    return;
  }
  const isQuery = request.headers["content-type"] === "application/timestamp-query";
  const answer = await route(path, isQuery ? JSON.stringify(decodeTimestampQuery(bytes)) : body, services);
  if (failure === "lost") {
    request.socket.destroy();
    return;
  }
  if (answer !== undefined && "existing" in answer) {
    response.writeHead(409, { location: `/api/v1/log/entries/${String(answer.existing)}` }).end("exists");
    return;
  }
  const content = answer instanceof Uint8Array ? answer : JSON.stringify(answer);
  response.writeHead(answer === undefined ? 404 : 201, { "content-type": "application/json" }).end(content);
}

function failureOf({ failing }: SigstoreSettings, path: string): number | "lost" | undefined {
  if (failing === undefined || !path.includes(failing.path) || failing.times === 0) return undefined;
  if (failing.times !== undefined) failing.times -= 1;
  return failing.status;
}

async function route(path: string, body: string, services: Services): Promise<object | undefined> {
  switch (path) {
    case "/api/v2/signingCert":
      return await signingCertificate(JSON.parse(body), services);
    case "/api/v1/log/entries":
      return logVersion1(JSON.parse(body), services);
    case "/api/v2/log/entries":
      return logVersion2(JSON.parse(body), services);
    // Sigstore's own address, and one as other authorities have it.
    case "/api/v1/timestamp":
    case "/tsr": {
      const { statusCode, response } = await services.timestamp(body);
      if (statusCode !== 201 || !ArrayBuffer.isView(response)) throw new TypeError(String(response));
      return bytesOf(response);
    }
    default:
      return services.known.get(/^\/api\/v1\/log\/entries\/([0-9a-f]+)$/.exec(path)?.[1] ?? "");
  }
}

interface CertificateRequestBody {
  readonly credentials: { readonly oidcIdentityToken: string };
  readonly publicKeyRequest: {
    readonly publicKey: { readonly content: string };
    readonly proofOfPossession: string;
  };
}

const claimExtensions: Readonly<Record<string, string>> = {
  job_workflow_ref: "9",
  runner_environment: "11",
  repository: "12",
  sha: "13",
  ref: "14",
  repository_owner: "16",
  event_name: "20",
};

// The older extensions, which hold the bare text; asked for by names of their own, so that a token may do without them.
const olderExtensions: Readonly<Record<string, string>> = {
  older_event_name: "2",
  older_sha: "3",
  older_workflow: "4",
  older_repository: "5",
  older_ref: "6",
};

// As Fulcio: the token is its issuer's, and whoever shows it holds the key.
async function signingCertificate(
  body: CertificateRequestBody,
  { issue, issuer, rootCertificate }: Services,
): Promise<object> {
  const claims = issuer.read(body.credentials.oidcIdentityToken);
  const publicKey = createPublicKey(body.publicKeyRequest.publicKey.content);
  const proof = Buffer.from(body.publicKeyRequest.proofOfPossession, "base64");
  if (!verify("sha256", Buffer.from(String(claims["sub"])), publicKey, proof))
    throw new TypeError("no proof of possession");
  const iss = String(claims["iss"]);
  const extensions = [
    { oid: "1.3.6.1.4.1.57264.1.1", value: iss, legacy: true },
    { oid: "1.3.6.1.4.1.57264.1.8", value: iss },
    ...Object.entries(claimExtensions)
      .filter(([claim]) => typeof claims[claim] === "string")
      .map(([claim, number]) => ({ oid: `1.3.6.1.4.1.57264.1.${number}`, value: String(claims[claim]) })),
    ...Object.entries(olderExtensions)
      .filter(([claim]) => typeof claims[claim] === "string")
      .map(([claim, number]) => ({ oid: `1.3.6.1.4.1.57264.1.${number}`, value: String(claims[claim]), legacy: true })),
  ];
  const leaf = await issue({ publicKey, subject: String(claims["job_workflow_ref"] ?? claims["sub"]), extensions });
  const certificates = [leaf, rootCertificate].map(
    (der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`,
  );
  return { signedCertificateEmbeddedSct: { chain: { certificates } } };
}

interface ProposedEntry {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: {
    readonly proposedContent?: { readonly envelope: string; readonly verifiers: readonly string[] };
  };
}

// As Rekor v1: what is stored is the canonical entry, not what was proposed.
function logVersion1(proposed: ProposedEntry, { logs, now, known }: Services): object {
  const content = proposed.spec.proposedContent;
  const body = content === undefined ? proposed : { ...proposed, spec: canonicalDsse(content) };
  // What is in the log already is not added again, and the answer says where it is.
  const identifier = createHash("sha256").update(canonicalJson(body)).digest("hex");
  if (known.has(identifier)) return { existing: identifier };
  const entry = logs.v1.append(body, now());
  const { inclusionProof } = entry;
  const answer = {
    [identifier]: {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logID: base64Hex(entry.logId.keyId),
      logIndex: Number(entry.logIndex),
      verification: {
        inclusionProof: {
          checkpoint: inclusionProof.checkpoint.envelope,
          hashes: inclusionProof.hashes.map(base64Hex),
          logIndex: Number(inclusionProof.logIndex),
          rootHash: base64Hex(inclusionProof.rootHash),
          treeSize: Number(inclusionProof.treeSize),
        },
        signedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp,
      },
    },
  };
  known.set(identifier, answer);
  return answer;
}

function canonicalDsse(content: { readonly envelope: string; readonly verifiers: readonly string[] }): object {
  const envelope: { payload: string; signatures: { sig: string }[] } = JSON.parse(content.envelope);
  return {
    envelopeHash: sha256Value(content.envelope),
    payloadHash: sha256Value(Buffer.from(envelope.payload, "base64")),
    signatures: envelope.signatures.map(({ sig }, index) => ({ signature: sig, verifier: content.verifiers[index] })),
  };
}

interface HashedRequest {
  readonly hashedRekordRequestV002: {
    readonly digest: string;
    readonly signature: { readonly content: string; readonly verifier: object };
  };
}

function logVersion2({ hashedRekordRequestV002 }: HashedRequest, { logs, now }: Services): object {
  const { digest, signature } = hashedRekordRequestV002;
  const data = { algorithm: "SHA2_256", digest };
  const spec = { hashedRekordV002: { data, signature } };
  return logs.v2.append({ apiVersion: "0.0.2", kind: "hashedrekord", spec }, now());
}

interface TrustedParts {
  readonly host: string;
  readonly logs: { readonly v1: TransparencyLog; readonly v2: TransparencyLog };
  readonly authority: Uint8Array;
  readonly ctLogKey: Uint8Array;
  readonly timestampers: readonly Uint8Array[];
}

function trustedRoot({ host, logs, authority, ctLogKey, timestampers }: TrustedParts): Uint8Array {
  const validFor = { start: "2020-01-01T00:00:00Z" };
  const logOf = (key: Uint8Array, keyDetails: string, keyId: Uint8Array): object => ({
    baseUrl: `http://${host}`,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: base64(key), keyDetails, validFor },
    logId: { keyId: base64(keyId) },
  });
  const authorityOf = (certificates: readonly Uint8Array[]): object => ({
    subject: { organization: "sc tests", commonName: "authority" },
    uri: `http://${host}`,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: base64(der) })) },
    validFor,
  });
  const ecdsa = "PKIX_ECDSA_P256_SHA_256";
  const root = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [logOf(spki(logs.v1), ecdsa, logs.v1.logId), logOf(spki(logs.v2), "PKIX_ED25519", logs.v2.logId)],
    certificateAuthorities: [authorityOf([authority])],
    ctlogs: [logOf(ctLogKey, ecdsa, createHash("sha256").update(ctLogKey).digest())],
    timestampAuthorities: [authorityOf(timestampers)],
  };
  return new TextEncoder().encode(JSON.stringify(root));
}
