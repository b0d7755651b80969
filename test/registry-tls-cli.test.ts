import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildLayer, createAuthority, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";
import { startTunnel, type Tunnel } from "./tunnel.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-tls-"));
const at = (name: string): string => join(folder, name);
const authority = createAuthority();
const identity = authority.issue({ names: ["registry.example"] });
const image = buildImage({ layers: [buildLayer([{ path: "a", content: "a" }])] });

let registry: TestRegistry;
let tunnel: Tunnel;

beforeAll(async () => {
  registry = await startRegistry({ tls: { identity, clientCa: authority.certificate } });
  tunnel = await startTunnel(registry.host);
  pushImage(registry, "app:v1", image);
  const client = authority.issue({ names: ["a-client"] });
  writeFileSync(at("ca.pem"), authority.certificate);
  writeFileSync(at("other-ca.pem"), createAuthority("Another").certificate);
  writeFileSync(at("client.pem"), client.certificate);
  writeFileSync(at("client.key"), client.privateKey);
});

afterAll(async () => {
  await tunnel[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const trusted = ["--registry-ca", at("ca.pem"), "--client-cert", at("client.pem"), "--client-key", at("client.key")];

async function inspect(
  name: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const variables = { HOME: folder, HTTPS_PROXY: tunnel.url, ...more };
  return await runCli(["image", "inspect", "-i", `${name}/app:v1`, "--json", ...words], { variables });
}

describe("a registry over TLS, through a proxy, on the command line (OCI-5)", () => {
  test("is read with its authority and a client certificate, and the proxy hears its name", async () => {
    const ran = await inspect("registry.example", trusted);
    expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toContain(image.descriptor.digest);
    expect(new Set(tunnel.asked)).toEqual(new Set(["registry.example:443"]));
  });

  test("is read with the authority that SSL_CERT_FILE names", async () => {
    const ran = await inspect("registry.example", trusted.slice(2), { SSL_CERT_FILE: at("ca.pem") });
    expect(ran.exitCode, ran.stdout + ran.stderr).toBe(0);
  });

  test.each([
    ["its authority is not known", "registry.example", trusted.slice(2)],
    ["another authority is", "registry.example", ["--registry-ca", at("other-ca.pem"), ...trusted.slice(2)]],
    ["its certificate is for another name", "registry.example.com", trusted],
    ["no client certificate is shown", "registry.example", trusted.slice(0, 2)],
  ])("is refused in 4 where %s, and never asked in plain words", async (_, name, words) => {
    const before = registry.requests.length;
    const ran = await inspect(name, words);
    expect(documentOf(ran)).toMatchObject({ error: { code: "TLS_FAILED", hint: expect.stringMatching(/^[A-Z]/) } });
    expect(ran.exitCode).toBe(4);
    expect(registry.requests).toHaveLength(before);
  });

  test("a host that NO_PROXY names is not asked for through the proxy, nor is any other name", async () => {
    const before = tunnel.asked.length;
    const ran = await inspect("registry.invalid", trusted, { NO_PROXY: "registry.invalid" });
    expect(documentOf(ran)).toMatchObject({ error: { code: "DNS_FAILED" } });
    expect(tunnel.asked).toHaveLength(before);
  });

  test("is asked over plain http only where --plain-http names exactly it", async () => {
    const before = registry.requests.length;
    for (const plain of ["example", "registry.example:443", "registry.example.com"]) {
      const ran = await inspect("registry.example", [...trusted.slice(2), "--plain-http", plain]);
      expect(documentOf(ran)).toMatchObject({ error: { code: "TLS_FAILED" } });
    }
    expect(registry.requests).toHaveLength(before);
  });
});

test("a registry of this machine is asked over TLS where --tls names it, with its port (OCI-5)", async () => {
  const own = authority.issue({ names: ["127.0.0.1"] });
  await using local = await startRegistry({ tls: { identity: own } });
  pushImage(local, "app:v1", image);
  const words = ["image", "inspect", `${local.host}/app:v1`, "--json", "--registry-ca", at("ca.pem")];
  const ran = await runCli([...words, "--tls", local.host], { variables: { HOME: folder } });
  expect(ran.exitCode, ran.stdout).toBe(0);
  const other = await runCli([...words, "--tls", "127.0.0.1"], { variables: { HOME: folder } });
  expect(documentOf(other)).toMatchObject({ error: { code: "CONNECTION_LOST" } });
});
