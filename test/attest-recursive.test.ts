import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildIndex, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ran, runCli } from "./run-cli.ts";
import { newKey } from "./sign-support.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-attest-"));
const key = newKey();
const platforms = ["amd64", "arm64"].map((content) =>
  buildImage({ layers: [buildLayer([{ path: "etc/platform", content }])] }),
);
const index = buildIndex({ images: platforms });

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  writeFileSync(join(folder, "key.pem"), key.privateKey.export({ format: "pem", type: "pkcs8" }));
  writeFileSync(join(folder, "key.pub"), key.publicKey.pem);
  writeFileSync(join(folder, "predicate.json"), JSON.stringify({ reviewed: true }));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, { variables: { HOME: folder, LANG: "C.UTF-8" } });
}

async function attested(name: string, ...words: readonly string[]): Promise<readonly number[]> {
  const reference = pushImage(registry, `${name}:1`, index);
  const claim = ["--type", "custom", "--predicate", join(folder, "predicate.json"), "--key", join(folder, "key.pem")];
  expect((await sc("attest", "-i", reference, ...claim, ...words)).exitCode).toBe(0);
  const exitCodes: number[] = [];
  for (const { descriptor } of [index, ...platforms]) {
    const one = `${reference.replace(/:1$/, "")}@${descriptor.digest}`;
    const ran = await sc("verify-attestation", "-i", one, "--type", "custom", "--key", join(folder, "key.pub"));
    exitCodes.push(ran.exitCode);
  }
  return exitCodes;
}

test("sc attest --recursive states the same about the index and every image in it, and without it about the index alone (SIGN-4)", async () => {
  expect(await attested("acme/all", "--recursive")).toEqual([0, 0, 0]);
  expect(await attested("acme/index")).toEqual([0, 1, 1]);
});
