import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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

const advisories = join(import.meta.dirname, "../vectors/advisories");
const database = join(directory, "db");

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
  {
    path: "app/node_modules/lodash/package.json",
    content: '{"name": "lodash", "version": "4.17.15", "license": "MIT"}',
  },
]);
const image = buildImage({ layers: [debian] });
const other = buildImage({ layers: [buildLayer([{ path: "a", content: "something else" }])] });

/** An ignore file for every finding in lodash that the sample advisories give. */
function ignoring(expires: string): string {
  const ids = ["GHSA-35jh-r3h4-6jhm", "GHSA-p6mc-m468-83gw", "GHSA-jf85-cpcp-j695", "GHSA-29mw-wpgm-hmr9"];
  return `ignore:\n${ids.map((id) => `  - {id: ${id}, package: lodash, reason: not reachable, expires: ${expires}}\n`).join("")}`;
}

async function sc(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await runCli(words, { variables, ...options });
}

beforeAll(async () => {
  expect((await sc(["db", "build", "--from", advisories, "--db", database])).exitCode).toBe(0);
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

describe("scanning (SCAN-1, SCAN-3, SCAN-5)", () => {
  test("a gate ends in 1 by its own code or another, and without a gate findings are no failure", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const scan = ["image", "scan", "--image", reference, "--db", database];
    const found = await sc(scan);
    expect(found.exitCode).toBe(0);
    expect(found.stdout).toContain("lodash");
    expect((await sc([...scan, "--fail-on", "high"])).exitCode).toBe(1);
    expect((await sc([...scan, "--fail-on", "high", "--exit-code", "42"])).exitCode).toBe(42);
    const json = await sc([...scan, "--fail-on", "high", "--format", "json"]);
    expect(documentOf(json)).toMatchObject({ outcome: "violation" });
  });

  test("without a database nothing is compared and the run ends in 2, before a byte of the image is read", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await sc(["image", "scan", "--image", reference, "--db", join(directory, "nothing")]);
    expect(ran.exitCode).toBe(2);
    expect(ran.stdout).toBe("");
    expect(registry.requests).toEqual([]);
  });

  test("a document gives what the image gives", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const file = join(directory, "scan.cdx.json");
    await sc(["sbom", "generate", "--image", reference, "--output", file]);
    const ofImage = documentOf(await sc(["scan", "-i", reference, "--db", database, "--json"]));
    const ofFile = documentOf(await sc(["scan", "--sbom", file, "--db", database, "--json"]));
    expect(ofFile["findings"]).toEqual(ofImage["findings"]);
    expect(ofImage["findings"]).not.toEqual([]);
  });

  test("an accepted finding does not count until the day its rule ends, and an unknown field of the file is refused", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const file = join(directory, "ignore.yaml");
    const scan = ["scan", "-i", reference, "--db", database, "--fail-on", "high", "--ignore-file", file];
    writeFileSync(file, ignoring("2026-12-31"));
    expect((await sc(scan)).exitCode).toBe(0);
    writeFileSync(file, ignoring("2026-01-01"));
    expect((await sc(scan)).exitCode).toBe(1);
    writeFileSync(file, "ignore:\n  - {id: CVE-2023-45853, reson: x}\n");
    const ran = await sc(scan);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("ignore.0");
  });
});

describe("inventories and documents (SBOM-1, SBOM-4, SBOM-5)", () => {
  test("a document on standard output is all there is on standard output, the same bytes on every run", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const generate = ["sbom", "generate", "--image", reference, "--format", "spdx-json"];
    const ran = await sc(generate);
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ spdxVersion: "SPDX-2.3" });
    expect((await sc(generate)).stdout).toBe(ran.stdout);
  });

  test("an unknown format is answered with the nearest", async () => {
    const ran = await sc(["sbom", "generate", "--image", "127.0.0.1:1/a:1", "--format", "spdx-jsn"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("Did you mean: spdx-json");
  });

  test("a second run takes the facts of layers from the cache and reads none of their bytes", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const generate = ["sbom", "generate", "--image", reference, "--cache-dir", join(directory, "cache")];
    const cold = await sc(generate);
    const layer = `/v2/acme/api/blobs/${debian.descriptor.digest}`;
    expect(registry.requests.filter(({ target }) => target.startsWith(layer))).toHaveLength(1);
    registry.requests.length = 0;
    const warm = await sc(generate);
    expect(registry.requests.filter(({ target }) => target.startsWith(layer))).toEqual([]);
    expect(warm.stdout).toBe(cold.stdout);
  });

  test("pulling an image of one layer takes three requests", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await sc(["sbom", "generate", "--image", reference, "--cache-dir", join(directory, "cold")]);
    expect(
      registry.requests.map(({ method, target }) => `${method} ${target.replace(/sha256:\w+/, "DIGEST")}`),
    ).toEqual(["GET /v2/acme/api/manifests/1", "GET /v2/acme/api/blobs/DIGEST", "GET /v2/acme/api/blobs/DIGEST"]);
  });

  test("a layer that is not what its digest says ends in 4 and gives no document", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    registry.putBlob("acme/api", Buffer.alloc(debian.bytes.length, 7), debian.descriptor.digest);
    const ran = await sc(["sbom", "generate", "--image", reference, "--cache-dir", join(directory, "tampered")]);
    expect(ran.exitCode).toBe(4);
    expect(ran.stdout).toBe("");
  });
});

describe("attached documents (SIGN-4)", () => {
  test("an attested document comes back as it was, and not by another key", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const [file, back] = [join(directory, "a.cdx.json"), join(directory, "b.cdx.json")];
    await sc(["sbom", "generate", "--image", reference, "--output", file]);
    const attached = await sc(["sbom", "attach", "--image", reference, "--sbom", file, "--key", privateKey]);
    expect(attached.exitCode).toBe(0);
    const verified = await sc(["sbom", "verify", "--image", reference, "--key", publicKey, "--output", back]);
    expect(verified.exitCode).toBe(0);
    expect(JSON.parse(readFileSync(back, "utf8"))).toEqual(JSON.parse(readFileSync(file, "utf8")));
    const refused = await sc(["sbom", "verify", "--image", reference, "--key", join(directory, "other.pub")]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toBe("");
  });

  test("a document about another image is refused, and an image without one ends in 1", async () => {
    await using registry = await startRegistry();
    const [one, two] = [pushImage(registry, "acme/api:1", image), pushImage(registry, "acme/web:1", other)];
    const file = join(directory, "c.cdx.json");
    await sc(["sbom", "generate", "--image", one, "--output", file]);
    const ran = await sc(["sbom", "attach", "--image", two, "--sbom", file, "--key", privateKey]);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain("SC-SBOM-SUBJECT-MISMATCH");
    expect((await sc(["sbom", "verify", "--image", two, "--key", publicKey])).exitCode).toBe(1);
  });
});

describe("the whole chain (RUN-2)", () => {
  test("an image that passes is signed, attested and verified; the files are where they were asked for", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/web:1", other);
    const out = join(directory, "secured");
    const ran = await sc(["secure", "-i", reference, "--key", privateKey, "--db", database, "--output", out]);
    expect(ran.stderr).not.toContain("SC-");
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("1 of 1 secured");
    expect((await sc(["verify", "-i", reference, "--key", publicKey])).exitCode).toBe(0);
    expect((await sc(["sbom", "verify", "-i", reference, "--key", publicKey])).exitCode).toBe(0);
  });

  test("an image that violates the gate is not signed", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await sc(["secure", "-i", reference, "--key", privateKey, "--db", database, "--fail-on", "high"]);
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).toContain("stopped at scan");
    expect(registry.requests.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test("what is not required and fails is a warning; what is not enabled is not done", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/web:1", other);
    const config = join(directory, "sc.yaml");
    const run = ["secure", "-i", reference, "--config", config, "--db", join(directory, "nothing"), "--json"];
    writeFileSync(config, "security: {enabled: true, scan: {enabled: true}, sbom: {enabled: true, attach: false}}");
    const tolerant = await sc(run);
    expect(tolerant.exitCode).toBe(0);
    expect(documentOf(tolerant)).toMatchObject({
      images: [{ warnings: [{ stage: "scan", code: "DATABASE_MISSING" }] }],
    });
    writeFileSync(config, "security: {enabled: true, scan: {enabled: true, required: true}}");
    expect((await sc(run)).exitCode).toBe(2);
    registry.requests.length = 0;
    writeFileSync(config, "security: {scan: {enabled: true}}");
    expect((await sc(run)).exitCode).toBe(0);
    expect(registry.requests).toEqual([]);
  });

  test("the password of a key comes from the variable that the configuration names", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/web:1", other);
    const config = join(directory, "signing.yaml");
    writeFileSync(
      config,
      `security: {enabled: true, signing: {enabled: true, required: true, privateKey: ${privateKey}, password: "\${secret:RELEASE}"}}`,
    );
    const run = ["secure", "-i", reference, "--config", config];
    const without = { HOME: directory };
    expect((await sc(run, { variables: without })).exitCode).toBe(1);
    expect((await sc(run, { variables: { ...without, RELEASE: "wrong" } })).exitCode).toBe(1);
    expect((await sc(run, { variables: { ...without, RELEASE: password } })).exitCode).toBe(0);
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
    expect(tree.stdout).toContain("bundle  https://sigstore.dev/cosign/sign/v1");
    const inspected = await sc(["image", "inspect", "-i", `oci-layout:${directory}/copy:1`, "--json"]);
    expect(documentOf(inspected)).toMatchObject({ outcome: "pass", digest: image.descriptor.digest });
  });
});
