/**
 * Takes one image through the whole chain on this machine: `pnpm quickstart [REFERENCE]`.
 *
 * Without a reference the image is made of what is here: Node.js and the command line with its dependencies, pushed to
 * a registry in this process. With one, the image is copied to a local layout first, as it can be signed there.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { assembleImage } from "./quickstart/assemble-image.ts";
import { ChainRun, QuickstartError } from "./quickstart/chain-run.ts";

const root = join(import.meta.dirname, "..");
const out = join(root, "out/quickstart");
const [reference] = process.argv.slice(2);

async function quickstart(): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await using registry = await startRegistry();
  const run = new ChainRun(out);
  const image = await (reference === undefined
    ? run.step("assemble", () => assemble(registry))
    : run.step("copy", () => copy(run)));

  await run.sc("database", ["db build", `--from=${join(root, "vectors/advisories")}`, `--db=${run.path("db")}`]);
  const made = await run.sc("inventory", [
    "sbom generate",
    `--image=${image}`,
    `--format=cyclonedx-json=${run.path("sbom.cdx.json")}`,
    `--format=spdx-json=${run.path("sbom.spdx.json")}`,
  ]);
  const scanned = await run.sc("scan", [
    "image scan",
    `--image=${image}`,
    `--db=${run.path("db")}`,
    `--format=table=${run.path("scan.txt")}`,
    `--format=json=${run.path("scan.json")}`,
  ]);
  await run.sc("key", ["key generate", `--output-key-prefix=${run.path("quickstart")}`]);
  const key = `--key=${run.path("quickstart.key")}`;
  const publicKey = `--key=${run.path("quickstart.pub")}`;
  await run.sc("sign", ["image sign", `--image=${image}`, key]);
  await run.sc("attest", ["sbom attach", `--image=${image}`, `--sbom=${run.path("sbom.cdx.json")}`, key]);
  await run.sc("verify", ["image verify", `--image=${image}`, publicKey, `--report=${run.path("verify.json")}`]);
  await run.sc("verify SBOM", [
    "sbom verify",
    `--image=${image}`,
    publicKey,
    `--output=${run.path("verified.cdx.json")}`,
  ]);
  await writeFile(
    run.path("summary.txt"),
    run.summarize({ made, scanned, folder: relative(process.cwd(), out) || "." }),
  );
}

async function assemble(registry: TestRegistry): Promise<{ readonly value: string; readonly said: string }> {
  const assembled = assembleImage(root);
  const bytes = assembled.image.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const value = pushImage(registry, "quickstart/sc:1", assembled.image);
  return {
    value,
    said: `Node.js and ${assembled.packages} packages, ${(bytes / 1e6).toFixed(1)} MB, in a registry here`,
  };
}

async function copy(run: ChainRun): Promise<{ readonly value: string; readonly said: string }> {
  const value = `oci-layout:${run.path("image")}:1`;
  await run.call(["image copy", reference ?? "", value]);
  return { value, said: `${reference} into ${relative(process.cwd(), run.path("image"))}` };
}

try {
  await quickstart();
} catch (error) {
  if (!(error instanceof QuickstartError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
