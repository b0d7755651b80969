import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildLayer, packLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-limits-"));
const packages = ["left", "right"].map((name) =>
  buildLayer([
    { path: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: "1.0.0" }) },
    { path: `app/${name}.txt`, content: name.repeat(40_000) },
  ]),
);

// The layer that Docker writes for a step that changes no file: two blocks of zeros.
const emptyLayer = packLayer(Buffer.alloc(1024));

let registry: TestRegistry;
let reference: string;
beforeAll(async () => {
  registry = await startRegistry();
  reference = pushImage(registry, "acme/api:1", buildImage({ layers: packages }));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function inventory(image: string, ...words: readonly string[]): Promise<Ran> {
  const argv = ["sbom", "generate", "-i", image, "--no-cache", ...words];
  return await runCli(argv, { variables: { HOME: folder, LANG: "C.UTF-8" } });
}

function namesIn({ stdout }: Ran): readonly string[] {
  const { components }: { components: readonly { name: string }[] } = JSON.parse(stdout);
  return components.map(({ name }) => name).toSorted();
}

describe("what one run may use (RUN-10)", () => {
  test.each([
    ["--max-layers", "1"],
    ["--max-entries", "1"],
    ["--max-layer-bytes", "1kB"],
  ])("%s is a bound: what exceeds it ends in 4 with its own code, and writes no document", async (...words) => {
    const ran = await inventory(reference, ...words, "--json");
    expect(ran.exitCode).toBe(4);
    const { outcome, error } = documentOf(ran);
    expect(outcome).toBe("error");
    expect(error).toMatchObject({ code: expect.stringMatching(/LIMIT|TOO_|BOMB/), hint: expect.any(String) });
  });

  test("--timeout ends a run that waits for a registry, in 4", async () => {
    await using slow = await startRegistry();
    const image = pushImage(slow, "acme/api:1", buildImage({ layers: packages }));
    slow.inject({ path: /\/manifests\//, effect: { type: "stall", afterBytes: 0 } });
    const ran = await inventory(image, "--timeout", "1s", "--json");
    expect(ran.exitCode).toBe(4);
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { retryable: true } });
  });

  test("--max-memory and --jobs change what a run costs, and nothing of its answer", async () => {
    const plain = await inventory(reference);
    expect(namesIn(plain)).toEqual(["left", "right"]);
    for (const words of [
      ["--max-memory", "1kB"],
      ["--jobs", "1"],
      ["--jobs", "3", "--max-memory", "1kB"],
    ]) {
      const ran = await inventory(reference, ...words);
      expect([ran.exitCode, ran.stdout]).toEqual([0, plain.stdout]);
    }
  });

  test.each(["--max-memory", "--max-layer-bytes", "--max-layers", "--jobs", "--timeout"])(
    "%s with something else than a quantity is a usage error",
    async (name) => {
      expect((await inventory(reference, name, "much")).exitCode).toBe(3);
    },
  );
});

test("an empty layer, as Docker writes it, is read as such (OCI-2)", async () => {
  const [first = emptyLayer] = packages;
  const image = pushImage(registry, "acme/empty:1", buildImage({ layers: [emptyLayer, first, emptyLayer] }));
  const ran = await inventory(image);
  expect(ran.stderr).not.toContain("SC-");
  expect(namesIn(ran)).toEqual(["left"]);
});
