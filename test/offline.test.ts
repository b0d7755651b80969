import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildLayer, writeLayout } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-offline-"));
const at = (name: string): string => join(folder, name);
const image = `oci-layout:${at("layout")}:1`;
const root = join(import.meta.dirname, "..");
const variables = { COSIGN_PASSWORD: "x" };

const layer = buildLayer([
  { path: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
  { path: "app/node_modules/lodash/package.json", content: '{"name": "lodash", "version": "4.17.15"}' },
]);

beforeAll(async () => {
  await writeLayout(at("layout"), buildImage({ layers: [layer] }), "1");
  const prepared = [
    ["key", "generate", "--output-key-prefix", at("adv")],
    ["db", "build", "--from", join(root, "vectors/advisories"), "--db", at("db")],
    ["db", "export", at("advisories.tar"), "--db", at("db"), "--key", at("adv.key")],
    ["image", "sign", "-i", image, "--key", at("adv.key"), "--storage", "tag"],
  ];
  for (const words of prepared) {
    const ran = await runCli(words, { variables });
    expect(ran.exitCode, ran.stderr).toBe(0);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Watched {
  readonly exitCode: unknown;
  readonly output: string;
  /** What would have opened a socket. */
  readonly sockets: readonly string[];
}

/** Runs the command line in a process that can open no socket. */
async function run(words: readonly string[]): Promise<Watched> {
  const record = at(`sockets-${crypto.randomUUID()}`);
  writeFileSync(record, "");
  const preload = import.meta.resolve("./refuse-sockets.ts");
  const child = spawn(process.execPath, ["--import", preload, join(root, "packages/cli/src/bin.ts"), ...words], {
    env: { ...variables, REFUSED_SOCKETS: record, XDG_CACHE_HOME: at("cache"), HOME: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const [exitCode] = await once(child, "close");
  return { exitCode, output, sockets: readFileSync(record, "utf8").split("\n").filter(Boolean) };
}

describe("offline opens no socket (SCAN-2, RUN-12)", () => {
  test("the watch sees what would open one", async () => {
    const { exitCode, sockets } = await run(["image", "inspect", "-i", "127.0.0.1:1/acme/api:1"]);
    expect(exitCode).toBe(4);
    expect(sockets.length).toBeGreaterThan(0);
  });

  const verifyAs = ["--certificate-identity", "a@acme.example", "--oidc-issuer", "https://accounts.acme.example"];
  const runs: readonly (readonly [words: readonly string[], exitCode: number, says: string])[] = [
    [["image", "scan", "-i", image, "--db", at("db"), "--all"], 0, "lodash"],
    [["sbom", "generate", "-i", image, "--format", "cyclonedx-json"], 0, "lodash"],
    [["image", "verify", "-i", image, "--key", at("adv.pub")], 0, "1 of 1 verified"],
    // By an identity the trust root is needed: the embedded one.
    [["image", "verify", "-i", image, ...verifyAs], 1, "0 of 1 verified"],
    [["db", "import", at("advisories.tar"), "--db", at("imported"), "--key", at("adv.pub")], 0, "up to date"],
    [["db", "status", "--db", at("db")], 0, "lodash|npm"],
    [["image", "scan", "-i", "127.0.0.1:1/acme/api:1", "--db", at("db")], 4, "OFFLINE"],
    [["db", "update", "--mirror", "https://mirror.example/", "--db", at("db"), "--key", at("adv.pub")], 4, "OFFLINE"],
    [["db", "pull", "registry.example/a:1", "--db", at("db"), "--key", at("adv.pub")], 4, "OFFLINE"],
  ];
  test.each(runs)("%j ends in %i", async (words, exitCode, says) => {
    const ran = await run([...words, "--offline"]);
    expect(ran.sockets).toEqual([]);
    expect(ran.output).toMatch(new RegExp(says));
    expect(ran.exitCode, ran.output).toBe(exitCode);
  });
});
