import type { Progress } from "@sc/model";
import { githubOrganization, listImages, signImage, signImages, verifyImage, verifyImages } from "@sc/sign";
import { buildImage, buildIndex, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { image, newKey, openImages, openRepository, outcomeOf } from "./sign-support.ts";

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

const platforms = ["amd64", "arm64"].map((content) =>
  buildImage({ layers: [buildLayer([{ path: "etc/platform", content }])] }),
);
const built = buildIndex({ images: platforms });
const index = { mediaType: built.descriptor.mediaType, digest: built.descriptor.digest, size: built.bytes.length };

describe("an index with its images (SIGN-5)", () => {
  test("is signed and verified as a whole, and one image without a signature fails it", async () => {
    const key = newKey();
    const policy = { keys: [key.publicKey] };
    pushImage(registry, "whole:1", built);
    await using store = openRepository(registry, "whole");
    await signImage(store, index, key.signer);
    expect(await outcomeOf(() => verifyImages(store, index, policy))).toBe("NO_SIGNATURES");
    const inherited = await verifyImages(store, index, { ...policy, inherit: true });
    expect(inherited.members.map(({ by }) => by)).toEqual(["inherited", "inherited"]);
    const records = await signImages(store, index, key.signer);
    expect(new Set(records.map(({ subject }) => subject)).size).toBe(3);
    const { members } = await verifyImages(store, index, policy);
    expect(members.map(({ by }) => by)).toEqual(["own", "own"]);
  });

  test("never passes over a signature by somebody else, and inherits from no index that is unsigned", async () => {
    const [key, other] = [newKey(), newKey()];
    const policy = { keys: [key.publicKey], inherit: true };
    pushImage(registry, "mixed:1", built);
    await using store = openRepository(registry, "mixed");
    expect(await outcomeOf(() => verifyImages(store, index, policy))).toBe("NO_SIGNATURES");
    await signImage(store, index, key.signer);
    const [, child] = await listImages(store, index);
    if (child === undefined) throw new TypeError("the index has images");
    await signImage(store, child, other.signer);
    expect(await outcomeOf(() => verifyImages(store, index, policy))).toBe("VERIFICATION_FAILED");
  });
});

test("each storage form is told when it is stored, and when it was there already (SIGN-3)", async () => {
  const key = newKey();
  await using store = openImages(registry, "told");
  const told: string[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.type === "stage" && progress.stage.startsWith("store-"))
      told.push(`${progress.stage} ${progress.state}`);
  };
  await signImage(store, image, key.signer, { onProgress });
  await signImage(store, image, key.signer, { onProgress });
  expect(told).toEqual(["store-bundle done", "store-tag done", "store-bundle cached", "store-tag cached"]);
});

test.each(["bundle", "tag"] as const)(
  "fifty signers at once lose no signature, stored as %s (SIGN-3)",
  async (storage) => {
    const keys = Array.from({ length: 50 }, newKey);
    await using store = openImages(registry, `fifty-${storage}`);
    await Promise.all(keys.map(({ signer }) => signImage(store, image, signer, { storage })));
    const policy = { keys: keys.map(({ publicKey }) => publicKey), storage, all: true };
    const { signatures } = await verifyImage(store, image, policy);
    const signers = signatures.map(({ facts }) => (facts.signer.kind === "key" ? facts.signer.keyId : ""));
    expect(new Set(signers)).toEqual(new Set(keys.map(({ publicKey }) => publicKey.id)));
  },
);

test("a greatest age cannot be asked without what proves the time (SIGN-5)", async () => {
  const { publicKey } = newKey();
  await using store = openImages(registry, "age");
  const policy = { keys: [publicKey], maxAgeSeconds: 60 };
  expect(await outcomeOf(() => verifyImage(store, image, policy))).toBe("POLICY_INVALID");
});

test("an organization is a claim of the certificate, never the beginning of a name (SIGN-5)", () => {
  expect(githubOrganization("acme").claims).toEqual({ sourceRepositoryOwnerUri: "https://github.com/acme" });
  expect(() => githubOrganization("acme/.*")).toThrow(/not GitHub's form/);
});
