import { createHttpClient, type HttpClient } from "@sc/http";
import { isScError, type Progress, type ScError } from "@sc/model";
import type { ImageDestination } from "@sc/oci";
import {
  attestImage,
  createKeylessSigner,
  createKeySigner,
  createRekorWitness,
  createTimestampWitness,
  decodeTrustRoot,
  type Signer,
  signImage,
  type SignerPolicy,
  type TrustRoot,
  verifyImage,
} from "@sc/sign";
import { startRegistry, startSigstore, type TestRegistry, type TestSigstore } from "@sc/testing";
import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { image, openImages, outcomeOf } from "./sign-support.ts";

const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const claims = { iss: issuer, sub: "repo:acme/api", job_workflow_ref: subject, aud: "sigstore" };
const quick = { sleep: () => Promise.resolve(), now: () => 0, random: () => 0 };

let sigstore: TestSigstore;
let registry: TestRegistry;
let client: HttpClient;
let trustRoot: TrustRoot;
let policy: SignerPolicy;
let store: ImageDestination;
let name: string;
let repositories = 0;

beforeAll(async () => {
  sigstore = await startSigstore();
  registry = await startRegistry();
  client = createHttpClient({ clock: quick });
  trustRoot = decodeTrustRoot(sigstore.trustedRoot, "test root");
  policy = { identities: [{ subject, issuer }], trustRoot };
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});
beforeEach(() => {
  name = `acme/f${(repositories += 1)}`;
  store = openImages(registry, name);
});
afterEach(async () => {
  sigstore.settings.failing = undefined;
  await store[Symbol.asyncDispose]();
});

interface SignerParts {
  readonly token?: string;
  readonly now?: () => Date;
  readonly version?: 1 | 2;
  readonly fulcioUrl?: string;
}

function keyless(parts: SignerParts = {}): Signer {
  const { token = sigstore.issuer.issue(claims), now, version = 1, fulcioUrl = sigstore.origin } = parts;
  return createKeylessSigner({
    identityToken: () => Promise.resolve(token),
    fulcioUrl,
    client,
    witnesses: [
      createRekorWitness({ url: sigstore.origin, client, version }),
      createTimestampWitness({ url: sigstore.origin, client }),
    ],
    ...(now === undefined ? {} : { now }),
  });
}

/** How many manifests the repository has. */
function stored(): number {
  return registry.repository(name).manifests.size;
}

function asked(path: string): number {
  return sigstore.requests.filter((request) => request.path.includes(path)).length;
}

async function refusalOf(call: Promise<unknown>): Promise<ScError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (isScError(error)) return error;
  throw new Error("not refused", { cause: error });
}

const services = [
  ["Fulcio", "signingCert"],
  ["Rekor", "log/entries"],
  ["timestamp authority", "timestamp"],
] as const;

describe("a signing service", () => {
  test.each(services)(
    "%s that fails for a moment is asked again, and the signature is made",
    async (_service, path) => {
      sigstore.settings.failing = { path, status: 503, times: 2 };
      const before = asked(path);
      await signImage(store, image, keyless(), { storage: "bundle" });
      expect(asked(path)).toBe(before + 3);
      await verifyImage(store, image, policy);
    },
  );

  test.each(services)("%s that keeps failing is named, and nothing is attached in any form", async (service, path) => {
    const before = stored();
    for (const sign of [
      (signer: Signer) => signImage(store, image, signer),
      (signer: Signer) => attestImage(store, image, signer, { type: "custom", predicate: {} }),
    ]) {
      sigstore.settings.failing = { path, status: 502 };
      const error = await refusalOf(sign(keyless()));
      expect(error.code).toBe("SIGNING_SERVICE_REFUSED");
      expect(error.message).toContain(service);
      expect(error.message).toContain("502");
      expect(error.retryable).toBe(true);
      expect(stored()).toBe(before);
    }
  });

  test("that fails for the second form, when the first is made, leaves nothing half attached", async () => {
    const before = stored();
    const signer = keyless();
    // The first entry of the log is the bundle's, the second the tag's.
    let entries = 0;
    const failing: Signer = {
      ...signer,
      witnesses: [
        {
          testify: async (signed, call) => {
            entries += 1;
            if (entries === 2) sigstore.settings.failing = { path: "log/entries", status: 500 };
            return (await signer.witnesses?.[0]?.testify(signed, call)) ?? { logEntries: [], timestamps: [] };
          },
        },
      ],
    };
    expect((await refusalOf(signImage(store, image, failing))).message).toContain("Rekor");
    expect(entries).toBe(2);
    expect(stored()).toBe(before);
  });

  test.each([
    ["Fulcio", (url: string) => keyless({ fulcioUrl: url })],
    ["Rekor", (url: string) => witnessed(createRekorWitness({ url, client, version: 1 }))],
    ["timestamp authority", (url: string) => witnessed(createTimestampWitness({ url, client }))],
  ])("%s that cannot be reached is named, with its address", async (service, signerOf) => {
    const before = stored();
    const error = await refusalOf(signImage(store, image, signerOf("http://127.0.0.1:9/")));
    expect(error.code).toBe("CONNECTION_REFUSED");
    expect(error.message).toContain(service);
    expect(error.message).toContain("127.0.0.1:9");
    expect(error.cause).toBeInstanceOf(Error);
    expect(stored()).toBe(before);
  });

  test("Rekor whose answer is lost is asked where the entry is, and that entry is taken", async () => {
    // A key that signs the same twice, so that the entry is the same one.
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const witnesses = [createRekorWitness({ url: sigstore.origin, client, version: 1 })];
    const signer = createKeySigner(privateKey, { witnesses });
    sigstore.settings.failing = { path: "log/entries", status: "lost", times: 1 };
    const before = sigstore.logs.v1.append({ kind: "x" }, sigstore.clock).inclusionProof.treeSize;
    await signImage(store, image, signer, { storage: "bundle" });
    const after = sigstore.logs.v1.append({ kind: "x" }, sigstore.clock).inclusionProof.treeSize;
    expect(Number(after) - Number(before)).toBe(2);
    const keys = signer.publicKey === undefined ? [] : [signer.publicKey];
    const { signatures } = await verifyImage(store, image, { keys, trustRoot, requireLogEntry: true });
    expect(signatures[0]?.facts.logEntries).toHaveLength(1);
  });

  test("that is of no use for a form is asked once: a log of version 2 makes no entry for the tag form", async () => {
    const notices: string[] = [];
    const onProgress = (progress: Progress): void => {
      if (progress.type === "notice") notices.push(progress.code);
    };
    const before = asked("log/entries");
    await signImage(store, image, keyless({ version: 2 }), { onProgress });
    expect(asked("log/entries")).toBe(before + 1);
    expect(notices).toEqual(["TAG_FORM_IMPOSSIBLE"]);
  });
});

function witnessed(witness: NonNullable<Signer["witnesses"]>[number]): Signer {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return createKeySigner(privateKey, { witnesses: [witness] });
}

describe("time", () => {
  test("a token that ran out is said to have, when the authority refuses it", async () => {
    const token = sigstore.issuer.issue({ ...claims, exp: 1_700_000_000 });
    sigstore.settings.failing = { path: "signingCert", status: 400 };
    const error = await refusalOf(signImage(store, image, keyless({ token })));
    expect(error.code).toBe("IDENTITY_TOKEN_INVALID");
    expect(error.message).toContain("2023-11-14T22:13:20");
    expect(error.hint).toContain("fresh token");
  });

  test("a token that ran out only by this machine's clock is used", async () => {
    const token = sigstore.issuer.issue({ ...claims, exp: Math.floor(Date.now() / 1000) + 300 });
    const ahead = new Date(Date.now() + 3_600_000);
    await signImage(store, image, keyless({ token, now: () => ahead }));
    await verifyImage(store, image, policy);
  });

  test.each([
    ["an hour ahead", 3_600_000],
    ["an hour behind", -3_600_000],
  ])("a clock that is %s neither wastes a certificate nor uses one that has run out", async (_what, skew) => {
    let passed = 0;
    const signer = keyless({ now: () => new Date(sigstore.clock.getTime() + skew + passed) });
    const before = asked("signingCert");
    await signer.sign(Buffer.from("one"));
    passed = 60_000;
    await signer.sign(Buffer.from("two"));
    expect(asked("signingCert")).toBe(before + 1);
    passed = 11 * 60_000;
    await signer.sign(Buffer.from("three"));
    expect(asked("signingCert")).toBe(before + 2);
  });

  test("a verifier's clock may be some minutes behind, not an hour", async () => {
    await signImage(store, image, keyless());
    const at = sigstore.clock.getTime();
    for (const [seconds, outcome] of [
      [240, "accepted"],
      [3600, "VERIFICATION_FAILED"],
    ] as const) {
      const now = new Date(at - seconds * 1000);
      expect(await outcomeOf(() => verifyImage(store, image, { ...policy, now }))).toBe(outcome);
    }
  });
});
