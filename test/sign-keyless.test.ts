import { X509Certificate } from "node:crypto";
import { createHttpClient, type HttpClient } from "@sc/http";
import { isScError } from "@sc/model";
import type { ImageDestination } from "@sc/oci";
import {
  attestImage,
  createKeylessSigner,
  createRekorWitness,
  createTimestampWitness,
  decodeTrustRoot,
  type IdentityPolicy,
  listImages,
  type Signer,
  signImage,
  signImages,
  type SignerPolicy,
  type TrustRoot,
  VerificationError,
  verifyAttestation,
  verifyBundle,
  verifyImage,
  verifyImages,
  type Witness,
} from "@sc/sign";
import {
  buildImage,
  buildIndex,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { image, newKey, openImages, openRepository, outcomeOf, spoken } from "./sign-support.ts";

const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const claims = {
  iss: issuer,
  sub: "repo:acme/api:ref:refs/heads/main",
  job_workflow_ref: subject,
  aud: "sigstore",
  ref: "refs/heads/main",
  runner_environment: "github-hosted",
};
const identity: IdentityPolicy = { subject, issuer };

const vuln = { scanner: {}, metadata: {} };

let sigstore: TestSigstore;
let registry: TestRegistry;
let client: HttpClient;
let trustRoot: TrustRoot;
let repositories = 0;
const open: ImageDestination[] = [];

beforeAll(async () => {
  sigstore = await startSigstore();
  registry = await startRegistry();
  client = createHttpClient();
  trustRoot = decodeTrustRoot(sigstore.trustedRoot, "test root");
});
afterAll(async () => {
  for (const store of open) await store[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});

function newStore(): { readonly store: ImageDestination; readonly name: string } {
  const name = `acme/k${(repositories += 1)}`;
  const store = openImages(registry, name);
  open.push(store);
  return { store, name };
}

function rekor(version: 1 | 2): Witness {
  return createRekorWitness({ url: sigstore.origin, client, version });
}

function timestamps(): Witness {
  return createTimestampWitness({ url: sigstore.origin, client });
}

function keyless(witnesses: readonly [Witness, ...Witness[]], token = sigstore.issuer.issue(claims)): Signer {
  return createKeylessSigner({
    identityToken: () => Promise.resolve(token),
    fulcioUrl: sigstore.origin,
    client,
    witnesses,
  });
}

function policyOf(members: Partial<IdentityPolicy> = {}): SignerPolicy {
  return { identities: [{ ...identity, ...members }], trustRoot };
}

async function reasonOf(verification: Promise<unknown>): Promise<string> {
  const error: unknown = await verification.catch((thrown: unknown) => thrown);
  if (error instanceof VerificationError) return error.facts["reason"] ?? error.code;
  if (isScError(error)) return error.code;
  return "accepted";
}

/** The bundle that was stored for an image. */
function storedBundle(name: string): {
  verificationMaterial: Record<string, unknown> & { tlogEntries: Record<string, unknown>[] };
} {
  for (const bytes of registry.repository(name).blobs.values()) {
    const text = Buffer.from(bytes).toString();
    if (text.includes("sigstore.bundle")) return JSON.parse(text);
  }
  throw new TypeError("no bundle was stored");
}

function verdictOn(bundle: object, by: SignerPolicy = policyOf()): Promise<string> {
  return outcomeOf(() => verifyBundle(Buffer.from(JSON.stringify(bundle)), { digest: image.digest }, by));
}

describe("an image signed by identity", () => {
  test("verifies in both forms with a log of version 1, offline (SIGN-2, SIGN-5)", async () => {
    const { store } = newStore();
    await signImage(store, image, keyless([rekor(1)]));
    await attestImage(store, image, keyless([rekor(1)]), { type: "custom", predicate: { ok: true } });
    const before = sigstore.requests.length;
    const { signatures } = await verifyImage(store, image, { ...policyOf(), all: true });
    expect(signatures.map(({ form }) => form).toSorted()).toEqual(["bundle", "tag"]);
    for (const { facts } of signatures) {
      expect(facts.signer).toMatchObject({
        kind: "identity",
        subject,
        issuer,
        claims: { sourceRepositoryRef: "refs/heads/main" },
      });
      expect(facts.checks).toEqual(
        expect.arrayContaining(["certificate", "identity", "transparency-log", "timestamp"]),
      );
      expect(facts.logEntries).toHaveLength(1);
    }
    const { statements } = await verifyAttestation(store, image, { ...policyOf(), predicateType: "custom" });
    expect(statements).toHaveLength(1);
    expect(sigstore.requests.length).toBe(before);
  });

  test("verifies as a bundle with a log of version 2 and a timestamp; the tag form is left out and that is said (SIGN-2)", async () => {
    const { store } = newStore();
    const notices: string[] = [];
    const records = await signImage(store, image, keyless([rekor(2), timestamps()]), {
      onProgress: (progress) => {
        if (progress.type === "notice") notices.push(progress.code);
      },
    });
    expect(records.map(({ form }) => form)).toEqual(["bundle"]);
    expect(notices).toEqual(["TAG_FORM_IMPOSSIBLE"]);
    const { signatures } = await verifyImage(store, image, policyOf());
    expect(signatures[0]?.facts.signedAt).toMatch(/^20/);
    const alone = signImage(store, image, keyless([rekor(2), timestamps()]), { storage: "tag" });
    expect(await outcomeOf(() => alone)).toBe("TAG_FORM_IMPOSSIBLE");
  });

  test("with a log of version 2 and no timestamp has no proven time and is refused (CVE-2026-48816)", async () => {
    const { store } = newStore();
    await signImage(store, image, keyless([rekor(2)]), { storage: "bundle" });
    expect(await reasonOf(verifyImage(store, image, policyOf()))).toBe("TIMESTAMP_INVALID");
  });

  test("shares one certificate among signatures made at the same time", async () => {
    const { store } = newStore();
    const signer = keyless([rekor(1)]);
    const before = sigstore.requests.filter(({ path }) => path.includes("signingCert")).length;
    await Promise.all([
      signImage(store, image, signer),
      attestImage(store, image, signer, { type: "custom", predicate: {} }),
    ]);
    expect(sigstore.requests.filter(({ path }) => path.includes("signingCert")).length).toBe(before + 1);
  });

  test("shares one certificate among the platforms of an index and several predicates of each (SIGN-2)", async () => {
    const platforms = ["amd64", "arm64"].map((content) =>
      buildImage({ layers: [buildLayer([{ path: "etc/platform", content }])] }),
    );
    const built = buildIndex({ images: platforms });
    const { mediaType, digest } = built.descriptor;
    pushImage(registry, "acme/platforms:1", built);
    const store = openRepository(registry, "acme/platforms");
    open.push(store);
    const signer = keyless([rekor(1)]);
    const before = sigstore.requests.filter(({ path }) => path.includes("signingCert")).length;
    const index = { mediaType, digest, size: built.bytes.length };
    await signImages(store, index, signer);
    for (const member of await listImages(store, index)) {
      for (const type of ["custom", "vuln"]) await attestImage(store, member, signer, { type, predicate: vuln });
    }
    expect(sigstore.requests.filter(({ path }) => path.includes("signingCert")).length).toBe(before + 1);
    expect((await verifyImages(store, index, policyOf())).members.map(({ by }) => by)).toEqual(["own", "own"]);
  });

  test.each<readonly [string, Partial<IdentityPolicy>, string]>([
    ["exactly its identity", {}, "accepted"],
    ["a pattern that matches the whole", { subject: /https:\/\/github\.com\/acme\/.*/ }, "accepted"],
    ["a pattern that matches a part (CVE-2026-22772)", { subject: /https:\/\/github\.com\/acme/ }, "IDENTITY_MISMATCH"],
    ["another case", { subject: subject.toUpperCase() }, "IDENTITY_MISMATCH"],
    ["a prefix", { subject: subject.slice(0, -1) }, "IDENTITY_MISMATCH"],
    ["another issuer", { issuer: "https://gitlab.com" }, "IDENTITY_MISMATCH"],
    ["its claims (CVE-2026-48815)", { claims: { sourceRepositoryRef: "refs/heads/main" } }, "accepted"],
    ["other claims (CVE-2026-48815)", { claims: { sourceRepositoryRef: "refs/heads/other" } }, "IDENTITY_MISMATCH"],
    ["a claim it does not have", { claims: { deploymentEnvironment: "" } }, "IDENTITY_MISMATCH"],
  ])("asked for with %s: %s → %s", async (_what, members, outcome) => {
    const { store } = newStore();
    await signImage(store, image, keyless([rekor(1)]));
    for (const storage of ["bundle", "tag"] as const) {
      expect(await reasonOf(verifyImage(store, image, { ...policyOf(members), storage }))).toBe(outcome);
    }
  });
});

type StoredBundle = ReturnType<typeof storedBundle>;

async function signedBundle(witnesses: readonly [Witness, ...Witness[]]): Promise<StoredBundle> {
  const { store, name } = newStore();
  await signImage(store, image, keyless(witnesses), { storage: "bundle" });
  return storedBundle(name);
}

describe("a bundle by identity", () => {
  let good: StoredBundle;
  let other: StoredBundle;
  beforeAll(async () => {
    good = await signedBundle([rekor(1), timestamps()]);
    other = await signedBundle([rekor(1), timestamps()]);
  });
  const changed = (change: (bundle: typeof good) => void): object => {
    const copy = structuredClone(good);
    change(copy);
    return copy;
  };

  test("is accepted as it is", async () => {
    expect(await verdictOn(good)).toBe("accepted");
  });

  test("with the log entry of another signature is refused (CVE-2022-36056, CVE-2026-22703, CVE-2024-53267)", async () => {
    const swapped = changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
    });
    expect(await verdictOn(swapped)).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("whose log entry was made with another certificate is refused (CVE-2026-22703)", async () => {
    const forged = changed(({ verificationMaterial }) => {
      const [entry] = verificationMaterial.tlogEntries;
      const body = JSON.parse(Buffer.from(String(entry?.["canonicalizedBody"]), "base64").toString());
      const [otherEntry] = other.verificationMaterial.tlogEntries;
      const otherBody = JSON.parse(Buffer.from(String(otherEntry?.["canonicalizedBody"]), "base64").toString());
      body.spec.signatures[0].verifier = otherBody.spec.signatures[0].verifier;
      verificationMaterial.tlogEntries = [{ ...sigstore.logs.v1.append(body, sigstore.clock) }];
    });
    expect(await verdictOn(forged)).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("whose log entry says another kind than its body is refused", async () => {
    const forged = changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries[0] = {
        ...verificationMaterial.tlogEntries[0],
        kindVersion: { kind: "hashedrekord", version: "0.0.1" },
      };
    });
    expect(await verdictOn(forged)).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("without a log entry, where the trust root has a log, is refused", async () => {
    const without = changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries = [];
    });
    expect(await verdictOn(without)).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("with the same log entry twice is refused: copies do not count (sigstore-go dbb07e6, sigstore-js verify 4.1.1)", async () => {
    const doubled = changed(({ verificationMaterial }) => {
      verificationMaterial.tlogEntries.push(...verificationMaterial.tlogEntries);
    });
    expect(await verdictOn(doubled)).toBe("TIMESTAMP_INVALID");
  });

  test("with the timestamp of another signature is refused", async () => {
    const swapped = changed(({ verificationMaterial }) => {
      verificationMaterial["timestampVerificationData"] = other.verificationMaterial["timestampVerificationData"];
    });
    expect(await verdictOn(swapped)).toBe("TIMESTAMP_INVALID");
  });

  test("whose entry has a time but no promise and no timestamp proves no time (CVE-2026-48816)", async () => {
    const claimed = changed(({ verificationMaterial }) => {
      delete verificationMaterial.tlogEntries[0]?.["inclusionPromise"];
      delete verificationMaterial["timestampVerificationData"];
    });
    expect(await verdictOn(claimed)).toBe("TIMESTAMP_INVALID");
  });

  test("signed in the future is refused", async () => {
    expect(await verdictOn(good, { ...policyOf(), now: new Date(Date.now() - 3_600_000) })).toBe("TIMESTAMP_INVALID");
  });

  test("that brings a root certificate is refused", async () => {
    const rooted = changed((bundle) => {
      const { certificate, ...rest } = bundle.verificationMaterial;
      const root = { rawBytes: Buffer.from(sigstore.rootCertificate).toString("base64") };
      bundle.verificationMaterial = { ...rest, x509CertificateChain: { certificates: [certificate, root] } };
      Object.assign(bundle, { mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2" });
    });
    expect(await verdictOn(rooted)).toBe("BUNDLE_INVALID");
  });

  test("by another instance's authorities is refused", async () => {
    await using foreign = await startSigstore();
    const untimed = changed(({ verificationMaterial }) => {
      delete verificationMaterial["timestampVerificationData"];
    });
    const by = { ...policyOf(), trustRoot: decodeTrustRoot(foreign.trustedRoot, "foreign") };
    expect(await verdictOn(untimed, by)).toBe("TIMESTAMP_INVALID");
    // Also where the log is ours and the authority alone is theirs.
    const root = JSON.parse(Buffer.from(sigstore.trustedRoot).toString());
    root.certificateAuthorities = JSON.parse(Buffer.from(foreign.trustedRoot).toString()).certificateAuthorities;
    const mixed = decodeTrustRoot(Buffer.from(JSON.stringify(root)), "mixed");
    expect(await verdictOn(untimed, { ...policyOf(), trustRoot: mixed })).toBe("CERTIFICATE_INVALID");
  });

  test.each([
    [
      "names two identity providers",
      [
        { oid: "1.3.6.1.4.1.57264.1.1", value: "https://a", legacy: true },
        { oid: "1.3.6.1.4.1.57264.1.8", value: issuer },
      ],
    ],
    ["names no identity provider", []],
  ])("whose certificate %s is refused", async (_what, extensions) => {
    const { store } = newStore();
    const key = newKey();
    const certificate = await sigstore.issueCertificate({ publicKey: key.publicKey.key, subject, extensions });
    const signer: Signer = {
      witnesses: [rekor(1)],
      sign: async (payload, call) => {
        const { bytes } = await key.signer.sign(payload, call);
        return { bytes, material: { kind: "certificate", certificate } };
      },
    };
    await signImage(store, image, signer, { storage: "bundle" });
    expect(await reasonOf(verifyImage(store, image, policyOf()))).toBe("CERTIFICATE_INVALID");
  });
});

describe("identity tokens", () => {
  test("are in nothing that is thrown, whatever fails (SIGN-7)", async () => {
    const token = sigstore.issuer.issue({ ...claims, email: "secret-person@example.org" });
    const { store } = newStore();
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    const failures: (() => Promise<unknown>)[] = [
      () => signImage(store, image, keyless([rekor(1)], forged)),
      () => signImage(store, image, keyless([rekor(1)], `${token}.${token}`)),
      () => signImage(store, image, keyless([rekor(1)], token.replaceAll(".", "!"))),
      async () => {
        sigstore.settings.failing = { path: "signingCert", status: 403 };
        await signImage(store, image, keyless([rekor(1)], token));
      },
      async () => {
        sigstore.settings.failing = { path: "log/entries", status: 400 };
        await signImage(store, image, keyless([rekor(1)], token));
      },
    ];
    for (const fail of failures) {
      const error: unknown = await fail().then(
        () => new Error("nothing was thrown"),
        (thrown: unknown) => thrown,
      );
      sigstore.settings.failing = undefined;
      if (!isScError(error)) throw error;
      const said = spoken(error);
      for (const part of token.split(".")) expect(said).not.toContain(part.slice(0, 30));
    }
  });
});

test("the authorities' certificates are what a real one issues", async () => {
  const certificate = new X509Certificate(
    await sigstore.issueCertificate({ publicKey: newKey().publicKey.key, subject, extensions: [] }),
  );
  expect(certificate.subjectAltName).toBe(`URI:${subject}`);
  expect(certificate.verify(new X509Certificate(sigstore.rootCertificate).publicKey)).toBe(true);
});
