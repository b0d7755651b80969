import { digestOf, isScError } from "@sc/model";
import type { ImageDestination } from "@sc/oci";
import {
  attestImage,
  resolvePredicateType,
  signImage,
  type SignerPolicy,
  VerificationError,
  verifyAttestation,
  verifyImage,
} from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bundleOf,
  image,
  newKey,
  openImages,
  otherImage,
  outcomeOf,
  putReferrer,
  statementOf,
} from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };

function signed(members: object = {}): string {
  return bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(image, members)) });
}

async function refusalOf(verification: Promise<unknown>): Promise<VerificationError> {
  const error: unknown = await verification.catch((thrown: unknown) => thrown);
  if (error instanceof VerificationError) return error;
  throw isScError(error) ? error : new Error("not refused", { cause: error });
}

function tagOf(digest: string): string {
  return `${digest.replace(":", "-")}.sig`;
}

describe("what is attached to an image", () => {
  let registry: TestRegistry;
  let repositories = 0;
  const open: ImageDestination[] = [];
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(async () => {
    for (const store of open) await store[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  function newStore(): { readonly store: ImageDestination; readonly name: string } {
    const name = `acme/r${(repositories += 1)}`;
    const store = openImages(registry, name);
    open.push(store);
    return { store, name };
  }

  test("and is a provenance by the right key is no signature", async () => {
    const { store } = newStore();
    await attestImage(store, image, key.signer, {
      type: "slsaprovenance1",
      predicate: { buildDefinition: {}, runDetails: {} },
    });
    expect((await refusalOf(verifyImage(store, image, policy))).code).toBe("NO_SIGNATURES");
    const hidden = bundleOf({
      key: key.privateKey,
      payload: JSON.stringify(statementOf(image, { predicateType: "https://slsa.dev/provenance/v1" })),
    });
    await putReferrer(store, { bundle: hidden, subject: image });
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.code).toBe("NO_SIGNATURES");
    expect(refusal.verdicts.every(({ code }) => code === "PREDICATE_TYPE_MISMATCH")).toBe(true);
  });

  test("of another predicate type leaves verify-attestation with nothing, which is a failure (CVE-2022-35929)", async () => {
    const { store } = newStore();
    await attestImage(store, image, key.signer, { type: "vuln", predicate: { scanner: {}, metadata: {} } });
    const wanted = { ...policy, predicateType: "cyclonedx" };
    expect((await refusalOf(verifyAttestation(store, image, wanted))).code).toBe("NO_SIGNATURES");
  });

  test("and claims the right type in an annotation is held to the type in its statement", async () => {
    const { store } = newStore();
    const payload = JSON.stringify(statementOf(image, { predicateType: "https://slsa.dev/provenance/v1" }));
    const annotations = { "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1" };
    const bundle = bundleOf({ key: key.privateKey, payload });
    await putReferrer(store, { bundle, subject: image, manifest: { annotations } });
    expect((await refusalOf(verifyImage(store, image, policy))).code).toBe("NO_SIGNATURES");
  });

  test("but signed for another image is refused, with both digests said", async () => {
    const { store } = newStore();
    const bundle = bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(otherImage)) });
    await putReferrer(store, { bundle, subject: image });
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.code).toBe("VERIFICATION_FAILED");
    expect(refusal.facts).toMatchObject({
      reason: "SUBJECT_MISMATCH",
      image: expect.any(String),
      likely: expect.any(String),
    });
    expect(refusal.facts["signed"]).toContain(otherImage.digest);
  });

  test("by a list that names it, though its manifest's subject is another image, or there is none, is refused unopened", async () => {
    const { store, name } = newStore();
    registry.settings.referrers = 404;
    try {
      const manifests = [
        await putReferrer(store, { bundle: signed(), subject: otherImage }),
        await putReferrer(store, { bundle: signed(), subject: otherImage, manifest: { subject: undefined } }),
      ];
      const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
      const tag = image.digest.replace(":", "-");
      registry.putManifest(name, { bytes: JSON.stringify(index), mediaType: index.mediaType, tag });
      const refusal = await refusalOf(verifyImage(store, image, policy));
      expect(refusal.verdicts.map(({ code }) => code)).toEqual(["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"]);
    } finally {
      registry.settings.referrers = "api";
    }
  });

  test("and is an index where a manifest should be is refused", async () => {
    const { store } = newStore();
    const manifest = { mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] };
    const artifactType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const bytes = JSON.stringify({ schemaVersion: 2, artifactType, subject: image, ...manifest });
    await store.pushManifest(Buffer.from(bytes), manifest.mediaType);
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.verdicts.map(({ code }) => code)).toEqual(["ATTACHMENT_INVALID"]);
  });

  test("and is an index that also lists layers is refused as well", async () => {
    const { store, name } = newStore();
    const lists = { manifests: [], mediaType: "application/vnd.oci.image.index.v1+json" };
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const layer = await store.pushBlob(Buffer.from(signed()), mediaType);
    const config = { mediaType: "application/vnd.oci.empty.v1+json", digest: layer.digest, size: 2 };
    const both = { schemaVersion: 2, artifactType: mediaType, config, layers: [layer], subject: image };
    const { mediaType: index } = lists;
    for (const members of [
      { mediaType: index },
      lists,
      { ...lists, mediaType: "application/vnd.oci.image.manifest.v1+json" },
    ]) {
      const bytes = JSON.stringify({ ...both, ...members });
      registry.putManifest(name, { bytes, mediaType: members.mediaType });
    }
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.verdicts.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => "ATTACHMENT_INVALID"));
  });

  test("by a policy that asks for nobody is refused before anything is read", async () => {
    const { store } = newStore();
    registry.requests.length = 0;
    for (const by of [{}, { keys: [] }]) {
      expect(await outcomeOf(() => verifyImage(store, image, by))).toBe("POLICY_INVALID");
      const attested = verifyAttestation(store, image, { ...by, predicateType: "custom" });
      expect(await outcomeOf(() => attested)).toBe("POLICY_INVALID");
    }
    expect(registry.requests).toEqual([]);
  });

  test("under .att but a simple signature is no attestation", async () => {
    const { store, name } = newStore();
    await signImage(store, image, key.signer, { storage: "tag" });
    const { tags } = registry.repository(name);
    tags.set(tagOf(image.digest).replace(".sig", ".att"), tags.get(tagOf(image.digest)) ?? "");
    const refusal = await refusalOf(verifyAttestation(store, image, { ...policy, predicateType: "custom" }));
    expect(refusal.code).toBe("NO_SIGNATURES");
  });

  test("under .att but an envelope of another payload type is none, whatever is in it", async () => {
    const verdicts: string[] = [];
    for (const payloadType of ["application/vnd.in-toto+json", "text/plain"]) {
      const { store, name } = newStore();
      const payload = JSON.stringify(statementOf(image, { predicateType: resolvePredicateType("custom").uri }));
      const { dsseEnvelope } = JSON.parse(bundleOf({ key: key.privateKey, payload, payloadType }));
      const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
      const bytes = Buffer.from(JSON.stringify(dsseEnvelope));
      const layer = await store.pushBlob(bytes, "application/vnd.dsse.envelope.v1+json");
      const mediaType = "application/vnd.oci.image.manifest.v1+json";
      const annotated = { ...layer, annotations: { "dev.cosignproject.cosign/signature": "" } };
      const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [annotated] }));
      const tag = tagOf(image.digest).replace(".sig", ".att");
      registry.putManifest(name, { bytes: manifest, mediaType, digest: digestOf(manifest), tag });
      verdicts.push(await outcomeOf(() => verifyAttestation(store, image, { ...policy, predicateType: "custom" })));
    }
    expect(verdicts).toEqual(["accepted", "VERIFICATION_FAILED"]);
  });

  test("and has two bundles in one manifest is refused", async () => {
    const { store } = newStore();
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const layers = [
      await store.pushBlob(Buffer.from(signed()), mediaType),
      await store.pushBlob(Buffer.from(signed()), mediaType),
    ];
    await putReferrer(store, { bundle: signed(), subject: image, manifest: { layers } });
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.verdicts.map(({ code }) => code)).toEqual(["ATTACHMENT_INVALID"]);
  });

  test("and bad never hides what is good: other tools' referrers, broken bundles, foreign signatures", async () => {
    const { store, name } = newStore();
    await putReferrer(store, { bundle: "{}", subject: image });
    await putReferrer(store, {
      bundle: "not JSON",
      subject: image,
      manifest: { artifactType: "application/vnd.oci.empty.v1+json" },
    });
    await putReferrer(store, {
      bundle: bundleOf({ key: newKey().privateKey, payload: JSON.stringify(statementOf(image)) }),
      subject: image,
    });
    await putReferrer(store, {
      bundle: signed({ predicateType: "https://slsa.dev/verification_summary/v1" }),
      subject: image,
    });
    const lost = await putReferrer(store, { bundle: signed({ predicate: { lost: true } }), subject: image });
    const layer = JSON.parse(Buffer.from(registry.repository(name).manifests.get(lost.digest)?.bytes ?? []).toString())
      .layers[0];
    registry.repository(name).blobs.delete(layer.digest);
    await signImage(store, image, key.signer, { storage: "tag" });
    const found = await verifyImage(store, image, policy);
    expect(found.signatures.map(({ form }) => form)).toEqual(["tag"]);
    expect(found.verdicts.filter(({ accepted }) => !accepted).length).toBe(5);
  });

  test("in more than 128 referrers is not searched without end, and that is not a no (CVE-2023-46737)", async () => {
    const { store } = newStore();
    for (let number = 0; number < 130; number += 1) {
      await putReferrer(store, { bundle: `{"number":${number}}`, subject: image });
    }
    registry.requests.length = 0;
    expect(await outcomeOf(() => verifyImage(store, image, policy))).toBe("SIGN_LIMIT_EXCEEDED");
    const opened = registry.requests.filter(({ target }) => target.includes("/manifests/sha256:"));
    expect(opened).toHaveLength(128);
  });

  test("in an endless list of referrers ends (CVE-2023-46737, notation CVE-2023-33957, CVE-2023-33958)", async () => {
    const { store } = newStore();
    await putReferrer(store, { bundle: "{}", subject: image });
    registry.settings.referrersPageSize = 1;
    registry.settings.referrersPaging = "endless";
    try {
      expect(await outcomeOf(() => verifyImage(store, image, { ...policy, storage: "bundle" }))).not.toBe("accepted");
    } finally {
      registry.settings.referrersPageSize = 0;
      registry.settings.referrersPaging = "honest";
    }
  });

  test("in more than 1000 layers is refused before any is read (CVE-2024-29903)", async () => {
    const { store, name } = newStore();
    await signImage(store, image, key.signer, { storage: "tag" });
    const { tags, manifests } = registry.repository(name);
    const tag = `${image.digest.replace(":", "-")}.sig`;
    const manifest = JSON.parse(Buffer.from(manifests.get(tags.get(tag) ?? "")?.bytes ?? []).toString());
    manifest.layers = Array.from({ length: 1001 }, () => manifest.layers[0]);
    registry.putManifest(name, { bytes: JSON.stringify(manifest), mediaType: manifest.mediaType, tag });
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.verdicts.map(({ code }) => code)).toEqual(["ATTACHMENT_INVALID"]);
  });

  test("and claims to be huge, or is larger than it claims, is not taken in (CVE-2024-29902, oras-go GHSA-f36w)", async () => {
    const { store, name } = newStore();
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const layer = await store.pushBlob(Buffer.from(signed()), mediaType);
    await putReferrer(store, { bundle: signed(), subject: image, manifest: { layers: [{ ...layer, size: 2 ** 40 }] } });
    expect(await outcomeOf(() => verifyImage(store, image, policy))).toBe("SIGN_LIMIT_EXCEEDED");
    const second = newStore();
    const written = await second.store.pushBlob(Buffer.from(signed()), mediaType);
    await putReferrer(second.store, {
      bundle: signed(),
      subject: image,
      manifest: { layers: [{ ...written, size: 10 }] },
    });
    expect((await refusalOf(verifyImage(second.store, image, policy))).code).toBe("VERIFICATION_FAILED");
    expect(name).not.toBe(second.name);
  });

  test("and whose bytes are not its digest's is refused (GHSA-m3cq-xcx9-3gvm)", async () => {
    const { store, name } = newStore();
    const [record] = await signImage(store, image, key.signer, { storage: "bundle" });
    const { manifests, blobs } = registry.repository(name);
    const { layers } = JSON.parse(Buffer.from(manifests.get(record?.manifest ?? "")?.bytes ?? []).toString());
    blobs.set(layers[0].digest, Buffer.from(signed().padEnd(layers[0].size).slice(0, layers[0].size)));
    const refusal = await refusalOf(verifyImage(store, image, policy));
    expect(refusal.verdicts.map(({ code }) => code)).toEqual(["DIGEST_MISMATCH"]);
  });

  test("is verified for the digest that was resolved, wherever the tag points meanwhile (CVE-2026-122321)", async () => {
    const { store, name } = newStore();
    await signImage(store, image, key.signer);
    registry.repository(name).tags.set("1", otherImage.digest);
    expect((await verifyImage(store, image, policy)).descriptor.digest).toBe(image.digest);
    const moved = await store.resolve("1");
    if (moved === undefined) throw new TypeError("the tag is there");
    expect((await refusalOf(verifyImage(store, moved, policy))).code).toBe("NO_SIGNATURES");
  });

  test("under the .sig tag of another image is refused", async () => {
    const { store, name } = newStore();
    await signImage(store, image, key.signer, { storage: "tag" });
    const { tags } = registry.repository(name);
    tags.set(tagOf(otherImage.digest), tags.get(tagOf(image.digest)) ?? "");
    const refusal = await refusalOf(verifyImage(store, otherImage, policy));
    expect(refusal.facts).toMatchObject({ reason: "SUBJECT_MISMATCH" });
  });

  test("must have every wanted annotation with exactly its value, also one with an equals sign", async () => {
    const { store } = newStore();
    await signImage(store, image, key.signer, { annotations: { env: "prod", query: "a=b" } });
    for (const storage of ["bundle", "tag"] as const) {
      const by = { ...policy, storage };
      const found = await verifyImage(store, image, { ...by, annotations: { env: "prod", query: "a=b" } });
      expect({ ...found.signatures[0]?.annotations }).toEqual({ env: "prod", query: "a=b" });
      for (const annotations of [{ env: "pro" }, { query: "a" }, { env: "prod", missing: "" }, { toString: "x" }]) {
        const refusal = await refusalOf(verifyImage(store, image, { ...by, annotations }));
        expect(refusal.verdicts.map(({ code }) => code)).toEqual(["ANNOTATION_MISMATCH"]);
      }
    }
  });

  test("may be held to the repository it was signed under", async () => {
    const { store } = newStore();
    await signImage(store, image, key.signer, { storage: "tag" });
    await verifyImage(store, image, { ...policy, signedRepository: store.repository });
    const refusal = await refusalOf(verifyImage(store, image, { ...policy, signedRepository: "ghcr.io/acme/api" }));
    expect(refusal.facts).toMatchObject({ reason: "REFERENCE_MISMATCH" });
  });

  test("and could not be read makes no answer, where nothing else was accepted", async () => {
    const { store } = newStore();
    await signImage(store, image, key.signer);
    registry.inject({ path: /\/blobs\//, effect: { type: "status", status: 401 } });
    try {
      const outcome = await outcomeOf(() => verifyImage(store, image, { ...policy, storage: "bundle" }));
      expect(["VERIFICATION_FAILED", "NO_SIGNATURES", "accepted"]).not.toContain(outcome);
    } finally {
      registry.clearFaults();
    }
  });

  test("is refused by a tag that something else stands under, which is never overwritten", async () => {
    const { store, name } = newStore();
    const tag = `${image.digest.replace(":", "-")}.sig`;
    const mediaType = "application/vnd.oci.image.index.v1+json";
    registry.putManifest(name, {
      bytes: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] }),
      mediaType,
      tag,
    });
    const before = registry.repository(name).tags.get(tag);
    expect(await outcomeOf(() => signImage(store, image, key.signer, { storage: "tag" }))).toBe("ATTACHMENT_INVALID");
    expect(registry.repository(name).tags.get(tag)).toBe(before);
  });
});
