import type { ImageDestination } from "@sc/oci";
import {
  attestImage,
  type Signer,
  signImage,
  type SignerPolicy,
  verifyAttestation,
  verifyBundle,
  verifyImage,
} from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { assert as holds, asyncProperty, constantFrom, dictionary, integer, jsonValue, nat, string } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleOf, image, newKey, openImages, openRepository, outcomeOf, statementOf } from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };
const fixed = { seed: 20_261_121, numRuns: 25 };

let registry: TestRegistry;
let number = 0;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

async function withStore(use: (store: ImageDestination, name: string) => Promise<void>): Promise<void> {
  const name = `acme/p${(number += 1)}`;
  await using store = openImages(registry, name);
  await use(store, name);
}

const text = string({ unit: "binary", maxLength: 40 }).map((value) => value.toWellFormed());
const name = text.filter((value) => value !== "");

test("whatever annotations a signature is made with, it verifies with them in both forms (SIGN-3)", async () => {
  await holds(
    asyncProperty(dictionary(name, text, { maxKeys: 4, noNullPrototype: true }), async (annotations) => {
      await withStore(async (store) => {
        await signImage(store, image, key.signer, { annotations });
        const found = await verifyImage(store, image, { ...policy, annotations, all: true });
        expect(found.signatures.map(({ form }) => form).toSorted()).toEqual(["bundle", "tag"]);
        for (const signature of found.signatures) expect({ ...signature.annotations }).toEqual({ ...annotations });
      });
    }),
    fixed,
  );
});

test("whatever predicate is attested comes back as it was, once (SIGN-4)", async () => {
  const predicate = dictionary(name, jsonValue({ maxDepth: 3 }), { maxKeys: 4, noNullPrototype: true });
  await holds(
    asyncProperty(predicate, async (said) => {
      await withStore(async (store) => {
        const wanted = JSON.parse(JSON.stringify(said));
        await attestImage(store, image, key.signer, { type: "custom", predicate: wanted });
        const { statements } = await verifyAttestation(store, image, { ...policy, predicateType: "custom" });
        expect(statements.map(({ statement }) => statement.predicate)).toEqual([wanted]);
      });
    }),
    fixed,
  );
});

// A config is never read, so nothing in it is believed.
function isConfig(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes("diff_ids");
}

test("a bundle with any one byte changed is refused", async () => {
  const bundle = Buffer.from(bundleOf({ key: key.privateKey, payload: JSON.stringify(statementOf(image)) }));
  expect(await outcomeOf(() => verifyBundle(bundle, { digest: image.digest }, policy))).toBe("accepted");
  const accepted: string[] = [];
  for (let at = 0; at < bundle.length; at += 1) {
    for (const bit of [1, 1 << (at % 8)]) {
      const changed = Buffer.from(bundle);
      changed[at] = (changed[at] ?? 0) ^ bit;
      const outcome = await outcomeOf(() => verifyBundle(changed, { digest: image.digest }, policy));
      if (outcome === "accepted") accepted.push(changed.subarray(Math.max(0, at - 20), at + 20).toString());
    }
  }
  expect(accepted).toEqual([]);
});

test.each(["bundle", "tag"] as const)(
  "with any one byte of what is stored changed, the %s form is refused",
  async (storage) => {
    await withStore(async (store, repository) => {
      const { manifests, blobs } = registry.repository(repository);
      const before = new Set([...manifests.keys(), ...blobs.keys()]);
      await signImage(store, image, key.signer, { storage, annotations: { env: "prod" } });
      const by = { ...policy, storage, annotations: { env: "prod" } };
      expect(await outcomeOf(() => verifyImage(store, image, by))).toBe("accepted");
      const stored = [...manifests.entries()].filter(([digest]) => !before.has(digest));
      const places = [
        ...stored.map(([digest, { bytes }]) => ({ digest, bytes })),
        ...[...blobs]
          .filter(([digest, bytes]) => !before.has(digest) && bytes.length > 2 && !isConfig(bytes))
          .map(([digest, bytes]) => ({ digest, bytes })),
      ];
      expect(places).toHaveLength(2);
      await holds(
        asyncProperty(constantFrom(...places), nat(), integer({ min: 0, max: 7 }), async (place, at, bit) => {
          const changed = Buffer.from(place.bytes);

          const index = at % changed.length;
          changed[index] = (changed[index] ?? 0) ^ (1 << bit);
          const manifest = manifests.get(place.digest);
          if (manifest === undefined) blobs.set(place.digest, changed);
          else manifests.set(place.digest, { ...manifest, bytes: changed });
          await using fresh = openRepository(registry, repository);
          const outcome = await outcomeOf(() => verifyImage(fresh, image, by));
          if (manifest === undefined) blobs.set(place.digest, place.bytes);
          else manifests.set(place.digest, manifest);
          expect(outcome).not.toBe("accepted");
        }),
        { ...fixed, numRuns: 60 },
      );
      expect(await outcomeOf(() => verifyImage(store, image, by))).toBe("accepted");
    });
  },
);

test("a signer that signs something else is never verified", async () => {
  const liar: Signer = { ...key.signer, sign: (_payload, call) => key.signer.sign(Buffer.from("other"), call) };
  await withStore(async (store) => {
    await signImage(store, image, liar);
    expect(await outcomeOf(() => verifyImage(store, image, policy))).toBe("VERIFICATION_FAILED");
  });
});
