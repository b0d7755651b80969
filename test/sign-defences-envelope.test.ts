import { digestOf } from "@sc/model";
import { resolvePredicateType, type SignerPolicy, VerificationError, verifyAttestation, verifyBundle } from "@sc/sign";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleOf, image, newKey, openImages, otherImage, outcomeOf, statementOf } from "./sign-support.ts";

const key = newKey();
const policy: SignerPolicy = { keys: [key.publicKey] };
const predicateType = resolvePredicateType("custom").uri;
const payload = JSON.stringify(statementOf(image, { predicateType }));

interface SignedParts {
  readonly payload?: string;
  readonly payloadType?: string;
  readonly envelope?: object;
}

// The envelope alone, as it stands in a file and under a tag: the format of bundles guards nothing of it.
function envelopeOf(parts: SignedParts = {}): string {
  return JSON.stringify(JSON.parse(bundleOf({ key: key.privateKey, payload, ...parts })).dsseEnvelope);
}

function signatures(): object[] {
  return JSON.parse(envelopeOf()).signatures;
}

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

let stores = 0;

async function verdictUnderTag(envelope: string): Promise<string> {
  stores += 1;
  const name = `acme/envelope-${stores}`;
  await using store = openImages(registry, name);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const config = await store.pushBlob(Buffer.from("{}"), "application/vnd.oci.image.config.v1+json");
  const blob = await store.pushBlob(Buffer.from(envelope), "application/vnd.dsse.envelope.v1+json");
  const layers = [{ ...blob, annotations: { "dev.cosignproject.cosign/signature": "" } }];
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const tag = `${image.digest.replace(":", "-")}.att`;
  registry.putManifest(name, { bytes: manifest, mediaType, digest: digestOf(manifest), tag });
  try {
    await verifyAttestation(store, image, { ...policy, predicateType: "custom" });
    return "accepted";
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return error.verdicts.map(({ code }) => code).join();
  }
}

function verdictOnFile(envelope: string): Promise<string> {
  return outcomeOf(() => verifyBundle(Buffer.from(envelope), { digest: image.digest }, policy));
}

const cases: readonly (readonly [claim: string, code: string, envelope: () => string])[] = [
  ["without a signature", "ENVELOPE_INVALID", () => envelopeOf({ envelope: { signatures: [] } })],
  [
    "with two signatures that both hold",
    "ENVELOPE_INVALID",
    () => envelopeOf({ envelope: { signatures: [...signatures(), ...signatures()] } }),
  ],
  [
    "with white space in base64",
    "ENVELOPE_INVALID",
    () => envelopeOf().replace('"payload":"ey', String.raw`"payload":"ey\n`),
  ],
  ["with a member twice in the envelope", "ENVELOPE_INVALID", () => envelopeOf().replace("{", '{"payload":"e30=",')],
  [
    "with a member twice in the statement",
    "STATEMENT_INVALID",
    () => envelopeOf({ payload: payload.replace("{", '{"predicateType":"x",') }),
  ],
  ["whose payload is of another type", "STATEMENT_INVALID", () => envelopeOf({ payloadType: "text/plain" })],
  [
    "with a subject that is null beside the image",
    "STATEMENT_INVALID",
    () => {
      const { subject }: { subject?: object[] } = JSON.parse(payload);
      return envelopeOf({ payload: JSON.stringify({ ...JSON.parse(payload), subject: [null, ...(subject ?? [])] }) });
    },
  ],
  [
    "about another image",
    "SUBJECT_MISMATCH",
    () => envelopeOf({ payload: JSON.stringify(statementOf(otherImage, { predicateType })) }),
  ],
];

describe.each([
  ["in a file", verdictOnFile],
  ["under a tag", verdictUnderTag],
] as const)(
  "an envelope %s (sign.md F: DSSE with 0 or 2 signatures, payloadType, base64, duplicate keys)",
  (_place, verdictOn) => {
    test("that is right is accepted, or nothing below would mean anything", async () => {
      expect(await verdictOn(envelopeOf())).toBe("accepted");
    });

    test.each(cases)("%s is refused: %s", async (_claim, code, envelope) => {
      expect(await verdictOn(envelope())).toBe(code);
    });
  },
);
