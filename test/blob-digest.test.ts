import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@sc/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-digest-"));
const at = (name: string): string => join(folder, name);
const digest = digestOf(Buffer.from("content"));
const byKey = ["--key", at("cosign.pub")];

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, { variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse" } });
}

beforeAll(async () => {
  writeFileSync(at("app.tar"), "content");
  writeFileSync(at("predicate.json"), '{"said":true}');
  await sc("key", "generate", "--output-key-prefix", at("cosign"));
  const stated = [
    "--type",
    "https://acme.example/p",
    "--predicate",
    at("predicate.json"),
    "--bundle",
    at("bundle.json"),
  ];
  expect((await sc("blob", "sign", at("app.tar"), ...stated, "--key", at("cosign.key"))).exitCode).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a statement about a file that is elsewhere (SIGN-4)", () => {
  const stated = ["--bundle", at("bundle.json"), "--type", "https://acme.example/p"];

  test("is verified by the file's digest, as cosign does by --digest", async () => {
    const ran = await sc("verify-blob-attestation", digest, ...stated, ...byKey, "--json");
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      file: digest,
      digest,
      statement: { predicate: { said: true } },
    });
  });

  const refused: readonly (readonly [string, readonly string[], readonly [number, string]])[] = [
    ["another digest", [`sha256:${"0".repeat(64)}`, ...stated], [1, "SUBJECT_MISMATCH"]],
    ["another type", [digest, "--bundle", at("bundle.json"), "--type", "custom"], [1, "PREDICATE_TYPE_MISMATCH"]],
    ["no type, which would be the file's own signature", [digest, ...stated.slice(0, 2)], [3, "CLI_USAGE"]],
    ["no bundle", [digest, ...stated.slice(2)], [3, "CLI_USAGE"]],
    ["a signature alone", [digest, ...stated, "--signature", at("bundle.json")], [3, "CLI_USAGE"]],
    ["a digest that is none", ["sha256:abc", ...stated], [3, "FILE_MISSING"]],
  ];
  test.each(refused)("and refused for %s", async (_what, words, [exit, code]) => {
    const ran = await sc("blob", "verify", ...words, ...byKey, "--json");
    expect([ran.exitCode, Reflect.get(Object(documentOf(ran)["error"]), "code")]).toEqual([exit, code]);
  });
});
