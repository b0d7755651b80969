import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "@sc/http";
import { createKeySigner, createTimestampWitness, decodeTrustRoot, signBlob, verifyBlob } from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newKey, outcomeOf } from "./sign-support.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) process.stderr.write("openssl is not installed: no timestamp of another implementation is verified\n");

const folder = mkdtempSync(join(tmpdir(), "sc-tsa-"));
const at = (name: string): string => join(folder, name);

const configuration = `
[tsa]
default_tsa = authority
[authority]
serial = ${at("serial")}
signer_cert = ${at("tsa.pem")}
signer_key = ${at("tsa.key")}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
certs = ${at("ca.pem")}
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[req]
distinguished_name = name
[name]
`;

function openssl(...words: readonly string[]): void {
  execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
}

function der(name: string): string {
  return /-----BEGIN CERTIFICATE-----([^-]+)/.exec(readFileSync(at(name), "utf8"))?.[1]?.replaceAll(/\s/g, "") ?? "";
}

function rootOf(timestampAuthorities: readonly object[]): Uint8Array {
  const mediaType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
  const root = { mediaType, tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities };
  return Buffer.from(JSON.stringify(root));
}

function authorityAt(uri: string): object {
  return {
    subject: { organization: "o", commonName: "c" },
    uri,
    certChain: { certificates: [der("tsa.pem"), der("ca.pem")].map((rawBytes) => ({ rawBytes })) },
    validFor: { start: "2020-01-01T00:00:00Z" },
  };
}

interface Asked {
  readonly path: string;
  readonly type: string;
  readonly query: Buffer;
}

describe.skipIf(!hasOpenssl)("a timestamp authority that speaks RFC 3161 and nothing of Sigstore's", () => {
  let server: Server;
  let url: string;
  let client: HttpClient;
  const asked: Asked[] = [];
  let status = 200;
  /** Options of openssl that name another signer. */
  let signedBy: readonly string[] = [];
  /** Whether it answers what it answered before. */
  let replaying = false;

  beforeAll(async () => {
    writeFileSync(at("openssl.cnf"), configuration);
    writeFileSync(at("serial"), "01\n");
    const newCertificate = ["req", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const ca = ["-x509", "-nodes", "-days", "2", "-subj", "/CN=test ca", "-extensions", "ca"];
    openssl(...newCertificate, ...ca, "-keyout", "ca.key", "-out", "ca.pem");
    openssl(...newCertificate, "-nodes", "-subj", "/CN=test tsa", "-keyout", "tsa.key", "-out", "tsa.csr");
    const leaf = ["-set_serial", "7", "-days", "2", "-extfile", "openssl.cnf", "-extensions", "leaf"];
    openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", ...leaf, "-out", "tsa.pem");
    // The same names and the same number by somebody else, with keys of their own.
    openssl(...newCertificate, ...ca, "-keyout", "rogue-ca.key", "-out", "rogue-ca.pem");
    openssl(...newCertificate, "-nodes", "-subj", "/CN=test tsa", "-keyout", "rogue.key", "-out", "rogue.csr");
    const rogue = ["-in", "rogue.csr", "-CA", "rogue-ca.pem", "-CAkey", "rogue-ca.key", ...leaf];
    openssl("x509", "-req", ...rogue, "-out", "rogue.pem");
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const query = Buffer.concat(chunks);
        asked.push({ path: request.url ?? "", type: request.headers["content-type"] ?? "", query });
        writeFileSync(at("query.tsq"), query);
        const reply = ["ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"];
        if (!replaying) openssl(...reply, ...signedBy);
        response.writeHead(status, { "content-type": "application/timestamp-reply" });
        response.end(readFileSync(at("reply.tsr")));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/tsr`;
    client = createHttpClient({ retry: { tries: 1 } });
  });

  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  test("is asked at its own address in DER that openssl reads, and what it answers proves the time (SIGN-2)", async () => {
    const key = newKey();
    const signer = createKeySigner(key.privateKey, { witnesses: [createTimestampWitness({ url, client })] });
    const blob = Buffer.from("content");
    const bundle = await signBlob(blob, signer);
    expect(asked.map(({ path, type }) => [path, type])).toEqual([["/tsr", "application/timestamp-query"]]);
    const shown = execFileSync("openssl", ["ts", "-query", "-in", at("query.tsq"), "-text"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    expect(shown).toMatch(
      /Hash Algorithm: sha256[\s\S]*Policy OID: unspecified[\s\S]*Nonce: 0x[\s\S]*Certificate required: yes/,
    );
    const validity = { end: new Date(Date.now() + 3_600_000) };
    const keys = [{ ...key.publicKey, validity }];
    const trustRoot = decodeTrustRoot(rootOf([authorityAt(url)]), "root");
    const { facts } = verifyBlob(bundle, blob, { keys, trustRoot });
    expect(facts.checks).toContain("timestamp");
    expect(facts.signedAt).toBeDefined();
    const nobody = decodeTrustRoot(rootOf([]), "root");
    expect(await outcomeOf(() => verifyBlob(bundle, blob, { keys, trustRoot: nobody }))).toBe("TIMESTAMP_INVALID");
  });

  test("whose certificate somebody else imitates, name and number, is not whom that one's timestamps are by (timestamp-authority GHSA-xm5m-wgh2-rrg3)", async () => {
    const key = newKey();
    const signer = createKeySigner(key.privateKey, { witnesses: [createTimestampWitness({ url, client })] });
    const keys = [{ ...key.publicKey, validity: { end: new Date(Date.now() + 3_600_000) } }];
    const by = { keys, trustRoot: decodeTrustRoot(rootOf([authorityAt(url)]), "root") };
    const blob = Buffer.from("content");
    const verdictBy = async (words: readonly string[]): Promise<string> => {
      signedBy = words;
      const bundle = await signBlob(blob, signer);
      signedBy = [];
      return await outcomeOf(() => verifyBlob(bundle, blob, by));
    };
    expect(await verdictBy([])).toBe("accepted");
    expect(await verdictBy(["-signer", "rogue.pem", "-inkey", "rogue.key", "-chain", "rogue-ca.pem"])).toBe(
      "TIMESTAMP_INVALID",
    );
    // With the true certificate beside the signature of the wrong key.
    expect(await verdictBy(["-signer", "rogue.pem", "-inkey", "rogue.key", "-chain", "tsa.pem"])).toBe(
      "TIMESTAMP_INVALID",
    );
  });

  test("that refuses, or answers what it answered before, gives no signature (SIGN-2)", async () => {
    const witness = createTimestampWitness({ url, client });
    // The same content gives the same signature, so that the number of the request alone tells the answers apart.
    const { privateKey } = generateKeyPairSync("ed25519");
    const signer = createKeySigner(privateKey, { witnesses: [witness] });
    const sign = (content: string) => outcomeOf(() => signBlob(Buffer.from(content), signer));
    expect(await sign("a")).toBe("accepted");
    status = 403;
    expect(await sign("a")).toBe("SIGNING_SERVICE_REFUSED");
    status = 200;
    replaying = true;
    expect(await sign("a")).toBe("SIGNING_SERVICE_INVALID");
    expect(await sign("b")).toBe("SIGNING_SERVICE_INVALID");
  });
});
