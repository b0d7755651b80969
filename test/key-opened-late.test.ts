import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPair } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-late-key-"));
const at = (name: string): string => join(folder, name);
const password = "correct horse battery";
const wrong = "wrong horse battery";
const program = join(import.meta.dirname, "../packages/cli/src/bin.ts");

beforeAll(async () => {
  for (const name of ["own", "other"]) {
    const pair = await generateKeyPair({ password: Buffer.from(password) });
    writeFileSync(at(`${name}.key`), pair.privateKeyPem);
    writeFileSync(at(`${name}.pub`), pair.publicKeyPem);
  }
  const advisories = join(import.meta.dirname, "../vectors/advisories");
  expect((await runCli(["db", "build", "--from", advisories, "--db", at("db")])).exitCode).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function push(registry: TestRegistry, version: string): string {
  const content = JSON.stringify({ name: "left-pad", version });
  const layer = buildLayer([{ path: "app/node_modules/left-pad/package.json", content }]);
  return pushImage(registry, "acme/web:1", buildImage({ layers: [layer] }));
}

/** Secures an image by options alone, or by a configuration. */
async function secure(image: string, given: { readonly password?: string; readonly more?: readonly string[] } = {}) {
  const { more = ["--key", at("own.key")] } = given;
  const variables = { COSIGN_PASSWORD: given.password ?? password, HOME: folder, LANG: "C.UTF-8" };
  return await runCli(["secure", "-i", image, "--db", at("db"), "--json", ...more], { variables });
}

function statesOf(ran: Ran): readonly string[] {
  const images: { records: { what: string; state: string }[] }[] = Object(documentOf(ran)["images"]);
  return images.flatMap(({ records }) => records.map(({ what, state }) => `${what} ${state}`));
}

const isWrite = ({ method }: { readonly method: string }): boolean => method !== "GET" && method !== "HEAD";

const codeOf = (ran: Ran): unknown => Object(documentOf(ran)["error"]).code;

const written = ["signature written", "signature written", "sbom written", "sbom written"];
const present = ["signature present", "signature present", "sbom present", "sbom present"];

const pair = ["--key", at("own.key"), "--public-key", at("own.pub")];

test("given the public key, when everything is signed by it already, then the private key is not opened (RUN-2, SIGN-1)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "1.0.0");
  expect(statesOf(await secure(image, { more: pair }))).toEqual(written);
  // A password that opens nothing is how one sees that nothing was opened.
  const again = await secure(image, { password: wrong, more: pair });
  expect([again.exitCode, statesOf(again)]).toEqual([0, present]);
  const config = `security: {enabled: true, sbom: {enabled: true, required: true}, signing: {enabled: true, required: true, keyless: false, privateKey: ${at("own.key")}, publicKey: ${at("own.pub")}}}`;
  writeFileSync(at("sc.yaml"), config);
  const configured = await secure(image, { password: wrong, more: ["--config", at("sc.yaml")] });
  expect([configured.exitCode, statesOf(configured)]).toEqual([0, present]);
});

test("given a wrong password, when something is to be signed, then that is told and nothing is written, with and without the public key (SIGN-1)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "2.0.0");
  registry.requests.length = 0;
  for (const more of [undefined, pair]) {
    const ran = await secure(image, { password: wrong, ...(more === undefined ? {} : { more }) });
    expect([ran.exitCode, codeOf(ran)]).toEqual([3, "KEY_PASSWORD_WRONG"]);
  }
  expect(registry.requests.filter(isWrite)).toEqual([]);
  // Without its public half a key is opened whatever there is to do, and the password tried.
  await secure(image);
  const again = await secure(image, { password: wrong });
  expect([again.exitCode, codeOf(again)]).toEqual([3, "KEY_PASSWORD_WRONG"]);
});

test("given the public key of another pair, when something is to be signed, then nothing is written (SIGN-1)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "3.0.0");
  registry.requests.length = 0;
  const ran = await secure(image, { more: ["--key", at("own.key"), "--public-key", at("other.pub")] });
  expect([ran.exitCode, codeOf(ran)]).toEqual([3, "KEY_PAIR_MISMATCH"]);
  expect(registry.requests.filter(isWrite)).toEqual([]);
});

test("given a foreign public key beside the private key, when its owner has signed, then that signature does not count (SIGN-1)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "4.0.0");
  await secure(image, { more: ["--key", at("other.key")] });
  cpSync(at("own.key"), at("beside.key"));
  cpSync(at("other.pub"), at("beside.pub"));
  expect(statesOf(await secure(image, { more: ["--key", at("beside.key")] }))).toEqual(written);
});

test("a public key without a private one, and an encrypted key without a password, are told before any request (SIGN-1)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "5.0.0");
  registry.requests.length = 0;
  const alone = await secure(image, { more: ["--public-key", at("own.pub")] });
  expect([alone.exitCode, codeOf(alone)]).toEqual([3, "CLI_USAGE"]);
  const words = ["secure", "-i", image, "--db", at("db"), "--json", ...pair];
  const closed = await runCli(words, { variables: { HOME: folder } });
  expect([closed.exitCode, codeOf(closed)]).toEqual([3, "KEY_PASSWORD_WRONG"]);
  expect(registry.requests).toEqual([]);
});

test("given Ctrl-C while the key is opened, then the process ends with 130 and nothing is written (RUN-2, ux.md 1.2)", async () => {
  await using registry = await startRegistry();
  const image = push(registry, "6.0.0");
  // The image's manifest is on its way for ever: the key is opened meanwhile.
  registry.requests.length = 0;
  registry.inject({ path: /manifests/, effect: { type: "stall", afterBytes: 10 } });
  const words = ["secure", "-i", image, "--db", at("db"), "--key", at("own.key")];
  const env = { ...process.env, COSIGN_PASSWORD: password, HOME: folder, LANG: "C.UTF-8" };
  const child = spawn(process.execPath, [program, ...words], { env, stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  while (registry.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(registry.requests.filter(isWrite)).toEqual([]);
});
