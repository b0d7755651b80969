import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSigstore } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) process.stderr.write("openssl is not installed: what it verifies is skipped\n");

const folder = mkdtempSync(join(tmpdir(), "sc-keys-"));
const at = (name: string): string => join(folder, name);
const password = "correct horse battery";

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sc(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Ran> {
  const given = input === undefined ? {} : { input };
  return await runCli(words, { variables: { HOME: folder, LANG: "C.UTF-8", ...variables }, ...given });
}

async function generate(name: string, ...words: readonly string[]): Promise<Ran> {
  return await sc(["key", "generate", "--output-key-prefix", at(name), ...words], { COSIGN_PASSWORD: password });
}

beforeAll(async () => {
  await generate("cosign");
  writeFileSync(at("app.tar"), "the content of a file\n");
  writeFileSync(at("other.tar"), "the content of another file\n");
});

describe("sc key (SIGN-1)", () => {
  test("a private key is encrypted, readable by its owner alone and not overwritten unless forced", async () => {
    expect(statSync(at("cosign.key")).mode & 0o777).toBe(0o600);
    const before = readFileSync(at("cosign.key"), "utf8");
    expect(before).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----/);
    const refused = await generate("cosign");
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(at("cosign.key"), "utf8")).toBe(before);
    await generate("forced");
    const forced = readFileSync(at("forced.key"), "utf8");
    expect((await generate("forced", "--force")).exitCode).toBe(0);
    expect(readFileSync(at("forced.key"), "utf8")).not.toBe(forced);
    expect(statSync(at("forced.key")).mode & 0o777).toBe(0o600);
  });

  test("a key whose public half alone is there is not written beside it", async () => {
    writeFileSync(at("half.pub"), "somebody else's\n");
    expect((await generate("half")).exitCode).toBe(3);
    expect(existsSync(at("half.key"))).toBe(false);
    expect(readFileSync(at("half.pub"), "utf8")).toBe("somebody else's\n");
  });

  test("the password is taken from a file, a descriptor or either variable, and is in no output", async () => {
    writeFileSync(at("password"), `${password}\n`);
    const ways: readonly (readonly [readonly string[], Record<string, string>])[] = [
      [["--password-file", at("password")], { COSIGN_PASSWORD: "not this one" }],
      [["--password-fd", String(openSync(at("password"), "r"))], {}],
      [[], { COSIGN_PASSWORD: password }],
      [[], { SC_KEY_PASSWORD: password }],
    ];
    for (const [words, variables] of ways) {
      const ran = await sc(["key", "public", "-v", "--key", at("cosign.key"), ...words], variables);
      expect(ran.stderr).toBe("");
      expect(ran.stdout).toBe(readFileSync(at("cosign.pub"), "utf8"));
    }
    const wrong = await sc(["key", "public", "-v", "--key", at("cosign.key"), "--password", "not this one"]);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stderr).toContain("SC-KEY-PASSWORD-WRONG");
    expect(wrong.stdout + wrong.stderr).not.toContain("not this one");
    const both = ["--password", "not this one", "--password-file", at("password")];
    expect((await sc(["key", "public", "--key", at("cosign.key"), ...both])).exitCode).toBe(3);
    const none = await sc(["key", "public", "--key", at("cosign.key"), "--password-fd", "one"]);
    expect(none.exitCode).toBe(3);
  });

  test.each([
    ["PKCS#8", "ec", "pkcs8"],
    ["SEC1", "ec", "sec1"],
    ["PKCS#1", "rsa", "pkcs1"],
  ] as const)("a key in %s is imported into cosign's format with its own public half", async (name, kind, type) => {
    const pair =
      kind === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-384" })
        : generateKeyPairSync("rsa", { modulusLength: 2048 });
    const plain = pair.privateKey.export({ format: "pem", type });
    writeFileSync(at(`${type}.pem`), plain);
    const words = [
      "key",
      "import",
      "--key",
      at(`${type}.pem`),
      "--output-key-prefix",
      at(`imported-${type}`),
      "--json",
    ];
    const ran = await sc(words, { COSIGN_PASSWORD: password });
    expect(ran.exitCode, name).toBe(0);
    expect(documentOf(ran)).toMatchObject({ schema: "urn:sc:key-import:1", outcome: "pass" });
    expect(readFileSync(at(`imported-${type}.key`), "utf8")).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----/);
    expect(readFileSync(at(`imported-${type}.pub`), "utf8")).toBe(
      pair.publicKey.export({ format: "pem", type: "spki" }),
    );
    expect(statSync(at(`imported-${type}.key`)).mode & 0o777).toBe(0o600);
    expect((await sc(words, { COSIGN_PASSWORD: password })).exitCode).toBe(3);
    const body = String(plain).split("\n")[1] ?? "";
    expect(body.length).toBeGreaterThan(40);
    expect(ran.stdout + ran.stderr).not.toContain(body);
  });

  test("importing a key of cosign changes its password", async () => {
    writeFileSync(at("old"), password);
    const words = ["key", "import", "--key", at("cosign.key"), "--output-key-prefix", at("rotated")];
    const wrong = await sc(words, { COSIGN_PASSWORD: "another one" });
    expect(wrong.exitCode).toBe(3);
    expect(existsSync(at("rotated.key"))).toBe(false);
    expect((await sc([...words, "--old-password-file", at("old")], { COSIGN_PASSWORD: "another one" })).exitCode).toBe(
      0,
    );
    const shown = await sc(["key", "public", "--key", at("rotated.key")], { COSIGN_PASSWORD: "another one" });
    expect(shown.stdout).toBe(readFileSync(at("cosign.pub"), "utf8"));
  });

  test("a public key and a damaged file are told as what they are", async () => {
    writeFileSync(at("damaged.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (const name of ["cosign.pub", "damaged.pem"]) {
      const words = ["key", "import", "--key", at(name), "--output-key-prefix", at("never")];
      const ran = await sc(words, { COSIGN_PASSWORD: password });
      expect(ran.stderr).toContain("SC-KEY-INVALID");
      expect(existsSync(at("never.key"))).toBe(false);
    }
  });
});

describe("sc blob (SIGN-4)", () => {
  const key = ["--key", at("cosign.key")];
  const accepted = ["--key", at("cosign.pub")];
  const secret = { COSIGN_PASSWORD: password };

  test("a file is signed beside itself and verifies; another file and another key do not", async () => {
    const signed = await sc(["blob", "sign", at("app.tar"), ...key, "--json"], secret);
    expect(documentOf(signed)).toMatchObject({
      schema: "urn:sc:blob-sign:1",
      outcome: "pass",
      bundle: at("app.tar.sigstore.json"),
    });
    const verified = await sc(["blob", "verify", at("app.tar"), ...accepted, "--json"]);
    expect(verified.exitCode).toBe(0);
    expect(documentOf(verified)).toMatchObject({ schema: "urn:sc:blob-verify:1", outcome: "pass" });
    const other = ["blob", "verify", at("other.tar"), ...accepted];
    expect((await sc(other)).exitCode).toBe(3);
    const swapped = await sc([...other, "--bundle", at("app.tar.sigstore.json"), "--json"]);
    expect(swapped.exitCode).toBe(1);
    expect(documentOf(swapped)).toMatchObject({ outcome: "violation", error: { code: "SUBJECT_MISMATCH" } });
    await generate("stranger");
    const stranger = await sc(["blob", "verify", at("app.tar"), "--key", at("stranger.pub")]);
    expect(stranger.exitCode).toBe(1);
    for (const ran of [signed, verified, swapped]) expect(ran.stdout + ran.stderr).not.toContain(password);
  });

  test("a statement about a file counts by its type, and never as a signature", async () => {
    writeFileSync(at("vex.json"), '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
    const bundle = ["--bundle", at("statement.json")];
    const words = ["--type", "openvex", "--predicate", at("vex.json")];
    expect((await sc(["blob", "sign", at("app.tar"), ...key, ...bundle, ...words], secret)).exitCode).toBe(0);
    const asked = ["blob", "verify", at("app.tar"), ...accepted, ...bundle];
    const verified = await sc([...asked, "--type", "openvex", "--output", at("stated.json")]);
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(readFileSync(at("stated.json"), "utf8"))).toEqual(
      JSON.parse(readFileSync(at("vex.json"), "utf8")),
    );
    expect((await sc([...asked, "--type", "vuln"])).exitCode).toBe(1);
    expect((await sc(asked)).exitCode).toBe(1);
    expect((await sc(["blob", "sign", at("app.tar"), ...key, "--type", "openvex"], secret)).exitCode).toBe(3);
  });

  test.skipIf(!hasOpenssl)("openssl verifies our signature, and we verify openssl's", async () => {
    const signature = at("app.tar.sig");
    await sc(["blob", "sign", at("app.tar"), ...key, "--output-signature", signature], secret);
    writeFileSync(at("raw.sig"), Buffer.from(readFileSync(signature, "utf8"), "base64"));
    const check = ["dgst", "-sha256", "-verify", at("cosign.pub"), "-signature", at("raw.sig")];
    expect(execFileSync("openssl", [...check, at("app.tar")], { encoding: "utf8" })).toContain("Verified OK");
    expect(spawnSync("openssl", [...check, at("other.tar")]).status).not.toBe(0);

    execFileSync("openssl", ["ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", at("theirs.pem")]);
    execFileSync("openssl", ["ec", "-in", at("theirs.pem"), "-pubout", "-out", at("theirs.pub")], { stdio: "ignore" });
    execFileSync("openssl", ["dgst", "-sha256", "-sign", at("theirs.pem"), "-out", at("theirs.sig"), at("app.tar")]);
    const asked = ["--key", at("theirs.pub"), "--signature", at("theirs.sig")];
    expect((await sc(["blob", "verify", at("app.tar"), ...asked])).exitCode).toBe(0);
    expect((await sc(["blob", "verify", at("other.tar"), ...asked])).exitCode).toBe(1);
    const base64 = [...accepted, "--signature", signature];
    expect((await sc(["blob", "verify", at("app.tar"), ...base64])).exitCode).toBe(0);
  });

  test("standard input is signed into a bundle that is named, and not without", async () => {
    expect((await sc(["blob", "sign", "-", ...key], secret, "x")).exitCode).toBe(3);
    const bundle = ["--bundle", at("stdin.json")];
    expect((await sc(["blob", "sign", "-", ...key, ...bundle], secret, "x")).exitCode).toBe(0);
    expect((await sc(["blob", "verify", "-", ...accepted, ...bundle], {}, "x")).exitCode).toBe(0);
    expect((await sc(["blob", "verify", "-", ...accepted, ...bundle], {}, "y")).exitCode).toBe(1);
  });

  test("a file is signed by identity, which verifies with exactly that identity and the log's entry", async () => {
    await using sigstore = await startSigstore();
    writeFileSync(at("root.json"), sigstore.trustedRoot);
    const iss = "https://token.actions.githubusercontent.com";
    const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
    const token = sigstore.issuer.issue({ iss, sub: "repo:acme/api", job_workflow_ref: subject, aud: "sigstore" });
    const now = new Date(sigstore.clock.getTime() + 60_000);
    const bundle = ["--bundle", at("keyless.json")];
    const services = ["--keyless", "--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
    const run = async (words: readonly string[]): Promise<Ran> =>
      await runCli(words, { variables: { HOME: folder, SIGSTORE_ID_TOKEN: token }, now });
    const signed = await run(["blob", "sign", at("app.tar"), ...services, ...bundle]);
    expect(signed.stderr).not.toContain("SC-");
    expect(signed.exitCode).toBe(0);
    const asked = ["blob", "verify", at("app.tar"), ...bundle, "--trusted-root", at("root.json"), "--oidc-issuer", iss];
    const verified = await run([...asked, "--certificate-identity", subject, "--json"]);
    expect(documentOf(verified)).toMatchObject({ signature: { signer: { subject }, logEntries: [{}] } });
    expect((await run([...asked, "--certificate-identity", `x${subject}`])).exitCode).toBe(1);
    expect(signed.stdout + signed.stderr).not.toContain(token);
  });
});
