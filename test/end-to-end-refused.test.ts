import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPublicKeys, verifyBundle } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-refused-"));
const at = (name: string): string => join(folder, name);
const variables = { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse", PATH: process.env["PATH"] ?? "" };
const bin = join(import.meta.dirname, "../packages/cli/src/bin.ts");
const image = buildImage({ layers: [buildLayer([{ path: "a", content: "a" }])] });

let registry: TestRegistry;
let reference: string;
let work: string;

/** Runs `sc` as a process of its own, since what is kept is kept in the folder it is started in. */
async function sc(...words: readonly string[]): Promise<Ran> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [bin, ...words], { cwd: work, env: variables }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : 0;
      resolve({ exitCode, stdout, stderr: stderr.replaceAll(/\s+/g, " ") });
    });
  });
}

beforeAll(async () => {
  registry = await startRegistry();
  writeFileSync(at("vex.json"), '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
  await runCli(["key", "generate", "--output-key-prefix", at("cosign")], { variables });
});

beforeEach(() => {
  registry.settings.refusesManifest = () => false;
  reference = pushImage(registry, "acme/refused:1", image);
  // Nothing but the image itself is taken: no referrer, no tag.
  registry.settings.refusesManifest = () => true;
  work = mkdtempSync(join(folder, "work-"));
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The bundle that was kept, verified with the public key alone. */
async function kept(): Promise<{ readonly name: string; readonly type: string | undefined }> {
  const [name = "", ...others] = readdirSync(work).filter((one) => one.endsWith(".sigstore.json"));
  expect(others).toEqual([]);
  const keys = await readPublicKeys(at("cosign.pub"));
  const { statement } = verifyBundle(readFileSync(join(work, name)), { digest: image.descriptor.digest }, { keys });
  return { name, type: statement?.predicateType };
}

describe("where a registry stores no form of a signature", () => {
  test.each([
    ["sc image sign", ["image", "sign"], "https://sigstore.dev/cosign/sign/v1"],
    ["sc attest", ["attest", "--type", "openvex", "--predicate", at("vex.json")], "https://openvex.dev/ns"],
  ])("%s keeps the bundle in a file, says so plainly and ends in 4 (SIGN-3)", async (_name, words, type) => {
    const ran = await sc(...words, "-i", reference, "--key", at("cosign.key"));
    const { name, type: stated } = await kept();
    expect(stated).toContain(type);
    expect(ran.exitCode).toBe(4);
    expect(ran.stderr).toContain(`the registry stores no signature of ${image.descriptor.digest}`);
    expect(ran.stderr).toContain(`kept in ${name} and nowhere else`);
    expect(ran.stderr).toMatch(new RegExp(`written +${name}`));
  });

  test("the JSON document of the failure names the file", async () => {
    const ran = await sc("image", "sign", "-i", reference, "--key", at("cosign.key"), "--json");
    const { name } = await kept();
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "ATTACHMENT_REFUSED", written: [name] } });
  });

  test("sc secure keeps it where signing is no requirement, as a warning among the files (RUN-2)", async () => {
    writeFileSync(
      at("sc.yaml"),
      `security: {enabled: true, signing: {enabled: true, keyless: false, privateKey: ${at("cosign.key")}}}`,
    );
    const ran = await sc("secure", "-i", reference, "--config", at("sc.yaml"), "--json");
    const { name } = await kept();
    expect(documentOf(ran)).toMatchObject({
      images: [{ warnings: [{ stage: "sign", code: "ATTACHMENT_REFUSED" }] }],
      files: [name],
    });
  });
});
