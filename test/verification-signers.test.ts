import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Gates, issuer, subject } from "./gates.ts";
import { documentOf } from "./run-cli.ts";

let gates: Gates;
const byKey = (): readonly string[] => ["--public-key", gates.at("cosign.pub")];
const exact = ["--certificate-identity", subject, "--oidc-issuer", issuer];
const root = (): readonly string[] => ["--trusted-root", gates.at("root.json")];
const commit = "0123456789abcdef0123456789abcdef01234567";

beforeAll(async () => {
  gates = await Gates.open();
});
afterAll(async () => {
  await gates[Symbol.asyncDispose]();
});

describe("a GitHub organization (SIGN-5)", () => {
  test("is whose workflows are accepted, of exactly that owner, by the certificate's word", async () => {
    const { reference } = gates.newImage();
    await gates.byIdentity(["image", "sign", reference]);
    const verified = await gates.sc(["verify", reference, ...root(), "--organization", "acme", "--json"]);
    expect(verified.exitCode).toBe(0);
    expect(documentOf(verified)).toMatchObject({ images: [{ signatures: [{ facts: { signer: { subject } } }, {}] }] });
    for (const other of ["acm", "acme-evil", "ACME2", "api"]) {
      expect(await gates.exitOf("verify", reference, ...root(), "--organization", other), other).toBe(1);
    }
    expect(await gates.exitOf("verify", reference, ...root(), "--organization", "acme/api")).toBe(3);
  });

  test("does not follow from the workflow's name, nor from another provider's word", async () => {
    const evil = gates.newImage().reference;
    await gates.byIdentity(["image", "sign", evil], { claims: { repository_owner: "https://github.com/evil" } });
    expect(await gates.exitOf("verify", evil, ...root(), "--organization", "acme")).toBe(1);
    // What the user says of the owner besides does not take the place of the organization.
    const claim = ["--claim", "source-repository-owner-uri=https://github.com/evil"];
    expect(await gates.exitOf("verify", evil, ...root(), "--organization", "acme", ...claim)).toBe(1);
    const foreign = gates.newImage().reference;
    await gates.byIdentity(["image", "sign", foreign], { claims: { iss: "https://issuer.example" } });
    expect(await gates.exitOf("verify", foreign, ...root(), "--organization", "acme")).toBe(1);
    const person = gates.newImage().reference;
    await gates.byIdentity(["image", "sign", person], { claims: { job_workflow_ref: "https://github.com/acme" } });
    expect(await gates.exitOf("verify", person, ...root(), "--organization", "acme")).toBe(1);
  });

  test("may be asked for with further claims, and with no other identity", async () => {
    const { reference } = gates.newImage();
    await gates.byIdentity(["image", "sign", reference]);
    const asked = ["verify", reference, ...root(), "--organization", "acme"];
    expect(await gates.exitOf(...asked, "--claim", "source-repository-ref=refs/heads/main")).toBe(0);
    expect(await gates.exitOf(...asked, "--claim", "source-repository-ref=refs/heads/dev")).toBe(1);
    expect(await gates.exitOf(...asked, "--certificate-identity", subject)).toBe(3);
    expect(await gates.exitOf(...asked, "--oidc-issuer", issuer)).toBe(3);
    expect(await gates.exitOf(...asked, ...byKey())).toBe(3);
  });
});

describe("the older claims of a certificate (SIGN-5)", () => {
  test("are conditions by cosign's options, each exact", async () => {
    const { reference } = gates.newImage();
    const claims = { trigger: "push", sha: commit, name: "release", repository: "acme/api", ref: "refs/heads/main" };
    await gates.byIdentity(["image", "sign", reference], {
      claims: {
        older_event_name: claims.trigger,
        older_sha: claims.sha,
        older_workflow: claims.name,
        older_repository: claims.repository,
        older_ref: claims.ref,
      },
    });
    for (const [name, value] of Object.entries(claims)) {
      const asked = ["verify", reference, ...root(), ...exact, `--certificate-github-workflow-${name}`];
      expect(await gates.exitOf(...asked, value), name).toBe(0);
      expect(await gates.exitOf(...asked, `${value}x`), name).toBe(1);
      expect(await gates.exitOf(...asked, value, "--claim", `github-workflow-${name}=${value}`), name).toBe(3);
    }
  });
});

describe("who is accepted is said in one way (SIGN-5)", () => {
  beforeAll(async () => {
    const advisories = join(import.meta.dirname, "../vectors/advisories");
    expect(await gates.exitOf("db", "build", "--from", advisories, "--db", gates.at("db"))).toBe(0);
  });

  test.each<readonly [string, readonly string[]]>([
    ["a key and an identity", ["--key", "cosign.pub", ...exact]],
    ["a key and --keyless", ["--key", "cosign.pub", "--keyless"]],
    ["an identity as a text and as a pattern", [...exact, "--identity-regexp", "x"]],
    ["an issuer as a text and as a pattern", [...exact, "--oidc-issuer-regexp", "x"]],
    ["an identity without an issuer", ["--certificate-identity", subject]],
    ["an issuer without an identity", ["--oidc-issuer", issuer]],
    ["a claim without an identity", ["--claim", "build-trigger=push"]],
    ["a claim twice", [...exact, "--claim", "build-trigger=push", "--claim", "build-trigger=push"]],
    ["a claim that there is not", [...exact, "--claim", "build-trigge=push"]],
    ["nobody", []],
  ])("%s is refused as such, before anything is asked", async (_what, words) => {
    const before = gates.registry.requests.length;
    const given = words.map((word) => (word === "cosign.pub" ? gates.at(word) : word));
    expect(await gates.exitOf("verify", `${gates.registry.host}/acme/none:1`, ...given)).toBe(3);
    expect(gates.registry.requests).toHaveLength(before);
  });

  test.each<readonly [string, readonly string[]]>([
    ["an organization", ["--organization", "acme"]],
    ["a claim", ["--claim", "build-trigger=push"]],
    ["--keyless", ["--keyless"]],
    ["an age", ["--max-age", "1d"]],
    ["a pattern of the issuer", ["--oidc-issuer-regexp", "https://x"]],
  ])("%s makes sc db status ask for a signature, never pass over it (SCAN-2)", async (_what, words) => {
    expect(await gates.exitOf("db", "status", "--db", gates.at("db"))).not.toBe(3);
    expect([1, 3]).toContain(await gates.exitOf("db", "status", "--db", gates.at("db"), ...words));
    const ran = await gates.sc(["db", "status", "--db", gates.at("db"), "--json", ...words]);
    expect(documentOf(ran)["outcome"]).not.toBe("pass");
  });
});
