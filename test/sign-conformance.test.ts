import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isScError } from "@sc/model";
import {
  decodeTrustRoot,
  parsePublicKeys,
  signErrorCodes,
  type SignerPolicy,
  type VerifiedBundle,
  verifyBundle,
} from "@sc/sign";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const suite = dataFolder("sigstore/conformance");
const publicGood = dataFolder("sigstore/public-good-tuf/targets");
const defaultIdentity =
  "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const defaultIssuer = "https://token.actions.githubusercontent.com";

function folders(): string[] {
  if (suite === undefined) return [];
  return readdirSync(suite, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

// By FORMAT.md of the suite.
function verifyCase(name: string): VerifiedBundle {
  if (suite === undefined || publicGood === undefined) throw new TypeError("the suite or its trust root is absent");
  const optional = (file: string): Buffer | undefined => {
    const path = join(suite, name, file);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  const bytes = optional("artifact") ?? readFileSync(join(suite, "a.txt"));
  const trustRoot = decodeTrustRoot(
    optional("trusted_root.json") ?? readFileSync(join(publicGood, "trusted_root.json")),
    "trusted root",
  );
  const key = optional("key.pub");
  const subject = optional("identity")?.toString().trim() ?? defaultIdentity;
  const issuer = optional("issuer")?.toString().trim() ?? defaultIssuer;
  const policy: SignerPolicy =
    key === undefined
      ? { identities: [{ subject, issuer }], trustRoot }
      : { keys: parsePublicKeys(key, "key.pub"), trustRoot, requireLogEntry: true };
  return verifyBundle(readFileSync(join(suite, name, "bundle.sigstore.json")), { bytes }, policy);
}

describe.skipIf(suite === undefined)("the client conformance suite", () => {
  test("is there", () => {
    expect(folders().length).toBeGreaterThan(0);
  });

  test.each(folders())("%s has the verdict that its name says (SIGN-2, SIGN-5)", (name) => {
    if (!name.endsWith("_fail")) {
      expect(verifyCase(name).facts.checks).toContain("signature");
      return;
    }
    let refused: unknown;
    try {
      verifyCase(name);
    } catch (thrown) {
      refused = thrown;
    }
    expect(isScError(refused) && Object.hasOwn(signErrorCodes, refused.code), String(refused)).toBe(true);
  });
});
