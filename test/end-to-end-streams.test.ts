import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Interrupted } from "@sc/cli";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { documentOf, type Ran, runCli, type RunOptions } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-streams-"));
const password = "correct horse battery staple";
const variables = { COSIGN_PASSWORD: password, HOME: directory, LANG: "C.UTF-8" };
const publicKey = join(directory, "cosign.pub");
const database = join(directory, "db");
const image = buildImage({
  layers: [
    buildLayer([
      {
        path: "app/node_modules/lodash/package.json",
        content: '{"name": "lodash", "version": "4.17.15", "license": "MIT"}',
      },
    ]),
  ],
});

async function sc(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await runCli(words, { variables, ...options });
}

beforeAll(async () => {
  const advisories = join(import.meta.dirname, "../vectors/advisories");
  expect((await sc(["db", "build", "--from", advisories, "--db", database])).exitCode).toBe(0);
  expect((await sc(["key", "generate", "--output-key-prefix", join(directory, "cosign")])).exitCode).toBe(0);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("streams and secrets", () => {
  test("no secret stands in any output, also when the run is verbose and fails", async () => {
    await using registry = await startRegistry({ auth: { scheme: "basic", users: { ci: "right-password" } } });
    const reference = pushImage(registry, "acme/api:1", image);
    const words = ["-v", "image", "inspect", "--image", reference, "--username", "ci", "--password-stdin"];
    for (const input of ["right-password\n", "wrong-password\n"]) {
      for (const json of [[], ["--json"]]) {
        const ran = await sc([...words, ...json], { input });
        expect(ran.stdout + ran.stderr).not.toContain(input.trim());
        expect(ran.exitCode).toBe(input.startsWith("right") ? 0 : 4);
      }
    }
    const signed = await sc(["-v", "image", "sign", "--image", reference, "--key", publicKey]);
    expect(signed.stdout + signed.stderr).not.toContain(password);
  });

  test("a secret that found its way into a message is not printed, nor into JSON", async () => {
    const secret = "swordfish-9";
    const words = ["image", "inspect", "--image", `127.0.0.1:1/${secret}:1`];
    for (const json of [[], ["--json"]]) {
      const ran = await sc([...words, ...json], { variables: { ...variables, COSIGN_PASSWORD: secret } });
      expect(ran.stderr).toContain("/***");
      expect(ran.stdout + ran.stderr).not.toContain(secret);
    }
  });

  test("without a terminal progress is one line per stage on standard error, without escape sequences", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await sc(["scan", "-i", reference, "--db", database, "--no-cache"]);
    expect(ran.stderr).toMatch(/^resolve .*\ninventory .*\nmatch .*\n$/);
    expect(ran.stderr).not.toMatch(/\r|\p{Cc}\[/u);
    const quiet = await sc(["scan", "-i", reference, "--db", database, "-q"]);
    expect(quiet.stderr).toBe("");
    expect(quiet.stdout).toBe(ran.stdout);
    const events = await sc(["scan", "-i", reference, "--db", database, "--progress=json"]);
    for (const line of events.stderr.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("type");
  });

  test("SC_LOG=debug is -v, and errors have no stack trace without either", async () => {
    const words = ["image", "inspect", "--image", "127.0.0.1:1/acme/api:1"];
    const [plain, verbose] = [await sc(words), await sc([...words, "-v"])];
    const debug = await sc(words, { variables: { ...variables, SC_LOG: "debug" } });
    expect(plain.stderr).not.toMatch(/^ +at /m);
    for (const { stderr } of [verbose, debug]) expect(stderr).toMatch(/^ +at /m);
  });

  test("nothing that a person reads is wider than 80 columns", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    for (const words of [
      ["scan", "-i", reference, "--db", database],
      ["db", "status", "--db", database],
      ["image", "inspect", "-i", reference],
    ]) {
      const ran = await sc(words);
      const wide = `${ran.stdout}${ran.stderr}`
        .split("\n")
        .filter((line) => line.length > 80 && !line.includes("sha256:"));
      expect(wide).toEqual([]);
    }
  });

  test("Ctrl-C ends a run that waits for a registry in 130 and says what was written", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    registry.inject({ path: /\/manifests\//, effect: { type: "stall", afterBytes: 0 } });
    const interruption = new AbortController();
    const running = sc(["image", "inspect", "--image", reference], { signal: interruption.signal });
    while (registry.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    interruption.abort(new Interrupted());
    const ran = await running;
    expect(ran.exitCode).toBe(130);
    expect(ran.stderr).toContain("interrupted; nothing was written");
  });

  test("Ctrl-C during a copy says what is in the registry already, and nothing was written only where nothing is", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const interruption = new AbortController();
    registry.inject({
      path: /\/v2\/other\/api\/manifests\//,
      method: "PUT",
      effect: { type: "stall", afterBytes: 0 },
    });
    const to = `${registry.host}/other/api:1`;
    const running = sc(["image", "copy", reference, to], { signal: interruption.signal });
    const isNaming = (): boolean =>
      registry.requests.some(({ method, target }) => method === "PUT" && target.includes("/manifests/"));
    while (!isNaming()) await new Promise((resolve) => setImmediate(resolve));
    interruption.abort(new Interrupted());
    const ran = await running;
    expect(ran.exitCode).toBe(130);
    const { length } = [...registry.repository("other/api").blobs];
    expect(length).toBeGreaterThan(0);
    expect(ran.stderr).toContain(`already written: ${length} blobs in ${registry.host}/other/api`);
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
