import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { parsePublicKeys, verifyBlob } from "@sc/sign";
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

function readGroups(file: string): readonly Group[] {
  const bytes = gunzipSync(readFileSync(join(folder ?? "", file)));
  const document: { readonly testGroups: readonly Group[] } = JSON.parse(bytes.toString());
  return document.testGroups;
}

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

// A signature over another hash than belongs to the key is none, however valid.
function isHashOfKey({ publicKeyPem, sha }: Group): boolean {
  const [key] = parsePublicKeys(publicKeyPem, "vector");
  return sha === undefined || (hashes[key?.algorithm ?? ""] ?? ["SHA-256"]).includes(sha);
}

// Weak keys are refused before any signature is looked at.
const refusedKeys: ReadonlySet<string> = new Set(["KEY_INVALID"]);

describe.skipIf(folder === undefined)("Wycheproof's vectors", () => {
  const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".json.gz"));

  test("are there", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)(
    "%s: what is valid is accepted, what is invalid never (SIGN-1, node-forge CVE-2026-33895)",
    async (file) => {
      const wrong: string[] = [];
      let asked = 0;
      let accepted = 0;
      for (const group of readGroups(file)) {
        for (const vector of group.tests) {
          const outcome = await verdictOn(vector, group.publicKeyPem);
          if (refusedKeys.has(outcome)) continue;
          asked += 1;
          if (outcome === "accepted") accepted += 1;
          if (vector.result === "acceptable") continue;
          const wanted = vector.result === "valid" && isHashOfKey(group);
          if (wanted !== (outcome === "accepted")) {
            wrong.push(`${vector.tcId} ${vector.result} ${outcome}: ${vector.comment} ${vector.flags.join(" ")}`);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(asked).toBeGreaterThan(0);
      expect(accepted).toBeGreaterThan(0);
    },
  );
});
