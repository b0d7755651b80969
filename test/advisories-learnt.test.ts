import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * Every flaw of tools like this one that is known to us: the names it has, of which a test must carry one. What cannot
 * happen here is said with the reason.
 */
const learnt: readonly (readonly [names: readonly string[], cannotHappen?: string])[] = [
  [["GHSA-fx35-mq7g-6g98"]],
  [["CVE-2026-39395", "GHSA-w6c6-c85g-mmv6"]],
  [["CVE-2026-22703", "GHSA-whqx-f9j3-ch6m"]],
  [["CVE-2022-36056", "GHSA-8gw7-4j42-w388"]],
  [["CVE-2022-35929", "GHSA-vjxv-45g9-9296"]],
  [["CVE-2022-23649", "GHSA-ccxc-vr6p-4858"]],
  [["CVE-2023-46737", "GHSA-vfp6-jrw2-99g9"]],
  [["CVE-2024-29902", "GHSA-88jx-383q-w4qc"]],
  [["CVE-2024-29903", "GHSA-95pr-fxf5-86gv"]],
  [["CVE-2026-48816", "GHSA-xgjw-pm74-86q4"]],
  [["CVE-2026-48815", "GHSA-52v5-jr5w-gjxr"]],
  [["sigstore-js verify 4.1.1"]],
  [["CVE-2026-31830"]],
  [["CVE-2024-53267"]],
  [["CVE-2026-24408"], "no browser is opened for an identity: there is no OAuth state to compare"],
  [["CVE-2024-45395"]],
  [["sigstore-go dbb07e6"]],
  [["sigstore-go 618325f"]],
  [["sigstore-go #642"]],
  [["GHSA-xm5m-wgh2-rrg3"]],
  [["CVE-2026-22772", "GHSA-59jp"]],
  [["CVE-2025-66506", "GHSA-f83f"]],
  [["CVE-2025-66564"]],
  [["CVE-2026-24137", "GHSA-fcv2-xgw5-pqxf"]],
  [["GHSA-4c4x"]],
  [["GHSA-273p"]],
  [["GHSA-843x"]],
  [["CVE-2026-122321"]],
  [["CVE-2025-29778", "GO-2025-3562"]],
  [["GHSA-m3cq-xcx9-3gvm"]],
  [["Kyverno #2739"]],
  [["policy-controller #1971"]],
  [["CVE-2023-33957"]],
  [["CVE-2023-33958"]],
  [["CVE-2023-33959"]],
  [["CVE-2024-23332"]],
  [["GHSA-r2xv-vpr2-42m9"]],
  [["GHSA-vmvj"]],
  [["GHSA-v6px"]],
  [["GHSA-rgp5"]],
  [["GHSA-5qp5"]],
  [
    ["GHSA-r4fv", "GHSA-pgpm", "GHSA-mpvw", "GHSA-g9jx", "GHSA-c346", "GHSA-567m", "GHSA-3vpg", "GHSA-2v4r"],
    "the rest of go-witness' batch is about its policy language and its attestors: steps, commands looked up in PATH, product files behind links. There are none here; an empty policy, an identity that anybody has, and a digest of another strength are refused by tests of their own",
  ],
  [["GHSA-xf85"]],
  [["GHSA-jxpm"]],
  [["GHSA-vh4v"]],
  [["GHSA-f36w"]],
  [["GHSA-298f"]],
  [["GHSA-8xwf"]],
  [["CVE-2026-33895"]],
  [["CVE-2026-33896"]],
  [["GHSA-g2pf-6v5v-qcc8"], "no policy is fetched from anywhere: a file that the user names is what is evaluated"],
];

/** What a verifier has to refuse or to bear besides, each with words of the name of its test, to the letter. */
const checklist: readonly (readonly [item: string, ...names: readonly string[]])[] = [
  ["a payload type that is not in-toto's", "whose payload is of another type"],
  ["no DSSE signature, or two", "without a signature", "with two signatures", "with two signatures that both hold"],
  [
    "variants of base64",
    "with white space in base64",
    "with stray bits in base64",
    "whose base64 has white space or stray bits is refused",
  ],
  [
    "members that stand twice",
    "with a member twice in the statement",
    "with a member twice by an escape",
    "with a member twice in the envelope",
    "with a member twice, of which one is the image",
  ],
  [
    "whole numbers beyond 2^53",
    "with a log index beyond 2^53 as a number",
    "whose log entry has a time or an index beyond 2^53 is refused",
  ],
  [
    "members that are prototypes elsewhere",
    "may have a predicate with the member __proto__",
    "a digest that is inherited",
  ],
  ["subjects by sha1 alone", "with the digest as sha1"],
  ["subjects in upper case, of odd length", "with the digest in upper case", "an odd number of digits"],
  ["a subject that is null", "with a subject that is null", "with a subject that is null beside the image"],
  ["one good subject among many", "may be many, of which one is the image"],
  ["sha256 for sha512", "by sha256 are not a file's whose sha512 begins so"],
  ["ECDSA of zeros", "whose signature is of r = s = 0"],
  [
    "high S, DER that is not minimal",
    "with high S is the same signature, with a longer integer or a longer length it is none",
  ],
  ["P-384 with SHA-256 in older bundles", "by a key on P-384 with SHA-256, as older tools made it, is read"],
  ["weak RSA", "weak and foreign keys are refused: RSA 1024, RSA exponent 3"],
  ["a certificate that had expired", "a certificate that had run out when it was signed with is refused"],
  [
    "an issuer that had expired",
    "an authority that the trust root had ended before is refused, though the certificate is in time",
    "an authority whose own certificate had run out is refused, though the trust root and the certificate are in time",
  ],
  ["the SCT of another certificate", "that is of a different certificate is refused"],
  ["the checkpoint of another log with the same key", "the checkpoint of another log with the same key"],
  ["a tree of size 0", "a proof of a tree of size 0"],
  ["another index, or one out of bounds", "a proof for another index", "a proof for an index beyond the tree"],
  ["another shard", "of a log that the trust root ended before is refused: a shard that is closed"],
  ["a time in the future", "a verifier's clock may be some minutes behind, not an hour"],
  [
    "a timestamp authority out of its period",
    "a timestamp authority that the trust root had ended before is refused",
    "a timestamp authority is believed up to the very second that it ends",
  ],
  [
    "names that only look the same",
    "https://github.com/acme/api%40v1",
    "https://github.com/ACME/api",
    "https://github.com/acme/api@v1@v2",
  ],
  ["several names in a certificate", "several subject alternative names"],
  ["an e-mail address for a URI", "that is an address of e-mail in a place for a URI is refused"],
  ["two issuers in a certificate", "two issuers that disagree"],
  [
    "annotations with an equals sign",
    "must have every wanted annotation with exactly its value, also one with an equals sign",
    "an annotation ends its name at the first equals sign, and its value may have more of them",
  ],
  [
    "a tag that moves meanwhile",
    "is verified for the digest that was resolved, wherever the tag points meanwhile",
    "the digest its tag was resolved to, once, for signature, attestations and packages",
  ],
  [
    "an index for a manifest",
    "and is an index where a manifest should be is refused",
    "and is an index that also lists layers is refused",
  ],
  [
    "a referrer of something else",
    "by a list that names it, though its manifest's subject is another image, or there is none, is refused unopened",
  ],
  ["a bundle that is not its digest's", "and whose bytes are not its digest's is refused"],
  [
    "a digest header that lies",
    "that does not have the digest it was asked for by, or that the header claims, is refused",
  ],
  ["bodies compressed unasked", "that is compressed unasked is refused when read whole"],
  ["a redirect to http", "may not lead from https to http, nor to another scheme"],
  ["a token realm without TLS", "not to a token realm that is a metadata service, nor to one without TLS"],
  ["the output of a credential helper", "is held to its time, its output, its protocol and a plain name"],
];

/** What goes wrong while something is signed, in the same form. */
const failures: readonly (readonly [item: string, ...names: readonly string[]])[] = [
  ["a service that fails for a moment", "%s that fails for a moment is asked again, and the signature is made"],
  ["a service that keeps failing", "%s that keeps failing is named, and nothing is attached in any form"],
  ["a service that cannot be reached", "%s that cannot be reached is named, with its address"],
  [
    "a failure between two forms",
    "that fails for the second form, when the first is made, leaves nothing half attached",
  ],
  ["an answer that is lost", "Rekor whose answer is lost is asked where the entry is, and that entry is taken"],
  ["a token that ran out", "a token that ran out is said to have, when the authority refuses it"],
  [
    "a clock that is wrong",
    "a token that ran out only by this machine's clock is used",
    "an hour ahead",
    "an hour behind",
  ],
  ["a wrong password", "without a password, and with a wrong one, an encrypted key stays closed"],
  ["a key file of the wrong kind", "a public key and a damaged file are told as what they are"],
  ["a registry that one may not write to", "whoever may not write is told so before a log makes the signature public"],
  [
    "tags that cannot be rewritten",
    "a repository of immutable tags",
    "and takes no tag either gives the bundle back to be kept",
  ],
  [
    "a layout that cannot be written",
    "a layout that cannot be written says so with the file's path, and stays as it was",
  ],
  [
    "a missing permission of the job",
    "given a job without the permission, when it signs, then the sentence that fixes it is told",
  ],
];

const root = join(import.meta.dirname, "..");
const names = globSync(["packages/*/src/**/*.test.ts", "test/*.test.ts"], { cwd: root })
  .filter((path) => !path.endsWith("advisories-learnt.test.ts"))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

describe("a flaw that another tool had", () => {
  test.each(learnt.filter(([, cannotHappen]) => cannotHappen === undefined).map(([ids]) => ids))(
    "%s is the name of a test",
    (...ids) => {
      expect(ids.some((id) => names.includes(id))).toBe(true);
    },
  );

  test.each([...checklist, ...failures])("%s: has its test", (_item, ...wanted) => {
    expect(wanted.filter((name) => !names.includes(`"${name}`) && !names.includes(`(${name}`))).toEqual([]);
  });

  test("or cannot happen here, and then no test claims it", () => {
    for (const [ids, cannotHappen = ""] of learnt.filter(([, reason]) => reason !== undefined)) {
      expect(cannotHappen.length).toBeGreaterThan(40);
      expect(ids.filter((id) => names.includes(id))).toEqual([]);
    }
  });
});
