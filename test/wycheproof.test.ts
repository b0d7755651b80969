import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { parsePublicKeys, verifyBlob } from "@sc/sign";
import { hasCode } from "@sc/model";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { outcomeOf } from "./sign-support.ts";

const folder = dataFolder("wycheproof");

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly msg: string;
  readonly sig: string;
  readonly result: "valid" | "acceptable" | "invalid";
  readonly flags: readonly string[];
}

interface Group {
  readonly publicKeyPem: string;
  readonly sha?: string;
  readonly tests: readonly Vector[];
}

interface VectorFile {
  readonly schema: string;
  readonly testGroups: readonly Group[];
}

function readVectors(file: string): VectorFile {
  const document: VectorFile = JSON.parse(gunzipSync(readFileSync(join(folder ?? "", file))).toString());
  return document;
}

// By the schema that a file names: signatures in a form that bundles and annotations carry (of ECDSA DER, or the two
// numbers alone), signatures in a form that is never theirs, and what is no verification of a signature at all.
const ownForms = /^(?:ecdsa_verify|ecdsa_p1363_verify|eddsa_verify|rsassa_pkcs1_verify)_schema/;
const otherForms = /^(?:ecdsa_bitcoin_verify|rsassa_pss_verify|rsassa_pss_with_parameters_verify)_schema/;

function filesOf(form: RegExp): readonly string[] {
  return files.filter((file) => form.test(readVectors(file).schema));
}

const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".json.gz"));

/** What comes of a signature over a message, in a bundle, by a key. */
async function verdictOn({ msg, sig }: Vector, publicKeyPem: string): Promise<string> {
  const message = Buffer.from(msg, "hex");
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: { publicKey: { hint: "" } },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: createHash("sha256").update(message).digest("base64") },
      signature: Buffer.from(sig, "hex").toString("base64"),
    },
  };
  const bytes = Buffer.from(JSON.stringify(bundle));
  return await outcomeOf(() => verifyBlob(bytes, message, { keys: parsePublicKeys(publicKeyPem, "vector") }));
}

const hashes: Readonly<Record<string, readonly string[]>> = {
  "ecdsa-p384": ["SHA-384", "SHA-256"],
  "ecdsa-p521": ["SHA-512", "SHA-256"],
  ed25519: [],
};

// A signature over another hash than belongs to the key is none, however valid; nor is one by a key that is refused.
function isAccepted({ publicKeyPem, sha }: Group): boolean {
  const algorithm = algorithmOf(publicKeyPem);
  if (algorithm === undefined) return false;
  return sha === undefined || (hashes[algorithm] ?? ["SHA-256"]).includes(sha);
}

function algorithmOf(publicKeyPem: string): string | undefined {
  try {
    return parsePublicKeys(publicKeyPem, "vector")[0]?.algorithm;
  } catch (error) {
    if (hasCode(error, "KEY_INVALID")) return undefined;
    throw error;
  }
}

describe.skipIf(folder === undefined)("Wycheproof's vectors", () => {
  test("are there, with signatures by keys and hashes that are accepted", () => {
    expect(filesOf(ownForms).some((file) => readVectors(file).testGroups.some(isAccepted))).toBe(true);
  });

  test.for(filesOf(ownForms))(
    "%s: what is valid is accepted, what is invalid never (SIGN-1, node-forge CVE-2026-33895)",
    async (file) => {
      const wrong: string[] = [];
      let accepted = 0;
      const { testGroups } = readVectors(file);
      for (const group of testGroups) {
        for (const vector of group.tests) {
          // Over the wrong hash for the file may be over the right one here.
          if (vector.flags.includes("WrongHash") && !isAccepted(group)) continue;
          const outcome = await verdictOn(vector, group.publicKeyPem);
          if (outcome === "accepted") accepted += 1;
          if (vector.result === "acceptable" && isAccepted(group)) continue;
          const wanted = vector.result === "valid" && isAccepted(group);
          if (wanted !== (outcome === "accepted")) {
            wrong.push(`${vector.tcId} ${vector.result} ${outcome}: ${vector.comment} ${vector.flags.join(" ")}`);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(accepted > 0).toBe(testGroups.some(isAccepted));
    },
  );

  test.for(filesOf(otherForms))("%s: a signature in another form is never accepted (SIGN-1)", async (file) => {
    for (const { tests, publicKeyPem } of readVectors(file).testGroups) {
      // A signature of the wrong kind for the file is of the right kind here.
      for (const vector of tests.filter(({ flags }) => !flags.includes("WrongPrimitive"))) {
        expect(await verdictOn(vector, publicKeyPem), String(vector.tcId)).not.toBe("accepted");
      }
    }
  });
});
