import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";
import { startTufMirror, type TufMirror } from "./tuf-mirror.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-trust-"));
const at = (name: string): string => join(folder, name);
const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });

let registry: TestRegistry;
let sigstore: TestSigstore;
let reference: string;

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", SIGSTORE_ID_TOKEN: token() },
    now: new Date(sigstore.clock.getTime() + 60_000),
  });
}

function token(): string {
  const sub = "repo:acme/api:ref:refs/heads/main";
  return sigstore.issuer.issue({ iss: issuer, sub, job_workflow_ref: subject, aud: "sigstore" });
}

async function verified(...words: readonly string[]): Promise<string> {
  const by = ["--certificate-identity", subject, "--oidc-issuer", issuer];
  const ran = await sc("image", "verify", "-i", reference, "--json", ...by, ...words);
  return ran.exitCode === 0 ? "accepted" : `${ran.exitCode} ${JSON.stringify(documentOf(ran))}`;
}

beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  reference = pushImage(registry, "acme/api:1", image);
  const root: { tlogs: object[]; timestampAuthorities: object[] } = JSON.parse(
    Buffer.from(sigstore.trustedRoot).toString(),
  );
  for (const one of [...root.tlogs, ...root.timestampAuthorities]) Object.assign(one, { operator: "acme.example" });
  writeFileSync(at("root.json"), JSON.stringify(root));
  const services = ["--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
  expect((await sc("image", "sign", "-i", reference, "--keyless", ...services)).exitCode).toBe(0);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });

  test("--trusted-root takes the names of the two embedded roots, and neither believes another's authority (SIGN-5)", async () => {
    for (const name of ["github", "public-good"]) {
      const verdict = await verified("--trusted-root", name);
      expect(verdict).toMatch(/^1 /);
      expect(verdict).toMatch(/TIMESTAMP_INVALID|CERTIFICATE_INVALID|TRANSPARENCY_LOG_INVALID/);
    }
    expect(await verified("--trusted-root", "./github")).not.toMatch(/^[01] /);
  });
});

describe("operators on the command line (SIGN-5)", () => {
  test("a log's time is not enough where signed timestamps are demanded", async () => {
    const root = ["--trusted-root", at("root.json")];
    expect(await verified(...root)).toBe("accepted");
    expect(await verified(...root, "--use-signed-timestamps")).toMatch(/^1 .*TIMESTAMP_INVALID/);
    expect(await verified(...root, "--min-timestamp-operators", "1")).toMatch(/^1 .*TIMESTAMP_INVALID/);
  });

  test("one operator is not two", async () => {
    const root = ["--trusted-root", at("root.json"), "--min-log-operators"];
    expect(await verified(...root, "1")).toBe("accepted");
    expect(await verified(...root, "2")).toMatch(/^1 .*TRANSPARENCY_LOG_INVALID/);
    expect(await verified(...root, "0")).toMatch(/^3 /);
  });
});

describe("a trust root by TUF on the command line (SIGN-5)", () => {
  let mirror: TufMirror;
  let refresh: readonly string[];
  beforeAll(async () => {
    mirror = await startTufMirror(Buffer.from(sigstore.trustedRoot).toString());
    writeFileSync(at("tuf-root.json"), mirror.root);
    refresh = ["--tuf-mirror", mirror.origin, "--tuf-root", at("tuf-root.json"), "--cache-dir", at("cache")];
  });
  afterAll(async () => {
    await mirror[Symbol.asyncDispose]();
  });

  test("is what the mirror names today, and what was seen of it is kept", async () => {
    expect(await verified()).toMatch(/^1 /);
    expect(mirror.requests).toEqual([]);
    expect(await verified(...refresh)).toBe("accepted");
    const asked = mirror.requests.length;
    expect(asked).toBeGreaterThan(0);
    expect(readdirSync(at("cache/tuf"))).toHaveLength(1);
    // From then on the mirror's own root is known, and less of it is asked for.
    expect(await verified(...refresh.slice(0, 2), ...refresh.slice(4))).toBe("accepted");
    expect(mirror.requests.length).toBeLessThan(2 * asked);
  });

  test("is never asked for with --offline, where what is kept of it counts, nor beside a given one", async () => {
    const layout = `oci-layout:${at("layout")}`;
    expect((await sc("image", "copy", reference, layout)).exitCode).toBe(0);
    const before = mirror.requests.length;
    const by = ["--certificate-identity", subject, "--oidc-issuer", issuer, "--offline"];
    expect((await sc("image", "verify", "-i", layout, ...by, ...refresh)).exitCode).toBe(0);
    expect((await sc("image", "verify", "-i", layout, ...by)).exitCode).toBe(1);
    expect(await verified("--refresh-trusted-root", "--offline")).toMatch(/^4 .*nothing is kept of it/);
    expect(await verified(...refresh, "--trusted-root", at("root.json"))).toMatch(/^3 .*exclude each other/);
    expect(mirror.requests).toHaveLength(before);
  });

  test("of GitHub's own instance is asked for by its name, of a copy of its mirror too", async () => {
    const github = ["--trusted-root", "github"];
    expect(await verified(...github, "--refresh-trusted-root", "--offline", "--cache-dir", at("none"))).toMatch(
      /^4 .*tuf-repo\.github\.com: nothing is kept of it/,
    );
    expect(await verified(...github, "--tuf-mirror", mirror.origin, "--cache-dir", at("elsewhere"))).toMatch(
      /^4 .*TRUST_REFRESH_FAILED/,
    );
    expect(await verified(...github, ...refresh)).toBe("accepted");
    expect(await verified("--trusted-root", "public-good", ...refresh)).toBe("accepted");
  });

  test("that the mirror's keys do not vouch for is refused, and nothing else is believed in its place", async () => {
    mirror.publish({ version: 3, targets: { "trusted_root.json": "{}" }, foreign: true });
    expect(await verified(...refresh)).toMatch(/^4 .*TRUST_REFRESH_FAILED/);
  });
});
