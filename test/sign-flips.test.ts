import { digestOf } from "@sc/model";
import { signImage, verifyImage } from "@sc/sign";
import { assert as holds, asyncProperty, constantFrom, integer, nat } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, changedBundle, type StoredBundle, type StoredEntry, verdictOn } from "./sign-authorities.ts";
import { image, openRepository, outcomeOf } from "./sign-support.ts";

// One byte of what is inside is changed, with every digest around it made to agree: as whoever may push can do it.
const fixed = { seed: 20_261_121, numRuns: 120 };

let at: Authorities;
beforeAll(async () => {
  at = await Authorities.start();
  for (let number = 0; number < 6; number += 1) {
    for (const log of Object.values(at.sigstore.logs)) log.append({ number }, new Date(0));
  }
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

interface Flip {
  readonly at: number;
  readonly bit: number;
}

function flipped(base64: unknown, { at: where, bit }: Flip): string {
  const bytes = Buffer.from(String(base64), "base64");
  const index = where % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return bytes.toString("base64");
}

function flippedText(text: string, { at: where, bit }: Flip): string {
  const bytes = Buffer.from(text);
  const index = where % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return bytes.toString("latin1");
}

function entryOf({ verificationMaterial: { tlogEntries } }: StoredBundle): StoredEntry {
  const [entry] = tlogEntries;
  if (entry === undefined) throw new TypeError("an entry");
  return entry;
}

function replace(holder: object, member: string, flip: Flip): void {
  Object.assign(holder, { [member]: flipped(Reflect.get(holder, member), flip) });
}

const inBundle: Readonly<Record<string, (bundle: StoredBundle, flip: Flip) => void>> = {
  signature: ({ dsseEnvelope }, flip) => replace(dsseEnvelope.signatures[0] ?? {}, "sig", flip),
  payload: ({ dsseEnvelope }, flip) => replace(dsseEnvelope, "payload", flip),
  certificate: ({ verificationMaterial }, flip) =>
    replace(Object(verificationMaterial["certificate"]), "rawBytes", flip),
  "log entry": (bundle, flip) => replace(entryOf(bundle), "canonicalizedBody", flip),
  "log id": (bundle, flip) => replace(Object(entryOf(bundle)["logId"]), "keyId", flip),
  "proof's hashes": (bundle, flip) => {
    const { hashes } = entryOf(bundle).inclusionProof;
    const index = flip.at % hashes.length;
    hashes[index] = flipped(hashes[index], flip);
  },
  "proof's checkpoint": (bundle, flip) => {
    const { checkpoint } = entryOf(bundle).inclusionProof;
    // Of the note itself: its signature lines are each tried.
    const [note = "", rest = ""] = checkpoint.envelope.split("\n\n");
    checkpoint.envelope = `${flippedText(note, flip)}\n\n${rest}`;
  },
};

describe.each([1, 2] as const)("a bundle by identity in a log of version %s (SIGN-5)", (version) => {
  test("with any one byte of what is in it changed is refused", async () => {
    const good = await at.bundleBy(at.keyless([at.rekor(version), at.timestamps()]));
    const by = at.policy();
    expect(await verdictOn(good, by)).toBe("accepted");
    const places = Object.keys(inBundle);
    await holds(
      asyncProperty(constantFrom(...places), nat(), integer({ min: 0, max: 7 }), async (place, where, bit) => {
        const changed = changedBundle(good, (copy) => inBundle[place]?.(copy, { at: where, bit }));
        expect(await verdictOn(changed, by)).not.toBe("accepted");
      }),
      fixed,
    );
  });
});

test("a promise of a log with any one byte changed is refused, though the proof is whole (SIGN-5)", async () => {
  const good = await at.bundleBy(at.keyless([at.rekor(1)]));
  for (let where = 0; where < 70; where += 3) {
    const changed = changedBundle(good, (copy) =>
      replace(Object(entryOf(copy)["inclusionPromise"]), "signedEntryTimestamp", { at: where, bit: where % 8 }),
    );
    expect(await verdictOn(changed, at.policy())).not.toBe("accepted");
  }
});

interface TagLayer {
  digest: string;
  size: number;
  annotations: Record<string, string>;
}

const names = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  entry: "dev.sigstore.cosign/bundle",
};

function changeEntry(layer: TagLayer, change: (entry: Record<string, unknown>) => void): void {
  const entry = JSON.parse(layer.annotations[names.entry] ?? "");
  change(entry);
  layer.annotations[names.entry] = JSON.stringify(entry);
}

const inTag: Readonly<Record<string, (layer: TagLayer, flip: Flip) => void>> = {
  signature: (layer, flip) => replace(layer.annotations, names.signature, flip),
  certificate: (layer, flip) => {
    const der = (layer.annotations[names.certificate] ?? "").replaceAll(/-----[^-]+-----|\s/g, "");
    layer.annotations[names.certificate] =
      `-----BEGIN CERTIFICATE-----\n${flipped(der, flip)}\n-----END CERTIFICATE-----\n`;
  },
  "log entry": (layer, flip) => changeEntry(layer, ({ Payload }) => replace(Object(Payload), "body", flip)),
  "log's promise": (layer, flip) => changeEntry(layer, (entry) => replace(entry, "SignedEntryTimestamp", flip)),
};

test("what stands under a tag by identity, with any one byte of what is in it changed, is refused (SIGN-5)", async () => {
  const { store, name } = at.newStore();
  await signImage(store, image, at.keyless([at.rekor(1)]), { storage: "tag" });
  const tag = `${image.digest.replace(":", "-")}.sig`;
  const { tags, manifests, blobs } = at.registry.repository(name);
  const good = JSON.parse(Buffer.from(manifests.get(tags.get(tag) ?? "")?.bytes ?? []).toString());
  const by = { ...at.policy(), storage: "tag" } as const;
  const verdict = async (manifest: object): Promise<string> => {
    at.registry.putManifest(name, { bytes: JSON.stringify(manifest), mediaType: good.mediaType, tag });
    await using fresh = openRepository(at.registry, name);
    return await outcomeOf(() => verifyImage(fresh, image, by));
  };
  expect(await verdict(good)).toBe("accepted");
  await holds(
    asyncProperty(
      constantFrom(...Object.keys(inTag)),
      nat(),
      integer({ min: 0, max: 7 }),
      async (place, where, bit) => {
        const changed = structuredClone(good);
        inTag[place]?.(changed.layers[0], { at: where, bit });
        expect(await verdict(changed)).not.toBe("accepted");
      },
    ),
    { ...fixed, numRuns: 60 },
  );
  const payload = Buffer.from(blobs.get(good.layers[0].digest) ?? []);
  for (let where = 0; where < payload.length; where += 5) {
    const bytes = Buffer.from(payload);
    bytes[where] = (bytes[where] ?? 0) ^ (1 << (where % 8));
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    const changed = structuredClone(good);
    Object.assign(changed.layers[0], { digest, size: bytes.length });
    expect(await verdict(changed)).not.toBe("accepted");
  }
});
