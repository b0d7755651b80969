import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Connection, inventory, secure, sign, verify } from "@sc/pipeline";
import { InventoryWorkers } from "@sc/sbom";
import { buildDatabase } from "@sc/scan";
import { createKeySigner } from "@sc/sign";
import { buildImage, buildLayer, type BuiltLayer, pushImage, startRegistry } from "@sc/testing";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";

// Together large enough that workers are worth starting.
const ballast = "x".repeat(9 * 2 ** 20);
const layerOf = (name: string): BuiltLayer =>
  buildLayer(
    [
      { path: `opt/${name}`, content: ballast },
      { path: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: "1.0.0" }) },
    ],
    { compression: "none" },
  );

function countWorkers(): { readonly count: () => number } {
  let count = 0;
  const counted = (): void => {
    count += 1;
  };
  process.on("worker", counted);
  onTestFinished(() => void process.off("worker", counted));
  return { count: () => count };
}

test("given images that share a layer, when one run secures them, then the layer is fetched once and the threads of the first image read the next (RUN-2, RUN-9)", async () => {
  await using registry = await startRegistry();
  const base = layerOf("base");
  const own = ["web", "job", "cron"].map(layerOf);
  const images = own.map((layer, index) =>
    pushImage(registry, `acme/service${index}:1`, buildImage({ layers: [base, layer] })),
  );
  const cacheDirectory = mkdtempSync(join(tmpdir(), "sc-shared-"));
  onTestFinished(() => rmSync(cacheDirectory, { recursive: true }));
  const workers = countWorkers();
  const result = await secure({
    images,
    inventory: { cacheDirectory, workers: 2 },
    sbom: { required: true, formats: ["cyclonedx-json"], attach: false, sign: false },
  });
  expect(result.images.map(({ outcome, packages }) => [outcome, packages])).toEqual(images.map(() => ["pass", 2]));
  const fetched = registry.requests.filter(({ method, target }) => method === "GET" && target.includes("/blobs/"));
  const layers = [base, ...own].map(
    ({ descriptor }) => fetched.filter(({ target }) => target.endsWith(descriptor.digest)).length,
  );
  expect(layers).toEqual([1, 1, 1, 1]);
  expect(workers.count()).toBe(2);
}, 60_000);

test("threads that ask other catalogers are not used for an inventory that names its own (SBOM-2)", async () => {
  await using registry = await startRegistry();
  const content = JSON.stringify({
    lockfileVersion: 3,
    packages: { "node_modules/declared": { version: "1.0.0" } },
  });
  const locked = buildLayer(
    [
      { path: "app/package-lock.json", content },
      { path: "opt/ballast", content: ballast },
    ],
    {
      compression: "none",
    },
  );
  const image = pushImage(registry, "acme/web:1", buildImage({ layers: [layerOf("base"), locked] }));
  await using shared = new InventoryWorkers({ count: 2 });
  const installed = await inventory(image, { workers: shared });
  const declared = await inventory(image, { workers: shared, declared: true });
  expect(installed.packages.map(({ name }) => name)).toEqual(["base"]);
  expect(declared.packages.map(({ name }) => name)).toContain("declared");
}, 60_000);

function smallLayer(name: string): BuiltLayer {
  const content = JSON.stringify({ name, version: "1.0.0" });
  return buildLayer([{ path: `app/node_modules/${name}/package.json`, content }]);
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "sc-shared-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("given images that are signed and attested, when they are secured again, then each is asked for nine things, none of them twice, and nothing is written (RUN-2, RUN-3)", async () => {
  await using registry = await startRegistry();
  const directory = temporary();
  const database = join(directory, "db");
  await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], { output: database, now: new Date() });
  const images = ["web", "job"].map((name) =>
    pushImage(registry, `acme/${name}:1`, buildImage({ layers: [smallLayer("base"), smallLayer(name)] })),
  );
  const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  const keys = signer.publicKey === undefined ? [] : [signer.publicKey];
  const plan = {
    images,
    inventory: { cacheDirectory: join(directory, "layers") },
    scan: { required: true, database, version: "0.1.0", failOn: "critical" as const },
    sbom: { required: true, formats: ["cyclonedx-json"], attach: true, sign: true },
    signing: { required: true, signer, verify: { keys } },
  };
  const first = await secure(plan);
  registry.requests.length = 0;
  const again = await secure(plan);
  expect(again.outcome).toBe("pass");
  expect(again.images.map(({ verified }) => verified?.signatures.length)).toEqual([1, 1]);
  expect(again.images.flatMap(({ records }) => records.map(({ state }) => state))).not.toContain("written");
  const made = first.images.flatMap(({ records }) => records.map(({ manifest }) => manifest));
  for (const { manifest } of again.images.flatMap(({ records }) => records)) expect(made).toContain(manifest);
  for (const name of ["web", "job"]) {
    const asked = registry.requests
      .filter(({ target }) => target.includes(`/acme/${name}/`))
      .map(({ method, target }) => `${method} ${target.replaceAll(/sha256[:-][0-9a-f]{64}/g, "DIGEST")}`);
    expect(asked.toSorted()).toEqual([
      // The configuration; the signature's bundle; the document's, whose envelope stands under the tag as well.
      ...Array.from({ length: 3 }, () => `GET /v2/acme/${name}/blobs/DIGEST`),
      `GET /v2/acme/${name}/manifests/1`,
      `GET /v2/acme/${name}/manifests/DIGEST`,
      `GET /v2/acme/${name}/manifests/DIGEST`,
      `GET /v2/acme/${name}/manifests/DIGEST.att`,
      `GET /v2/acme/${name}/manifests/DIGEST.sig`,
      `GET /v2/acme/${name}/referrers/DIGEST`,
    ]);
    const targets = registry.requests.filter(({ target }) => target.includes(`/acme/${name}/`));
    expect(new Set(targets.map(({ target }) => target)).size).toBe(9);
  }
}, 60_000);

test("what was just written is verified as the registry gives it, and a signature that is gone again is missed (SIGN-5, RUN-2)", async () => {
  await using registry = await startRegistry();
  const image = pushImage(registry, "acme/web:1", buildImage({ layers: [layerOf("web")] }));
  const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  const keys = signer.publicKey === undefined ? [] : [signer.publicKey];
  await using outer = new Connection();
  const connection = new Connection({ remembering: outer });
  await expect(verify(image, { keys }, { connection })).rejects.toMatchObject({ code: "NO_SIGNATURES" });
  const { records } = await sign(image, signer, { connection });
  expect((await verify(image, { keys }, { connection })).signatures.length).toBeGreaterThan(0);
  // Another run does not know what this one has read.
  const repository = registry.repository("acme/web");
  for (const { manifest, tag } of records) {
    repository.manifests.delete(manifest);
    if (tag !== undefined) repository.tags.delete(tag);
  }
  const later = new Connection({ remembering: outer });
  await expect(verify(image, { keys }, { connection: later })).rejects.toMatchObject({ code: "NO_SIGNATURES" });
});

test("given how a thread is started, as a program in one file must say, when layers are read, then those threads read them, and one that cannot start is told and done without (RUN-11)", async () => {
  await using registry = await startRegistry();
  const layers = ["base", "web"].map(layerOf);
  const image = pushImage(registry, "acme/web:1", buildImage({ layers }));
  const file = join(temporary(), "layers.mjs");
  // What a bundler makes of the package's own entry, in a folder that has no packages.
  const entry = createRequire(join(import.meta.dirname, "../packages/pipeline/package.json")).resolve(
    "@sc/sbom/layer-worker",
  );
  await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: file });
  const started: (readonly string[])[] = [];
  const start = (catalogers: readonly string[]): Worker => {
    started.push(catalogers);
    return new Worker(file, { workerData: catalogers });
  };
  const plan = { images: [image], sbom: { required: true, formats: ["spdx-json"], attach: false, sign: false } };
  const { images } = await secure({ ...plan, inventory: { workers: start } });
  expect(images).toMatchObject([{ outcome: "pass", packages: 2 }]);
  expect((await inventory(image, { workers: start })).packages.map(({ name }) => name)).toEqual(["base", "web"]);
  expect(started.length).toBeGreaterThan(1);
  expect(started.every((catalogers) => catalogers.includes("node-modules"))).toBe(true);
  const told: string[] = [];
  const without = await inventory(image, {
    workers: () => {
      throw new Error("no threads here");
    },
    onProgress: (progress) => (progress.type === "notice" ? told.push(progress.code) : undefined),
  });
  expect(without.packages.map(({ name }) => name)).toEqual(["base", "web"]);
  expect(told).toEqual(["WORKERS_UNAVAILABLE"]);
}, 60_000);
