import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inventory, secure } from "@sc/pipeline";
import { InventoryWorkers } from "@sc/sbom";
import { buildImage, buildLayer, type BuiltLayer, pushImage, startRegistry } from "@sc/testing";
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
