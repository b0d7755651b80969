import { createHash, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { loadGithubRoot } from "./github.ts";
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
