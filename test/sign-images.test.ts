import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ArtifactStore, type Descriptor, isScError } from "@sc/model";
import { type ImageDestination, openDestination, openRegistry, parseReference } from "@sc/oci";
import {
  attestImage,
  createKeySigner,
  keyAlgorithms,
  type PublicKey,
  type Signer,
  signImage,
  VerificationError,
  verifyAttestation,
  verifyImage,
} from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

interface Key {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
}

function keyOf(privateKey: KeyObject): Key {
  const signer = createKeySigner(privateKey);
  if (signer.publicKey === undefined) throw new TypeError("a key signer has a key");
  return { signer, publicKey: signer.publicKey };
}

function newKey(): Key {
  return keyOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
}

const keys: Readonly<Record<(typeof keyAlgorithms)[number], () => KeyObject>> = {
  "ecdsa-p256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  "ecdsa-p384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  "ecdsa-p521": () => generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
  ed25519: () => generateKeyPairSync("ed25519").privateKey,
  "rsa-2048": () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  "rsa-3072": () => generateKeyPairSync("rsa", { modulusLength: 3072 }).privateKey,
  "rsa-4096": () => generateKeyPairSync("rsa", { modulusLength: 4096 }).privateKey,
};

const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });
const otherImage = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "other" }])] });
const now = new Date("2026-11-21T08:00:00Z");

let registry: TestRegistry;
let store: ImageDestination;
let stack: AsyncDisposableStack;
let descriptor: Descriptor;

function openRepository(name: string): ImageDestination {
  const reference = parseReference(`${registry.host}/${name}`);
  if (reference.scheme !== "registry") throw new TypeError("a registry's reference");
  return openRegistry(reference, { plainHttp: [registry.host] });
}

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  registry = stack.use(await startRegistry());
  pushImage(registry, "acme/api:1", image);
  pushImage(registry, "acme/api:2", otherImage);
  store = stack.use(openRepository("acme/api"));
  descriptor = { mediaType: image.descriptor.mediaType, digest: image.descriptor.digest, size: image.bytes.length };
});

afterEach(async () => {
  await stack.disposeAsync();
});

async function reasonOf(verification: Promise<unknown>): Promise<VerificationError> {
  const error: unknown = await verification.catch((thrown: unknown) => thrown);
  if (error instanceof VerificationError) return error;
  throw isScError(error) ? error : new Error(`not refused: ${String(error)}`, { cause: error });
}

function requestLines(): string[] {
  return registry.requests.map(({ method, target, status }) => `${method} ${target.replace(/\?.*/, "")} ${status}`);
}

describe("whatever is signed verifies", () => {
  test.each(keyAlgorithms)(
    "with %s keys, in both forms, and not with another key (SIGN-1, SIGN-3)",
    async (algorithm) => {
      const { signer, publicKey } = keyOf(keys[algorithm]());
      await signImage(store, descriptor, signer);
      for (const storage of ["bundle", "tag"] as const) {
        const found = await verifyImage(store, descriptor, { keys: [newKey().publicKey, publicKey], storage });
        expect(found.signatures.map(({ form }) => form)).toEqual([storage]);
        expect(found.signatures[0]?.facts.signer).toEqual({ kind: "key", keyId: publicKey.id });
        const refused = await reasonOf(verifyImage(store, descriptor, { keys: [newKey().publicKey], storage }));
        expect(refused.code).toBe("VERIFICATION_FAILED");
        expect(refused.verdicts.map(({ code }) => code)).toEqual(["SIGNATURE_MISMATCH"]);
      }
    },
  );

  test.each(["api", 404, "header-without-endpoint", "wrong-content-type"] as const)(
    "where the registry's referrers API is: %s (SIGN-3)",
    async (referrers) => {
      registry.settings.referrers = referrers;
      const { signer, publicKey } = newKey();
      await signImage(store, descriptor, signer);
      await attestImage(store, descriptor, signer, { type: "custom", predicate: { ok: true } });
      const signed = await verifyImage(store, descriptor, { keys: [publicKey], all: true });
      expect(signed.signatures.map(({ form }) => form).toSorted()).toEqual(["bundle", "tag"]);
      const attested = await verifyAttestation(store, descriptor, { keys: [publicKey], predicateType: "custom" });
      expect(attested.statements).toHaveLength(1);
      expect(attested.statements[0]?.statement.predicate).toEqual({ ok: true });
    },
  );

  test("in an OCI layout (SIGN-3)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sc-sign-"));
    try {
      await using layout = await openDestination(parseReference(`oci-layout:${join(folder, "layout")}`));
      for (const { descriptor: blob, bytes } of image.blobs) await layout.pushBlob(bytes, blob.mediaType);
      await layout.pushManifest(image.bytes, descriptor.mediaType, { tag: "1" });
      const { signer, publicKey } = newKey();
      await signImage(layout, descriptor, signer);
      await attestImage(layout, descriptor, signer, { type: "custom", predicate: {} });
      const { signatures } = await verifyImage(layout, descriptor, { keys: [publicKey], all: true });
      expect(signatures.map(({ form }) => form).toSorted()).toEqual(["bundle", "tag"]);
      await verifyAttestation(layout, descriptor, { keys: [publicKey], predicateType: "custom" });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("with signatures kept in another repository, named for the image's own (SIGN-3)", async () => {
    const { signer, publicKey } = newKey();
    const signatures: ArtifactStore = stack.use(openRepository("acme/signatures"));
    await signImage(signatures, descriptor, signer, { imageRepository: store.repository });
    const policy = { keys: [publicKey], signedRepository: store.repository, storage: "tag" } as const;
    expect((await verifyImage(signatures, descriptor, policy)).signatures).toHaveLength(1);
    expect((await reasonOf(verifyImage(store, descriptor, policy))).code).toBe("NO_SIGNATURES");
  });
});

describe("what is written", () => {
  test("a bundle is a referrer with the empty config, one layer and cosign's annotations (SIGN-3)", async () => {
    const { signer } = newKey();
    const [record] = await signImage(store, descriptor, signer, { storage: "bundle", now });
    const stored = registry.repository("acme/api").manifests.get(record?.manifest ?? "");
    const manifest = JSON.parse(Buffer.from(stored?.bytes ?? []).toString());
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: mediaType,
      config: { mediaType: "application/vnd.oci.empty.v1+json", size: 2, digest: empty },
      layers: [{ mediaType, size: expect.any(Number), digest: expect.stringMatching(/^sha256:/) }],
      annotations: {
        "org.opencontainers.image.created": "2026-11-21T08:00:00Z",
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1",
      },
      subject: descriptor,
    });
    const bundle = JSON.parse(
      Buffer.from(registry.repository("acme/api").blobs.get(manifest.layers[0].digest) ?? []).toString(),
    );
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString());
    expect(statement).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ digest: { sha256: descriptor.digest.slice("sha256:".length) } }],
      predicateType: "https://sigstore.dev/cosign/sign/v1",
      predicate: {},
    });
  });

  test("under .sig stands the payload exactly as cosign marshals it (SIGN-3)", async () => {
    const { signer } = newKey();
    await signImage(store, descriptor, signer, { storage: "tag" });
    const { tags, manifests, blobs } = registry.repository("acme/api");
    const digest = tags.get(`${descriptor.digest.replace(":", "-")}.sig`) ?? "";
    const manifest = JSON.parse(Buffer.from(manifests.get(digest)?.bytes ?? []).toString());
    const [layer] = manifest.layers;
    expect(layer.mediaType).toBe("application/vnd.dev.cosign.simplesigning.v1+json");
    expect(Object.keys(layer.annotations)).toEqual(["dev.cosignproject.cosign/signature"]);
    expect(Buffer.from(blobs.get(layer.digest) ?? []).toString()).toBe(
      `{"critical":{"identity":{"docker-reference":"${store.repository}"},"image":{"docker-manifest-digest":"${descriptor.digest}"},"type":"cosign container image signature"},"optional":null}`,
    );
    const config = JSON.parse(Buffer.from(blobs.get(manifest.config.digest) ?? []).toString());
    expect(config.rootfs.diff_ids).toEqual([layer.digest]);
  });

  test("under .att stands the envelope with cosign's annotations, signed once for both forms (SIGN-4)", async () => {
    const { signer } = newKey();
    let signed = 0;
    const counting: Signer = {
      ...signer,
      sign: (payload, call) => {
        signed += 1;
        return signer.sign(payload, call);
      },
    };
    await attestImage(store, descriptor, counting, { type: "spdxjson", predicate: { spdxVersion: "SPDX-2.3" } });
    expect(signed).toBe(1);
    const { tags, manifests } = registry.repository("acme/api");
    const digest = tags.get(`${descriptor.digest.replace(":", "-")}.att`) ?? "";
    const [layer] = JSON.parse(Buffer.from(manifests.get(digest)?.bytes ?? []).toString()).layers;
    expect(layer.mediaType).toBe("application/vnd.dsse.envelope.v1+json");
    expect(layer.annotations).toEqual({
      "dev.cosignproject.cosign/signature": "",
      predicateType: "https://spdx.dev/Document",
    });
  });

  test("signing again with the same key adds nothing and says so; other annotations are another signature", async () => {
    const { signer } = newKey();
    const first = await signImage(store, descriptor, signer);
    const again = await signImage(store, descriptor, signer);
    expect(first.map(({ state }) => state)).toEqual(["written", "written"]);
    expect(again.map(({ state }) => state)).toEqual(["present", "present"]);
    expect(again.map(({ manifest }) => manifest)).toEqual(first.map(({ manifest }) => manifest));
    const annotated = await signImage(store, descriptor, signer, { annotations: { env: "prod" } });
    expect(annotated.map(({ state }) => state)).toEqual(["written", "written"]);
    const other = await signImage(store, descriptor, newKey().signer);
    expect(other.map(({ state }) => state)).toEqual(["written", "written"]);
  });

  test("attesting the same again adds nothing; another predicate is another attestation", async () => {
    const { signer, publicKey } = newKey();
    const attestation = { type: "custom", predicate: { a: 1, b: 2 } };
    await attestImage(store, descriptor, signer, attestation);
    const again = await attestImage(store, descriptor, signer, { type: "custom", predicate: { b: 2, a: 1 } });
    expect(again.map(({ state }) => state)).toEqual(["present", "present"]);
    const third = await attestImage(store, descriptor, signer, { type: "custom", predicate: { a: 2 } });
    expect(third.map(({ state }) => state)).toEqual(["written", "written"]);
    const found = await verifyAttestation(store, descriptor, { keys: [publicKey], predicateType: "custom" });
    expect(found.statements).toHaveLength(2);
  });

  test.each([
    ["holds to conditions", true, true],
    ["ignores conditions", true, false],
    ["gives no etags", false, false],
  ])("signers at the same time lose nothing where the registry %s", async (_what, etags, conditionalPut) => {
    registry.settings.etags = etags;
    registry.settings.conditionalPut = conditionalPut;
    const signers = Array.from({ length: 4 }, newKey);
    await Promise.all(signers.map(({ signer }) => signImage(store, descriptor, signer)));
    for (const { publicKey } of signers) {
      const { signatures } = await verifyImage(store, descriptor, { keys: [publicKey], all: true });
      expect(signatures.map(({ form }) => form).toSorted()).toEqual(["bundle", "tag"]);
    }
  });
});

describe("round trips", () => {
  test("verifying by digest takes three requests for a bundle, and one for a .sig tag (SIGN-5)", async () => {
    const { signer, publicKey } = newKey();
    await signImage(store, descriptor, signer);
    registry.requests.length = 0;
    await verifyImage(store, descriptor, { keys: [publicKey] });
    expect(requestLines()).toHaveLength(3);
    registry.requests.length = 0;
    await verifyImage(store, descriptor, { keys: [publicKey], storage: "tag" });
    expect(requestLines()).toHaveLength(1);
  });

  test("verifying by tag takes one more", async () => {
    const { signer, publicKey } = newKey();
    await signImage(store, descriptor, signer);
    registry.requests.length = 0;
    const resolved = await store.resolve("1");
    if (resolved === undefined) throw new TypeError("the tag is there");
    await verifyImage(store, resolved, { keys: [publicKey] });
    expect(requestLines()).toHaveLength(4);
  });

  test("signing as a bundle takes four: list, two blobs, manifest; attesting too", async () => {
    const { signer } = newKey();
    registry.requests.length = 0;
    await signImage(store, descriptor, signer, { storage: "bundle" });
    expect(requestLines().length, requestLines().join("\n")).toBeLessThanOrEqual(4);
    registry.requests.length = 0;
    await attestImage(store, descriptor, signer, { type: "custom", predicate: {}, storage: "bundle" });
    expect(requestLines().length, requestLines().join("\n")).toBeLessThanOrEqual(4);
  });
});
