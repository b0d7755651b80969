import { verifyAttestation } from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { image, newKey, openImages, outcomeOf } from "./sign-support.ts";

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

const hundred = 100 * 1024 * 1024;

/** What comes of verifying attestations of which so many each claim a hundred megabytes, and how many were asked for. */
async function claiming(name: string, count: number): Promise<readonly [outcome: string, asked: number]> {
  await using store = openImages(registry, name);
  const layers = Array.from({ length: count }, (_, index) => ({
    mediaType: "application/vnd.dsse.envelope.v1+json",
    digest: `sha256:${String(index).padStart(64, "0")}`,
    size: hundred,
    annotations: { "dev.cosignproject.cosign/signature": "", predicateType: "https://acme.example/p" },
  }));
  const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  registry.settings.checkReferences = false;
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers });
  await store.pushManifest(Buffer.from(manifest), mediaType, { tag: `${image.digest.replace(":", "-")}.att` });
  registry.requests.length = 0;
  const policy = { keys: [newKey().publicKey], predicateType: "https://acme.example/p" };
  const outcome = await outcomeOf(() => verifyAttestation(store, image, policy));
  return [outcome, registry.requests.filter(({ target }) => target.includes("/blobs/")).length];
}

test("attestations that each may be read are not read without end: what they weigh together is bounded (CVE-2024-29902, GHSA-88jx-383q-w4qc)", async () => {
  // Two are within 256 MiB, and are only not there; the third would be more, and is not asked for.
  expect(await claiming("acme/two", 2)).toEqual(["VERIFICATION_FAILED", 2]);
  expect(await claiming("acme/five", 5)).toEqual(["SIGN_LIMIT_EXCEEDED", 2]);
});
