import { createHttpClient, type HttpClient } from "@sc/http";
import {
  attestImage,
  createKeylessSigner,
  createRekorWitness,
  decodeTrustRoot,
  signImage,
  slsaProvenance1,
  type VerifiedProvenance,
  verifyAttestation,
  verifyImage,
  verifyProvenance,
  type Signer,
} from "@sc/sign";
import { startRegistry, startSigstore, type TestRegistry, type TestSigstore } from "@sc/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { image, openImages, outcomeOf } from "./sign-support.ts";

const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const source = "https://github.com/acme/api";

let sigstore: TestSigstore;
let registry: TestRegistry;
let client: HttpClient;
beforeAll(async () => {
  sigstore = await startSigstore();
  registry = await startRegistry();
  client = createHttpClient();
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});

function signerOn(runner: string): Signer {
  const token = sigstore.issuer.issue({
    iss: issuer,
    sub: "repo:acme/api:ref:refs/heads/main",
    job_workflow_ref: subject,
    aud: "sigstore",
    ref: "refs/heads/main",
    runner_environment: runner,
  });
  return createKeylessSigner({
    identityToken: () => Promise.resolve(token),
    fulcioUrl: sigstore.origin,
    client,
    witnesses: [createRekorWitness({ url: sigstore.origin, client, version: 1 })],
  });
}

interface Build {
  readonly name: string;
  readonly runner: string;
  readonly builderId?: string;
  readonly ref?: string;
}

async function verifyBuild({
  name,
  runner,
  builderId = subject,
  ref = "refs/heads/main",
}: Build): Promise<VerifiedProvenance> {
  await using store = openImages(registry, name);
  const predicate = slsaProvenance1({
    buildType: "https://actions.github.io/buildtypes/workflow/v1",
    builderId,
    source: { uri: source, ref },
    externalParameters: { slsaLevel: 3 },
    internalParameters: {},
    dependencies: [],
  });
  await attestImage(store, image, signerOn(runner), { type: "slsaprovenance1", predicate });
  const trustRoot = decodeTrustRoot(sigstore.trustedRoot, "test root");
  const policy = { identities: [{ subject, issuer }], trustRoot, predicateType: "slsaprovenance1" };
  const { statements } = await verifyAttestation(store, image, policy);
  const [statement] = statements;
  if (statement === undefined) throw new TypeError("there is a statement");
  return verifyProvenance(statement, { source });
}

test("a runner of one's own is level 1, the platform's level 2, by the certificate's word (SIGN-6)", async () => {
  expect((await verifyBuild({ name: "p/hosted", runner: "github-hosted" })).level).toBe(2);
  expect((await verifyBuild({ name: "p/own", runner: "self-hosted" })).level).toBe(1);
});

test("a signer who names another builder than itself is refused (SIGN-6)", async () => {
  const builderId =
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0";
  const build = { name: "p/forged", runner: "github-hosted", builderId };
  expect(await outcomeOf(() => verifyBuild(build))).toBe("BUILDER_UNTRUSTED");
});

test("what is signed longer ago than is accepted is refused, by the proven time (SIGN-5, CVE-2024-23332)", async () => {
  await using store = openImages(registry, "p/age");
  await signImage(store, image, signerOn("github-hosted"));
  const trustRoot = decodeTrustRoot(sigstore.trustedRoot, "test root");
  const policy = { identities: [{ subject, issuer }], trustRoot, maxAgeSeconds: 3600 };
  const later = (seconds: number): Date => new Date(sigstore.clock.getTime() + seconds * 1000);
  expect(await outcomeOf(() => verifyImage(store, image, { ...policy, now: later(3000) }))).toBe("accepted");
  expect(await outcomeOf(() => verifyImage(store, image, { ...policy, now: later(4000) }))).toBe("VERIFICATION_FAILED");
});
