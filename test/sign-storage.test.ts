import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isScError, type Progress, type ScError } from "@sc/model";
import { type ImageDestination, openDestination, parseReference } from "@sc/oci";
import {
  AttachmentError,
  attestImage,
  type Signer,
  signImage,
  type SignImageOptions,
  verifyAttestation,
  verifyBundle,
  verifyImage,
} from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { image, images, newKey, openImages, sha256 } from "./sign-support.ts";

let registry: TestRegistry;
let store: ImageDestination;
let stack: AsyncDisposableStack;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  registry = stack.use(await startRegistry());
  store = stack.use(openImages(registry, "acme/api"));
});
afterEach(async () => {
  await stack.disposeAsync();
});

async function refusalOf(call: Promise<unknown>): Promise<ScError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (isScError(error)) return error;
  throw new Error("not refused", { cause: error });
}

interface Told {
  readonly options: SignImageOptions;
  readonly notices: string[];
  readonly messages: string[];
}

function told(): Told {
  const notices: string[] = [];
  const messages: string[] = [];
  const onProgress = (progress: Progress): void => {
    if (progress.type !== "notice" || progress.level !== "warning") return;
    notices.push(progress.code);
    messages.push(progress.message);
  };
  return { options: { onProgress }, notices, messages };
}

describe("a repository of immutable tags", () => {
  test.each([
    ["refuses it as wrong, as ECR does", true],
    ["says the condition failed, as Harbor does", "precondition"],
  ] as const)("that %s takes the bundle of a second signer, and that is said (SIGN-3)", async (_what, immutable) => {
    const [first, second] = [newKey(), newKey()];
    await signImage(store, image, first.signer);
    registry.settings.immutableTags = immutable;
    const { options, notices, messages } = told();
    const records = await signImage(store, image, second.signer, options);
    expect(records.map(({ form }) => form)).toEqual(["bundle"]);
    expect(notices).toEqual(["STORAGE_FORM_REFUSED"]);
    expect(messages[0]).toContain("stored as bundle only");
    expect(messages[0]).toContain(".sig");
    expect(messages[0]).toContain("does not let this tag be changed");
    await verifyImage(store, image, { keys: [second.publicKey] });
    // What stood under the tag is as it was.
    await verifyImage(store, image, { keys: [first.publicKey], storage: "tag" });
    const alone = await refusalOf(signImage(store, image, second.signer, { storage: "tag" }));
    expect(alone.code).toBe("TAG_IMMUTABLE");
    expect(alone.hint).toContain("--storage bundle");
  });

  test("takes an attestation in the same way", async () => {
    const [first, second] = [newKey(), newKey()];
    const attestation = { type: "custom", predicate: { ok: true } };
    await attestImage(store, image, first.signer, attestation);
    registry.settings.immutableTags = true;
    const { options, notices } = told();
    await attestImage(store, image, second.signer, { ...attestation, ...options });
    expect(notices).toEqual(["STORAGE_FORM_REFUSED"]);
    await verifyAttestation(store, image, { keys: [second.publicKey], predicateType: "custom" });
  });

  test("and without the referrers API refuses a second signature in both forms, which is no success", async () => {
    registry.settings.referrers = 404;
    const [first, second] = [newKey(), newKey()];
    await signImage(store, image, first.signer);
    registry.settings.immutableTags = true;
    const error = await refusalOf(signImage(store, image, second.signer));
    expect(error).toBeInstanceOf(AttachmentError);
    expect(error.code).toBe("ATTACHMENT_REFUSED");
    await verifyImage(store, image, { keys: [first.publicKey], all: true });
  });
});

describe("a registry that knows no artifacts", () => {
  test("takes cosign's tag alone, and that is said (SIGN-3)", async () => {
    registry.settings.refusesManifest = ({ artifactType }) => artifactType !== undefined;
    const { signer, publicKey } = newKey();
    const { options, notices, messages } = told();
    const records = await signImage(store, image, signer, options);
    expect(records.map(({ form }) => form)).toEqual(["tag"]);
    expect(notices).toEqual(["STORAGE_FORM_REFUSED"]);
    expect(messages[0]).toContain("stored as tag only");
    await verifyImage(store, image, { keys: [publicKey] });
  });

  test("and takes no tag either gives the bundle back to be kept, and it verifies (SIGN-3)", async () => {
    registry.settings.refusesManifest = () => true;
    const { signer, publicKey } = newKey();
    const { options, notices } = told();
    const error = await refusalOf(signImage(store, image, signer, options));
    if (!(error instanceof AttachmentError)) throw error;
    expect(error.message).toContain("is made and not stored");
    expect(notices).toEqual([]);
    const { facts } = verifyBundle(error.bundle, { digest: image.digest }, { keys: [publicKey] });
    expect(facts.checks).toContain("signature");
  });
});

test("whoever may not write is told so before a log makes the signature public (SIGN-2)", async () => {
  const key = newKey();
  let shown = 0;
  const signer: Signer = {
    ...key.signer,
    witnesses: [
      {
        testify: () => {
          shown += 1;
          return Promise.resolve({ logEntries: [], timestamps: [] });
        },
      },
    ],
  };
  registry.inject({ method: "POST", path: /\/blobs\/uploads\//, effect: { type: "status", status: 403 } });
  const manifests = registry.repository("acme/api").manifests.size;
  const error = await refusalOf(signImage(store, image, signer));
  expect(error.code).toBe("REGISTRY_DENIED");
  expect(error.hint).toContain("allowed");
  expect(shown).toBe(0);
  expect(registry.repository("acme/api").manifests.size).toBe(manifests);
});

test("whoever may add but not overwrite has the bundle stored, and that is said, as Artifactory needs it", async () => {
  const [first, second] = [newKey(), newKey()];
  await signImage(store, image, first.signer);
  registry.inject({ method: "PUT", path: /\.sig$/, effect: { type: "status", status: 403 } });
  const { options, notices } = told();
  const records = await signImage(store, image, second.signer, options);
  expect(records.map(({ form }) => form)).toEqual(["bundle"]);
  expect(notices).toEqual(["STORAGE_FORM_REFUSED"]);
});

test.each(["bundle", "tag"] as const)(
  "a lost update of a registry that ignores conditions is noticed by reading again and repaired, as %s (SIGN-3)",
  async (storage) => {
    registry.settings.conditionalPut = false;
    registry.settings.referrers = 404;
    const [first, second] = [newKey(), newKey()];
    await signImage(store, image, first.signer, { storage });
    const { tags } = registry.repository("acme/api");
    const tag = storage === "tag" ? `${image.digest.replace(":", "-")}.sig` : image.digest.replace(":", "-");
    const before = tags.get(tag);
    if (before === undefined) throw new TypeError("the tag is there");
    // Just after our write another writer, who had read what stood there before, puts that back.
    let struck = 0;
    const put = tags.set.bind(tags);
    tags.set = (name, digest) => {
      put(name, digest);
      if (name === tag && digest !== before && struck === 0) {
        struck += 1;
        put(name, before);
      }
      return tags;
    };
    await signImage(store, image, second.signer, { storage });
    expect(struck).toBe(1);
    for (const { publicKey } of [first, second]) await verifyImage(store, image, { keys: [publicKey], storage });
  },
);

test("a layout that cannot be written says so with the file's path, and stays as it was", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sc-storage-"));
  try {
    const path = join(folder, "layout");
    await using layout = await openDestination(parseReference(`oci-layout:${path}`));
    for (const { descriptor: blob, bytes } of images[0].blobs) await layout.pushBlob(bytes, blob.mediaType);
    await layout.pushManifest(images[0].bytes, image.mediaType, { tag: "1" });
    // Where the empty config would be: also root cannot write there.
    const obstacle = join(path, "blobs/sha256", sha256("{}"));
    await mkdir(join(obstacle, "in-the-way"), { recursive: true });
    const { signer, publicKey } = newKey();
    const error = await refusalOf(signImage(layout, image, signer));
    expect(error.code).toMatch(/^FILE_/);
    expect(error.message).toContain(path);
    await rm(obstacle, { recursive: true });
    expect((await refusalOf(verifyImage(layout, image, { keys: [publicKey] }))).code).toBe("NO_SIGNATURES");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
