import { createHash, verify, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { loadGithubRoot, readGithubTufRoot } from "./github.ts";
import { materialOf } from "./trust-material.ts";

// As sigstore/sigstore-rust@948c317 has them, fetched through GitHub's TUF repository.
const rootFingerprint = "dc64d3af9fd46dd8";

test("GitHub's embedded root is read without a network, and has timestamps instead of a log (SIGN-5)", async () => {
  const root = await loadGithubRoot();
  const material = materialOf(root);
  expect(material.tlogs).toEqual([]);
  expect(material.ctlogs).toEqual([]);
  expect(material.certificateAuthorities).toHaveLength(6);
  expect(material.timestampAuthorities).toHaveLength(6);
  // One operator, however many pairs of certificates it used.
  expect(new Set(root.operators.timestampAuthorities).size).toBe(1);
});

test("every certificate of GitHub's embedded root was issued by the next, down to one root of GitHub's (SIGN-5)", async () => {
  const material = materialOf(await loadGithubRoot());
  for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities]) {
    const chain = certChain.map((certificate) => new X509Certificate(certificate.root.toDER()));
    expect(chain).toHaveLength(3);
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1] ?? certificate;
      expect(certificate.verify(issuer.publicKey)).toBe(true);
      expect(certificate.checkIssued(issuer)).toBe(true);
    }
    const root = chain.at(-1);
    expect(
      createHash("sha256")
        .update(root?.raw ?? "")
        .digest("hex"),
    ).toMatch(new RegExp(`^${rootFingerprint}`));
    expect(root?.subject).toBe("O=GitHub\\, Inc.\nCN=Internal Services Root");
  }
});

test("each pair of GitHub's authorities counts in its own time, the next from before its end (SIGN-5)", async () => {
  const material = materialOf(await loadGithubRoot());
  for (const authorities of [material.certificateAuthorities, material.timestampAuthorities]) {
    for (const [index, { certChain, validFor }] of authorities.entries()) {
      expect(validFor.start < validFor.end).toBe(true);
      const [leaf] = certChain;
      expect((leaf?.notBefore ?? new Date(0)) <= validFor.start).toBe(true);
      const next = authorities[index + 1];
      if (next !== undefined) expect(next.validFor.start < validFor.end).toBe(true);
    }
  }
});

test("a copy of a trust root is none: only what was decoded and checked is believed (SIGN-5)", async () => {
  const copy = { ...(await loadGithubRoot()) };
  expect(() => materialOf(copy)).toThrow("a copy of a trust root");
});

interface RootMetadata {
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  readonly signed: {
    readonly version: number;
    readonly expires: string;
    readonly keys: Readonly<Record<string, { readonly keyval: { readonly public: string } }>>;
    readonly roles: { readonly root: { readonly keyids: readonly string[]; readonly threshold: number } };
  };
}

// Canonical JSON as TUF signs it: members in order, nothing between them, line ends as they are.
function canonical(value: unknown): string {
  if (typeof value === "string") return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

test("enough of its own keys signed the root metadata that GitHub's mirror is begun with (SIGN-5)", async () => {
  const metadata: RootMetadata = JSON.parse(Buffer.from(await readGithubTufRoot()).toString());
  const { version, keys, roles } = metadata.signed;
  const signersOf = (signed: object): readonly string[] =>
    metadata.signatures
      .filter(({ keyid, sig }) => {
        const key = roles.root.keyids.includes(keyid) ? keys[keyid]?.keyval.public : undefined;
        return key !== undefined && verify("sha256", Buffer.from(canonical(signed)), key, Buffer.from(sig, "hex"));
      })
      .map(({ keyid }) => keyid);
  expect([version, roles.root.threshold]).toEqual([9, 3]);
  expect(new Set(signersOf(metadata.signed)).size).toBeGreaterThanOrEqual(roles.root.threshold);
  expect(signersOf({ ...metadata.signed, version: 10 })).toEqual([]);
});
