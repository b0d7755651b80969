import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory } from "@sc/model";
import { copyImage, inventory } from "@sc/pipeline";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { expect, onTestFinished, test } from "vitest";
import { textOf, written } from "./document-cases.ts";

const manifest = (name: string): string => JSON.stringify({ name, version: "1.0.0", license: "MIT" });

const image = buildImage({
  layers: [
    buildLayer([
      { path: "etc/os-release", content: "ID=alpine\nVERSION_ID=3.19.1\n" },
      { path: "lib/apk/db/installed", content: "P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\n" },
    ]),
    ...["one", "two", "three"].map((name) =>
      buildLayer([{ path: `app/node_modules/${name}/package.json`, content: manifest(name) }]),
    ),
  ],
});

/** What the image is called differs with the place it is read from; all else must not. */
function named(taken: Inventory, { subject }: Inventory): Inventory {
  expect(taken.subject.digest).toBe(subject.digest);
  return { ...taken, subject };
}

test("the same image gives the same bytes from every place, with any threads, read or remembered (SBOM-5)", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sc-same-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", image);
  const layout = `oci-layout:${join(directory, "layout")}:1`;
  const archive = `oci-archive:${join(directory, "image.tar")}:1`;
  await copyImage(reference, layout);
  await copyImage(reference, archive);
  const cacheDirectory = join(directory, "cache");
  const expected = await inventory(reference, { workers: false });
  const others = [
    await inventory(reference, { workers: 1 }),
    await inventory(reference, { workers: 3 }),
    await inventory(reference, { cacheDirectory }),
    await inventory(reference, { cacheDirectory }),
    await inventory(layout, { workers: false }),
    await inventory(archive, { workers: 2 }),
  ];
  expect(expected.packages.length).toBe(4);
  for (const format of written) {
    const text = textOf(format, expected);
    for (const other of others) expect(textOf(format, named(other, expected)), format.name).toBe(text);
  }
});
