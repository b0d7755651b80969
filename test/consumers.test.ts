import { generateKeyPairSync } from "node:crypto";
import {
  createKeySigner,
  listConsumers,
  type PublicKey,
  type Signer,
  signImage,
  type SignerPolicy,
  verifyImage,
  type Witness,
} from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities } from "./sign-authorities.ts";
import { bundleOf, image, newKey, putReferrer, statementOf, testKey } from "./sign-support.ts";

let at: Authorities;
beforeAll(async () => {
  at = await Authorities.start();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

/** What is told of the tools, as `name form needs`, of an image signed so. */
async function toldOf(
  signer: Signer,
  by: SignerPolicy,
  storage: "both" | "bundle" | "tag",
): Promise<readonly string[]> {
  const { store } = at.newStore();
  await signImage(store, image, signer, { storage });
  const { signatures } = await verifyImage(store, image, { ...by, all: true });
  return listConsumers(signatures).map(({ name, form, needs }) => [name, form, needs ?? "-"].join(" "));
}

function byKey(key: PublicKey): SignerPolicy {
  const { trustRoot } = at.policy();
  return trustRoot === undefined ? { keys: [key] } : { keys: [key], trustRoot };
}

const witnessesOf: Readonly<Record<string, () => readonly Witness[]>> = {
  nobody: () => [],
  "a timestamp authority": () => [at.timestamps()],
  "a log of version 1": () => [at.rekor(1)],
  "a log of version 2": () => [at.rekor(2)],
  "a log of version 2 and a timestamp authority": () => [at.rekor(2), at.timestamps()],
};

/** What the bundle of a signature by key takes, with the witness: cosign 3, cosign 2.6, Kyverno. */
const bundlesByKey: readonly (readonly [string, readonly [string, string, string]])[] = [
  ["nobody", ["--insecure-ignore-tlog", "--insecure-ignore-tlog", " ignoreTlog: true ignoreSCT: true"]],
  ["a timestamp authority", ["--insecure-ignore-tlog", "--insecure-ignore-tlog", " ignoreTlog: true"]],
  ["a log of version 1", ["-", "-", ""]],
  ["a log of version 2", ["-", "-", " ignoreSCT: true"]],
  ["a log of version 2 and a timestamp authority", ["-", "-", ""]],
];

describe("who verifies what is stored is told by what was verified of it (SIGN-3)", () => {
  test.each(bundlesByKey)("a bundle by key, shown to %s", async (witness, [cosign3, cosign2, kyverno]) => {
    const key = newKey();
    const signer = createKeySigner(key.privateKey, { witnesses: witnessesOf[witness]?.() ?? [] });
    expect(await toldOf(signer, byKey(key.publicKey), "bundle")).toEqual([
      `cosign 3 bundle ${cosign3}`,
      `cosign 2.6 bundle ${cosign2}`,
      `Kyverno bundle type: SigstoreBundle${kyverno}`,
    ]);
  });

  test("a tag by key, which needs no log for some", async () => {
    const key = newKey();
    expect(await toldOf(key.signer, byKey(key.publicKey), "tag")).toEqual([
      "cosign 3 tag --insecure-ignore-tlog",
      "cosign 2 tag --insecure-ignore-tlog",
      "skopeo, podman tag use-sigstore-attachments: true",
      "Kyverno tag ignoreTlog: true",
      "policy-controller tag -",
    ]);
  });

  test("both forms by identity in a log of version 1, each tool by the form that needs less", async () => {
    expect(await toldOf(at.keyless([at.rekor(1)]), at.policy(), "both")).toEqual([
      "cosign 3 bundle -",
      "cosign 2.6 bundle -",
      // Not podman, which takes people's addresses alone and no workflow's.
      "Kyverno tag -",
      "cosign 2 tag -",
      "policy-controller tag -",
    ]);
  });

  test("by a person's identity podman too, which knows no other", async () => {
    const { store } = at.newStore();
    await signImage(store, image, at.keyless([at.rekor(1)]), { storage: "tag" });
    const { signatures } = await verifyImage(store, image, at.policy());
    // The authority here names every subject as an address of the web.
    const named = (subject: string) =>
      signatures.flatMap((signature) => {
        const { signer } = signature.facts;
        return [{ ...signature, facts: { ...signature.facts, signer: { ...signer, subject } } }];
      });
    const isTold = (subject: string): boolean =>
      listConsumers(named(subject)).some(({ name }) => name === "skopeo, podman");
    expect(["ci@acme.example", "https://acme.example/w@main", "acme"].map(isTold)).toEqual([true, false, false]);
  });

  test("in a log of version 2 alone, which no tag can carry", async () => {
    expect(await toldOf(at.keyless([at.rekor(2), at.timestamps()]), at.policy(), "both")).toEqual([
      "cosign 3 bundle -",
      "cosign 2.6 bundle --use-signed-timestamps",
      "Kyverno bundle type: SigstoreBundle",
    ]);
  });

  test("by identity in no log, as on an instance that has none", async () => {
    const by = at.policy((root) => root.tlogs.splice(0));
    expect(await toldOf(at.keyless([at.timestamps()]), by, "bundle")).toEqual([
      "cosign 3 bundle --insecure-ignore-tlog --use-signed-timestamps",
      "cosign 2.6 bundle --insecure-ignore-tlog --use-signed-timestamps",
      "Kyverno bundle type: SigstoreBundle ignoreTlog: true",
    ]);
  });
});

describe("by a key on P-384 the hash is told that was signed, not the one that is usual (SIGN-3)", () => {
  test("SHA-384, as it is made here, and no tool that cannot be told it", async () => {
    const key = testKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
    expect(await toldOf(key.signer, byKey(key.publicKey), "both")).toEqual([
      "cosign 3 bundle --signature-digest-algorithm sha384 --insecure-ignore-tlog",
      "cosign 2.6 bundle --signature-digest-algorithm sha384 --insecure-ignore-tlog",
      "Kyverno tag signatureAlgorithm: sha384 ignoreTlog: true",
      "cosign 2 tag --signature-digest-algorithm sha384 --insecure-ignore-tlog",
      "policy-controller tag hashAlgorithm: sha384",
    ]);
  });

  test("SHA-256, as older tools made it: nothing has to be told", async () => {
    const key = testKey(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
    const { store } = at.newStore();
    const bundle = bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(image)), hash: "sha256" });
    await putReferrer(store, { bundle, subject: image });
    const { signatures } = await verifyImage(store, image, { keys: [key.publicKey], all: true });
    expect(signatures.map(({ facts }) => facts.hash)).toEqual(["sha256"]);
    const [first] = listConsumers(signatures);
    expect(first).toEqual({ name: "cosign 3", form: "bundle", needs: "--insecure-ignore-tlog" });
  });

  test("of Ed25519, which hashes by itself, nothing", async () => {
    const key = testKey(generateKeyPairSync("ed25519").privateKey);
    const told = await toldOf(key.signer, byKey(key.publicKey), "both");
    expect(told.join(" ")).not.toMatch(/sha\d/);
  });
});
