import { generateKeyPairSync, sign } from "node:crypto";
import { digestOf } from "@sc/model";
import {
  attestImage,
  type IdentityPolicy,
  loadPublicGoodRoot,
  predicateTypes,
  type SignerPolicy,
  type TrustRoot,
  type VerifiedImage,
  type VerifiedStatement,
  verifyAttestation,
  verifyBundle,
} from "@sc/sign";
import { startRegistry } from "@sc/testing";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import {
  bundleOf,
  image,
  newKey,
  openImages,
  otherImage,
  outcomeOf,
  sha256,
  statementOf,
  testKey,
} from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };
const subject = { digest: image.digest };
const hex = image.digest.slice("sha256:".length);

function verdictOn(bundle: string, by: SignerPolicy = policy): Promise<string> {
  return outcomeOf(() => verifyBundle(Buffer.from(bundle), subject, by));
}

function signed(members: object = {}): string {
  return bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(image, members)) });
}

// As one bundle holds it; a policy without a trust root believes nothing of it.
const logEntry = {
  logIndex: "1",
  logId: { keyId: "AAAA" },
  kindVersion: { kind: "dsse", version: "0.0.1" },
  inclusionProof: { logIndex: "1", rootHash: "AAAA", treeSize: "2", hashes: [], checkpoint: { envelope: "x" } },
  canonicalizedBody: "AAAA",
};

function sig(bundle: string): object[] {
  return JSON.parse(bundle).dsseEnvelope.signatures;
}

describe("a bundle", () => {
  test("that is right is accepted, or nothing below would mean anything", async () => {
    expect(await verdictOn(signed())).toBe("accepted");
  });

  const payload = JSON.stringify(statementOf(image));
  const envelope = (members: object): string => bundleOf({ key: key.privateKey, payload, envelope: members });
  const cases: readonly (readonly [claim: string, code: string, bundle: () => string])[] = [
    [
      "whose payload is not a statement (CVE-2026-39395)",
      "STATEMENT_INVALID",
      () => bundleOf({ key: key.privateKey, payload: "{}" }),
    ],
    [
      "whose payload is not JSON (CVE-2026-39395)",
      "STATEMENT_INVALID",
      () => bundleOf({ key: key.privateKey, payload: "none" }),
    ],
    [
      "whose payload is of another type",
      "STATEMENT_INVALID",
      () => bundleOf({ key: key.privateKey, payload, payloadType: "text/plain" }),
    ],
    ["without a signature", "BUNDLE_INVALID", () => envelope({ signatures: [] })],
    ["with two signatures", "BUNDLE_INVALID", () => envelope({ signatures: [...sig(signed()), ...sig(signed())] })],
    [
      "about another image (CVE-2023-33959)",
      "SUBJECT_MISMATCH",
      () => bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(otherImage)) }),
    ],
    ["without a subject (sigstore-go 618325f)", "STATEMENT_INVALID", () => signed({ subject: [] })],
    ["with a subject that is null", "STATEMENT_INVALID", () => signed({ subject: [null] })],
    [
      "with a subject that is null beside the image",
      "STATEMENT_INVALID",
      () => signed({ subject: [null, { digest: { sha256: hex } }] }),
    ],
    ["with a subject without a digest", "STATEMENT_INVALID", () => signed({ subject: [{ digest: {} }] })],
    ["with the digest as sha1", "SUBJECT_MISMATCH", () => signed({ subject: [{ digest: { sha1: hex } }] })],
    ["with the digest as sha512", "SUBJECT_MISMATCH", () => signed({ subject: [{ digest: { sha512: hex } }] })],
    [
      "with the digest as sha1 beside another sha256",
      "SUBJECT_MISMATCH",
      () => signed({ subject: [{ digest: { sha1: hex, sha256: "0".repeat(64) } }] }),
    ],
    [
      "with the digest in upper case",
      "SUBJECT_MISMATCH",
      () => signed({ subject: [{ digest: { sha256: hex.toUpperCase() } }] }),
    ],
    ["with half the digest", "SUBJECT_MISMATCH", () => signed({ subject: [{ digest: { sha256: hex.slice(0, 32) } }] })],
    [
      "with more than 1024 subjects (CVE-2024-45395)",
      "STATEMENT_INVALID",
      () => signed({ subject: Array.from({ length: 1025 }, () => ({ digest: { sha256: hex } })) }),
    ],
    [
      "with a member twice in the statement",
      "STATEMENT_INVALID",
      () => bundleOf({ key: key.privateKey, payload: payload.replace("{", '{"predicateType":"x",') }),
    ],
    [
      "with a member twice by an escape",
      "STATEMENT_INVALID",
      () => bundleOf({ key: key.privateKey, payload: payload.replace("{", '{"predicate\\u0054ype":"x",') }),
    ],
    ["with a member twice in the bundle", "BUNDLE_INVALID", () => signed().replace("{", '{"mediaType":"x",')],
    ["with a member that is not in the format", "BUNDLE_INVALID", () => signed().replace("{", '{"extra":1,')],
    ["with white space in base64", "BUNDLE_INVALID", () => signed().replace('"payload":"ey', '"payload":"ey\\n')],
    [
      "with stray bits in base64",
      "BUNDLE_INVALID",
      () => envelope({ payload: Buffer.from(payload).toString("base64").replace(/=*$/, "").concat("A") }),
    ],
    ["of version 0.4", "BUNDLE_VERSION_UNSUPPORTED", () => signed().replace("v0.3", "v0.4")],
    [
      "of version 0.3 with something behind it",
      "BUNDLE_VERSION_UNSUPPORTED",
      () => signed().replace("v0.3+json", "v0.3+jsonx"),
    ],
    [
      "nested deeper than any statement",
      "STATEMENT_INVALID",
      () => signed({ predicate: { nested: JSON.parse("[".repeat(200) + "]".repeat(200)) } }),
    ],
    [
      "whose key id is not its key hint",
      "BUNDLE_INVALID",
      () => envelope({ signatures: [{ ...sig(signed())[0], keyid: "x" }] }),
    ],
    [
      "with 33 log entries (CVE-2024-45395)",
      "BUNDLE_INVALID",
      () => withMaterial({ tlogEntries: Array.from({ length: 33 }, () => logEntry) }),
    ],
    [
      "with 33 timestamps (CVE-2024-45395)",
      "BUNDLE_INVALID",
      () =>
        withMaterial({
          timestampVerificationData: {
            rfc3161Timestamps: Array.from({ length: 33 }, () => ({ signedTimestamp: "AAAA" })),
          },
        }),
    ],
    ["with a key and a certificate", "BUNDLE_INVALID", () => withMaterial({ certificate: { rawBytes: "" } })],
    [
      "with a log index beyond 2^53 as a number",
      "BUNDLE_INVALID",
      () => withMaterial({ tlogEntries: [{ ...logEntry, logIndex: 2 ** 60 }] }),
    ],
    ["by another key", "SIGNATURE_MISMATCH", () => bundleOf({ key: newKey().privateKey, payload })],
    [
      "whose signature is of r = s = 0",
      "SIGNATURE_MISMATCH",
      () => envelope({ signatures: [{ sig: Buffer.from("3006020100020100", "hex").toString("base64") }] }),
    ],
    [
      "whose signature has a byte behind it",
      "SIGNATURE_MISMATCH",
      () =>
        envelope({
          signatures: [
            {
              sig: Buffer.concat([
                Buffer.from(Object.values(sig(signed())[0] ?? {})[0], "base64"),
                Buffer.from([0]),
              ]).toString("base64"),
            },
          ],
        }),
    ],
  ];

  function withMaterial(members: object): string {
    const material = { publicKey: { hint: "" }, ...members };
    return bundleOf({ key: key.privateKey, payload, bundle: { verificationMaterial: material } });
  }

  test.each(cases)("%s is refused: %s", async (_claim, code, bundle) => {
    expect(await verdictOn(bundle())).toBe(code);
  });

  test("by a key on P-384 with SHA-256, as older tools made it, is read", async () => {
    const larger = testKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
    for (const hash of ["sha256", "sha384"]) {
      const bundle = bundleOf({ key: larger.privateKey, payload, hash });
      expect(await verdictOn(bundle, { keys: [larger.publicKey] })).toBe("accepted");
    }
    const wrong = bundleOf({ key: larger.privateKey, payload, hash: "sha512" });
    expect(await verdictOn(wrong, { keys: [larger.publicKey] })).toBe("SIGNATURE_MISMATCH");
  });

  test("with log entries is accepted by key without a trust root, which shows none of them", () => {
    const { facts } = verifyBundle(Buffer.from(withMaterial({ tlogEntries: [logEntry] })), subject, policy);
    expect(facts.logEntries).toEqual([]);
    expect(facts.checks).not.toContain("transparency-log");
  });

  test("over a file is refused when the digest it names is another file's", async () => {
    const file = Buffer.from("file");
    const messageOf = (digest: string): string =>
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
        verificationMaterial: { publicKey: { hint: "" } },
        messageSignature: {
          messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(digest, "hex").toString("base64") },
          signature: sign("sha256", file, key.privateKey).toString("base64"),
        },
      });
    const verdict = (bundle: string, bytes = file): Promise<string> =>
      outcomeOf(() => verifyBundle(Buffer.from(bundle), { bytes }, policy));
    expect(await verdict(messageOf(sha256(file)))).toBe("accepted");
    expect(await verdict(messageOf(sha256("other")))).toBe("SUBJECT_MISMATCH");
    expect(await verdict(messageOf(sha256("other")), Buffer.from("other"))).toBe("SIGNATURE_MISMATCH");
    expect(await outcomeOf(() => verifyBundle(Buffer.from(messageOf(sha256(file))), subject, policy))).toBe(
      "BUNDLE_INVALID",
    );
  });

  test("may have a predicate with the member __proto__, which stays an ordinary one", () => {
    const predicate = JSON.parse('{"__proto__":{"admin":true}}');
    const { statement } = verifyBundle(Buffer.from(signed({ predicate })), subject, policy);
    expect(JSON.stringify(statement?.predicate)).toBe('{"__proto__":{"admin":true}}');
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });

  test("of statement version 0.1 is read, since cosign writes it", async () => {
    expect(await verdictOn(signed({ _type: "https://in-toto.io/Statement/v0.1" }))).toBe("accepted");
    expect(await verdictOn(signed({ _type: "https://in-toto.io/Statement/v2" }))).toBe("STATEMENT_INVALID");
  });
});

describe("a policy", () => {
  let trustRoot: TrustRoot;
  beforeAll(async () => {
    trustRoot = await loadPublicGoodRoot();
  });
  const identity: IdentityPolicy = { subject: "a@example.org", issuer: "https://issuer.example.org" };
  const identityOf = (members: Partial<IdentityPolicy>): SignerPolicy => ({
    identities: [{ ...identity, ...members }],
    trustRoot,
  });

  const refused: readonly (readonly [claim: string, by: () => SignerPolicy])[] = [
    ["that asks for nobody (go-witness GHSA-vmvj, empty policy)", () => ({})],
    ["with an empty list of keys (sigstore-go 618325f)", () => ({ keys: [] })],
    ["with an empty list of identities", () => ({ identities: [], trustRoot })],
    ["with keys and identities", () => ({ ...policy, ...identityOf({}) })],
    ["with identities and no trust root", () => ({ identities: [identity] })],
    ["that demands a log entry and has no trust root", () => ({ ...policy, requireLogEntry: true })],
    ["that demands an age and has no trust root", () => ({ ...policy, maxAgeSeconds: 1 })],
    ["that counts logs and has no trust root", () => ({ ...policy, minLogOperators: 1 })],
    ["that counts timestamps and has no trust root", () => ({ ...policy, minTimestampOperators: 1 })],
    ["with an age of nothing", () => ({ ...policy, trustRoot, maxAgeSeconds: 0 })],
    ["with an age that is no number", () => ({ ...policy, trustRoot, maxAgeSeconds: Number.NaN })],
    [
      "with a key's validity and nothing to prove the time (sigstore-go #642)",
      () => ({ keys: [{ ...key.publicKey, validity: { end: new Date() } }] }),
    ],
    ["with an empty subject", () => identityOf({ subject: "" })],
    [
      "with a claim that does not exist (CVE-2026-48815)",
      () => identityOf({ claims: JSON.parse('{"sourceRepo":"x"}') }),
    ],
    ["whose pattern matches anybody", () => identityOf({ subject: /.*/ })],
    ["whose issuer pattern matches anybody", () => identityOf({ issuer: /.+/s })],
    ["whose pattern looks around", () => identityOf({ subject: /(?=a)a+@example\.org/ })],
    ["whose pattern looks back", () => identityOf({ subject: /(a)\1@example\.org/ })],
    ["with 65 keys", () => ({ keys: Array.from({ length: 65 }, () => key.publicKey) })],
  ];

  test.each(refused)("%s is refused", async (_claim, by) => {
    expect(await verdictOn(signed(), by())).toBe("POLICY_INVALID");
  });

  test("by identity never accepts a key, and one by key never a certificate (GHSA-fx35-mq7g-6g98)", async () => {
    expect(await verdictOn(signed(), identityOf({}))).toBe("KEY_KIND_MISMATCH");
    const material = { certificate: { rawBytes: "AAAA" } };
    const payload = JSON.stringify(statementOf(image));
    const bundle = bundleOf({ key: key.privateKey, payload, bundle: { verificationMaterial: material } });
    expect(await verdictOn(bundle)).toBe("KEY_KIND_MISMATCH");
  });
});

test("verified and unverified are different types (Kyverno #2739, policy-controller #1971)", () => {
  interface LooksVerified {
    readonly repository: string;
    readonly descriptor: typeof image;
    readonly signatures: [];
    readonly verdicts: [];
  }
  expectTypeOf<LooksVerified>().not.toExtend<VerifiedImage>();
  expectTypeOf<Omit<VerifiedStatement, symbol>>().not.toExtend<VerifiedStatement>();
});

test("every predicate type that has a name is attested and found by it (SIGN-4)", async () => {
  await using registry = await startRegistry();
  await using store = openImages(registry, "acme/api");
  for (const type of predicateTypes.filter(({ id }) => id !== "sign")) {
    const predicate = type.id === "spdx" ? "SPDXVersion: SPDX-2.3" : { type: type.id };
    await attestImage(store, image, key.signer, { type: type.id, predicate });
    const found = await verifyAttestation(store, image, { ...policy, predicateType: type.uri });
    expect(
      found.statements.some(
        ({ statement }) => digestOf(JSON.stringify(statement.predicate)) === digestOf(JSON.stringify(predicate)),
      ),
    ).toBe(true);
  }
});
