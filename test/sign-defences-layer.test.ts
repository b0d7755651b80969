import { sign } from "node:crypto";
import { digestOf } from "@sc/model";
import { type SignerPolicy, VerificationError, verifyImage } from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { image, newKey, openImages, otherImage } from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };

function payloadOf(digest: string, type = "cosign container image signature"): string {
  const critical = { identity: { "docker-reference": "" }, image: { "docker-manifest-digest": digest }, type };
  return JSON.stringify({ critical, optional: null });
}

function signatureOf(payload: string): string {
  return sign("sha256", Buffer.from(payload), key.privateKey).toString("base64");
}

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

let stores = 0;

// A signature as cosign's older form has it: a layer under the tag, everything else in annotations that nothing covers.
async function verdictOn(payload: string, annotations: Readonly<Record<string, string>> = {}): Promise<string> {
  stores += 1;
  const name = `acme/layer-${stores}`;
  await using store = openImages(registry, name);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
  const blob = await store.pushBlob(Buffer.from(payload), "application/vnd.dev.cosign.simplesigning.v1+json");
  const said = { "dev.cosignproject.cosign/signature": signatureOf(payload), ...annotations };
  const layers = [{ ...blob, annotations: said }];
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const tag = `${image.digest.replace(":", "-")}.sig`;
  registry.putManifest(name, { bytes: manifest, mediaType, digest: digestOf(manifest), tag });
  try {
    await verifyImage(store, image, policy);
    return "accepted";
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return error.verdicts.map(({ code }) => code).join();
  }
}

const right = payloadOf(image.digest);

function logged(members: object = {}): Readonly<Record<string, string>> {
  const body = Buffer.from(JSON.stringify({ kind: "hashedrekord", apiVersion: "0.0.1" })).toString("base64");
  const Payload = { body, integratedTime: 1, logIndex: 1, logID: "0".repeat(64), ...members };
  return { "dev.sigstore.cosign/bundle": JSON.stringify({ SignedEntryTimestamp: "AAAA", Payload }) };
}

const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

describe("a signature in cosign's older form (sign.md F: base64 variants, duplicate keys, integers beyond 2^53)", () => {
  test("that is right is accepted, with a log entry too, or nothing below would mean anything", async () => {
    expect(await verdictOn(right)).toBe("accepted");
    expect(await verdictOn(right, logged())).toBe("accepted");
  });

  test.each([
    [
      "with a member twice, of which one is the image",
      right.replace('"image":', `"image":{"docker-manifest-digest":"${otherImage.digest}"},"image":`),
    ],
    ["with the digest in upper case", payloadOf(`sha256:${image.digest.slice("sha256:".length).toUpperCase()}`)],
    ["of another type", payloadOf(image.digest, "atomic container signature of something else")],
  ])("whose payload is %s is refused", async (_claim, payload) => {
    expect(await verdictOn(payload)).toBe("STATEMENT_INVALID");
  });

  test("whose base64 has white space or stray bits is refused", async () => {
    const text = signatureOf(right);
    for (const odd of [`${text.slice(0, 8)}\n${text.slice(8)}`, ` ${text}`, `${text.replace(/=*$/, "")}!`]) {
      expect(await verdictOn(right, { "dev.cosignproject.cosign/signature": odd })).toBe("BUNDLE_INVALID");
    }
  });

  test("whose log entry has a time or an index beyond 2^53 is refused", async () => {
    for (const members of [{ integratedTime: 2 ** 60 }, { logIndex: 2 ** 60 }, { logIndex: -1 }, { logIndex: "1" }]) {
      expect(await verdictOn(right, logged(members))).toBe("BUNDLE_INVALID");
    }
  });

  test("with two certificates is refused, since readers would differ on whose it is", async () => {
    expect(await verdictOn(right, { "dev.sigstore.cosign/certificate": pem })).toBe("KEY_KIND_MISMATCH");
    expect(await verdictOn(right, { "dev.sigstore.cosign/certificate": pem + pem })).toBe("BUNDLE_INVALID");
  });
});
