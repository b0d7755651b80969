import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { documentOf, type Ran, runCli, type RunOptions } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-end-to-end-"));
const password = "correct horse battery staple";
const variables = { COSIGN_PASSWORD: password, HOME: directory, LANG: "C.UTF-8" };

const privateKey = join(directory, "cosign.key");
const publicKey = join(directory, "cosign.pub");

const debian = buildLayer([
  {
    path: "etc/os-release",
    content: 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n',
  },
  {
    path: "var/lib/dpkg/status",
    content:
      "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.2.13.dfsg-1\nMaintainer: A <a@example.org>\nDescription: compression\n\n",
  },
]);
const image = buildImage({ layers: [debian] });
const other = buildImage({ layers: [buildLayer([{ path: "a", content: "something else" }])] });

async function sc(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await runCli(words, { variables, ...options });
}

beforeAll(async () => {
  expect((await sc(["key", "generate", "--output-key-prefix", join(directory, "cosign")])).exitCode).toBe(0);
  expect((await sc(["key", "generate", "--output-key-prefix", join(directory, "other")])).exitCode).toBe(0);
});

describe("signing and verifying (SIGN-1, SIGN-3, SIGN-5)", () => {
  test("what was signed verifies, and with another key it does not", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const signed = await sc(["image", "sign", "--image", reference, "--key", privateKey]);
    expect(signed.stderr).not.toContain("SC-");
    expect(signed.exitCode).toBe(0);
    const verified = await sc(["image", "verify", "--image", reference, "--key", publicKey]);
    expect(verified.exitCode).toBe(0);
    expect(verified.stdout).toContain("1 of 1 verified");
    const refused = await sc(["image", "verify", "--image", reference, "--key", join(directory, "other.pub")]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("0 of 1 verified");
    expect(refused.stdout).toContain("SC-SIGNATURE-MISMATCH");
  });

  test("an image under the same tag that is not the signed one ends in 1, as does one never signed", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await sc(["sign", "-i", reference, "--key", privateKey]);
    pushImage(registry, "acme/api:1", other);
    const ran = await sc(["verify", "-i", reference, "--key", publicKey, "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ schema: "urn:sc:image-verify:1", outcome: "violation", verified: 0 });
  });

  test("of several images each gets its answer, and the report is written whatever they are", async () => {
    await using registry = await startRegistry();
    const good = pushImage(registry, "acme/api:1", image);
    const bad = pushImage(registry, "acme/web:1", other);
    await sc(["sign", "-i", good, "--key", privateKey]);
    const words = ["verify", "-i", good, "-i", bad, "--key", publicKey, "--report", join(directory, "out/verify.json")];
    const ran = await sc(words);
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).toContain("1 of 2 verified");
    expect(JSON.parse(readFileSync(join(directory, "out/verify.json"), "utf8"))).toMatchObject({
      outcome: "violation",
    });
  });

  test("a signature by several commands is one signature", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await sc(["sign", "-i", reference, "--key", privateKey]);
    const again = await sc(["sign", "-i", reference, "--key", privateKey]);
    expect(again.stdout).toContain("was there already");
    expect(again.stdout).not.toContain("written");
  });

  test("nobody is accepted who is not named", async () => {
    const ran = await sc(["verify", "-i", "127.0.0.1:1/a:1"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("nobody is named");
  });
});

describe("exit codes (section 6)", () => {
  test("a registry that cannot be reached ends in 4, or in 1 with SC_EXIT_COMPAT=1", async () => {
    const words = ["image", "inspect", "--image", "127.0.0.1:1/acme/api:1"];
    const ran = await sc(words);
    expect(ran.exitCode).toBe(4);
    expect(ran.stdout).toBe("");
    const compat = await sc(words, { variables: { ...variables, SC_EXIT_COMPAT: "1" } });
    expect(compat.exitCode).toBe(1);
  });

  test("with --offline no socket is opened", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await sc(["image", "inspect", "--image", reference, "--offline", "--json"]);
    expect(ran.exitCode).not.toBe(0);
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "OFFLINE" } });
    expect(registry.requests).toEqual([]);
  });

  test("an image that does not exist ends in 4", async () => {
    await using registry = await startRegistry();
    expect((await sc(["image", "inspect", "--image", `${registry.host}/none:1`])).exitCode).toBe(4);
  });

  test("no advisory database ends in 2", async () => {
    const ran = await sc(["db", "status", "--json"]);
    expect(ran.exitCode).toBe(2);
    expect(documentOf(ran)).toMatchObject({ error: { code: "DATABASE_MISSING" } });
  });
});

describe("copying and looking (OCI-3)", () => {
  test("a copy in a folder verifies offline, since no digest changes", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await sc(["sign", "-i", reference, "--key", privateKey]);
    const copied = await sc(["copy", reference, `oci-layout:${directory}/copy:1`]);
    expect(copied.exitCode).toBe(0);
    const verified = await sc(["verify", "-i", `oci-layout:${directory}/copy:1`, "--key", publicKey, "--offline"]);
    expect(verified.exitCode).toBe(0);
    const tree = await sc(["tree", "-i", `oci-layout:${directory}/copy:1`]);
    expect(tree.stdout).toContain("application/vnd.dev.sigstore.bundle.v0.3+json");
    const inspected = await sc(["image", "inspect", "-i", `oci-layout:${directory}/copy:1`, "--json"]);
    expect(documentOf(inspected)).toMatchObject({ outcome: "pass", digest: image.descriptor.digest });
  });
});
