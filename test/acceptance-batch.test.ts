import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, type Project } from "./acceptance-project.ts";
import { documentOf } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;
let images: readonly string[];

beforeAll(async () => {
  project = await createProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
  images = ["web", "job", "cron"].map((name) => pushImage(registry, `acme/${name}:1`, cleanImage(name)));
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

const writes = (): number => registry.requests.filter(({ method }) => method === "PUT").length;
const everything = ["--sbom", "--provenance", "--verify", "--json"];

describe("signing many images with one command (RUN-2, SIGN-1, SIGN-4)", () => {
  test("given three images and no key, when all is asked for, then a key pair is made and every image is signed, attested and verified", async () => {
    const key = join(project.directory, "fresh.key");
    const publicKey = join(project.directory, "fresh.pub");
    const ran = await project.sc(["image", "sign", ...images, "--key", key, "--generate-key", ...everything]);
    expect(ran.stderr).not.toContain("SC-");
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      summary: { images: 3, secured: 3, signed: 3, sboms: 3, provenances: 3 },
      images: images.map((image) => ({ image, outcome: "pass", verified: 1 })),
    });
    expect(ran.stderr).toContain(key);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    for (const image of images) {
      const by = ["-i", image, "--key", publicKey];
      for (const command of [
        ["image", "verify"],
        ["sbom", "verify"],
        ["verify-attestation", "--type", "slsaprovenance1"],
      ])
        expect([command, (await project.sc([...command, ...by])).exitCode]).toEqual([command, 0]);
    }
    const [made, before] = [readFileSync(key, "utf8"), writes()];
    const again = await project.sc(["sign", ...images, "--key", key, "--generate-key", ...everything]);
    expect(again.exitCode).toBe(0);
    expect(readFileSync(key, "utf8")).toBe(made);
    expect(writes()).toBe(before);
  });

  test("given a public key without its private half, when a key is to be made, then nothing is written and nothing signed", async () => {
    const key = join(project.directory, "half.key");
    project.write("half.pub", "somebody's");
    const ran = await project.sc(["sign", ...images, "--key", key, "--generate-key"]);
    expect(ran.exitCode).toBe(3);
    expect(existsSync(key)).toBe(false);
    expect(writes()).toBe(0);
  });

  test("given nothing, when several runs make the same key pair at once, then one makes it and no other overwrites it", async () => {
    const prefix = join(project.directory, "raced");
    const generate = ["key", "generate", "--output-key-prefix", prefix];
    const sign = ["sign", ...images, "--key", `${prefix}.key`, "--generate-key"];
    const ran = await Promise.all([generate, generate, sign].map((words) => project.sc(words)));
    expect(ran.map(({ exitCode }) => exitCode).toSorted((left, right) => left - right)).toEqual([0, 3, 3]);
    for (const { exitCode, stderr } of ran) if (exitCode === 3) expect(stderr).toContain("is there already");
    const half = await project.sc(["key", "public", "--key", `${prefix}.key`]);
    expect(half.stdout).toBe(readFileSync(`${prefix}.pub`, "utf8"));
  });

  test("given an image that cannot be signed, when the rest can, then the rest is done; with --fail-fast no further image is begun", async () => {
    const missing = `${registry.host}/acme/none:1`;
    const words = ["sign", missing, ...images, "--key", project.key, "--sbom", "--json"];
    const stopped = await project.sc([...words, "--fail-fast", "--jobs", "1"]);
    expect(stopped.exitCode).toBe(4);
    expect(documentOf(stopped)).toMatchObject({
      images: [{ outcome: "error" }, ...images.map(() => ({ outcome: "skipped" }))],
    });
    expect(writes()).toBe(0);
    const ran = await project.sc(words);
    expect(ran.exitCode).toBe(4);
    expect(documentOf(ran)).toMatchObject({ summary: { images: 4, secured: 3, signed: 3, sboms: 3 } });
  });

  test.each([
    ["signature", "--fail-fast", "sign"],
    ["SBOM", "--sbom", "attach"],
    ["provenance", "--provenance", "attest-provenance"],
  ])(
    "given a registry that takes nothing more, when a %s is asked for, then its lack is a failure and no warning",
    async (what, word, stoppedAt) => {
      const words = ["sign", ...images, "--key", project.key];
      if (what !== "signature") expect((await project.sc(words)).exitCode).toBe(0);
      registry.inject({ path: /./, method: "PUT", effect: { type: "status", status: 403 } });
      const ran = await project.sc([...words, word, "--jobs", "1", "--json"]);
      expect(ran.exitCode).toBe(1);
      expect(documentOf(ran)).toMatchObject({
        outcome: "violation",
        summary: { secured: 0 },
        images: images.map((image, index) =>
          word === "--fail-fast" && index > 0
            ? { image, outcome: "skipped" }
            : { image, outcome: "violation", stoppedAt, error: { code: "REGISTRY_DENIED" }, warnings: [] },
        ),
      });
    },
  );

  test("given an option that only a signature alone has, when more is asked for, then the usage error says so", async () => {
    const ran = await project.sc(["sign", ...images, "--key", project.key, "--sbom", "-a", "env=production"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("--annotation goes with a signature alone");
    expect(registry.requests).toEqual([]);
  });
});
