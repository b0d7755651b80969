import { referrersTag } from "@sc/model";
import { signImage, verifyAttestation, verifyImage, attestImage } from "@sc/sign";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { image, images, newKey, openImages, openRepository } from "./sign-support.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

const fallback = referrersTag(image.digest);

describe("a fallback tag that is left beside the referrers API (SIGN-3, OCI-3)", () => {
  test("is not read: what it lists and is gone hinders nothing, and what it alone lists counts for nothing", async () => {
    await using store = openImages(registry, "acme/stale");
    const key = newKey();
    await signImage(store, image, key.signer, { storage: "bundle" });
    const gone = { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 2 };
    const list = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { ...gone, digest: `sha256:${"0".repeat(64)}`, artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json" },
        { ...gone, digest: `sha256:${"1".repeat(64)}` },
      ],
    };
    registry.settings.checkReferences = false;
    await store.pushManifest(Buffer.from(JSON.stringify(list)), list.mediaType, { tag: fallback });
    const before = registry.requests.length;
    const { signatures } = await verifyImage(store, image, { keys: [key.publicKey], all: true });
    expect(signatures).toHaveLength(1);
    const asked = registry.requests.slice(before).map(({ target }) => target);
    expect(asked.filter((target) => target.endsWith(fallback) || /0{64}|1{64}/.test(target))).toEqual([]);
  });

  test("stays as it is when something more is signed, which the API lists", async () => {
    await using store = openImages(registry, "acme/upgraded");
    const [older, newer] = [newKey(), newKey()];
    registry.settings.referrers = 404;
    await signImage(store, image, older.signer, { storage: "bundle" });
    const stood = registry.repository("acme/upgraded").tags.get(fallback);
    expect(stood).toBeDefined();
    // The registry is upgraded; it lists what its fallback tags said, as the specification demands of it.
    registry.settings.referrers = "api";
    await using after = openRepository(registry, "acme/upgraded");
    await signImage(after, image, newer.signer, { storage: "bundle" });
    expect(registry.repository("acme/upgraded").tags.get(fallback)).toBe(stood);
    for (const { publicKey } of [older, newer])
      expect((await verifyImage(after, image, { keys: [publicKey] })).signatures).toHaveLength(1);
  });
});

describe.each(["api", 404] as const)(
  "what is signed and attested before its image is there (SIGN-3), referrers: %s",
  (referrers) => {
    test("verifies as soon as it is, in both forms", async () => {
      registry.settings.referrers = referrers;
      await using store = openRepository(registry, "acme/early");
      const key = newKey();
      const signed = await signImage(store, image, key.signer);
      const attested = await attestImage(store, image, key.signer, { type: "custom", predicate: { early: true } });
      expect([...signed, ...attested].map(({ form, state }) => `${form} ${state}`)).toEqual([
        "bundle written",
        "tag written",
        "bundle written",
        "tag written",
      ]);
      expect(await store.resolve("1")).toBe(undefined);
      pushImage(registry, "acme/early:1", images[0]);
      await using after = openRepository(registry, "acme/early");
      expect((await after.resolve("1"))?.digest).toBe(image.digest);
      const by = { keys: [key.publicKey] };
      expect((await verifyImage(after, image, { ...by, all: true })).signatures.map(({ form }) => form)).toEqual([
        "bundle",
        "tag",
      ]);
      const { statements } = await verifyAttestation(after, image, { ...by, predicateType: "custom" });
      expect(statements.map(({ places }) => places.map(({ form }) => form))).toEqual([["bundle", "tag"]]);
    });
  },
);
