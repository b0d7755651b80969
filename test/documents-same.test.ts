import { createCipheriv } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory } from "@sc/model";
import { copyImage, formatSbom, inventory } from "@sc/pipeline";
import { documentFormatIds, inventoryScopes } from "@sc/sbom";
import { buildImage, buildLayer, pushImage, startRegistry, whiteout } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { textOf, written } from "./document-cases.ts";

const manifest = (name: string, version = "1.0.0"): string => JSON.stringify({ name, version, license: "MIT" });

/** Bytes that no compression makes fewer: below some megabytes of layers no thread is started. */
function ballast(seed: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(3 * 2 ** 20));
}

const image = buildImage({
  layers: [
    buildLayer([
      { path: "etc/os-release", content: "ID=alpine\nVERSION_ID=3.19.1\n" },
      { path: "lib/apk/db/installed", content: "P:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\n\n" },
      { path: "opt/0", content: ballast(0) },
    ]),
    ...["one", "two", "three"].map((name, index) =>
      buildLayer([
        { path: `app/node_modules/${name}/package.json`, content: manifest(name) },
        { path: `opt/${index + 1}`, content: ballast(index + 1) },
      ]),
    ),
    buildLayer([
      whiteout("app/node_modules/one"),
      { path: "app/node_modules/two/package.json", content: manifest("two", "2.0.0") },
    ]),
  ],
});

/** What the image is called differs with the place it is read from; all else must not. */
function named(taken: Inventory, { subject }: Inventory): Inventory {
  expect(taken.subject.digest).toBe(subject.digest);
  return { ...taken, subject };
}

let threads = 0;
const countThread = (): void => {
  threads += 1;
};
beforeAll(() => {
  process.on("worker", countThread);
});
afterAll(() => {
  process.off("worker", countThread);
});

describe.each(inventoryScopes)("scope %s", (scope) => {
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
    const expected = await inventory(reference, { scope, workers: false });
    expect(threads).toBe(0);
    const cold = await inventory(reference, { scope, cacheDirectory, workers: false });
    const others = [
      cold,
      await inventory(reference, { scope, cacheDirectory, workers: false }),
      await inventory(layout, { scope, workers: false }),
      await inventory(archive, { scope, workers: false }),
    ];
    expect(threads).toBe(0);
    for (const [place, workers] of [
      [reference, 1],
      [reference, 3],
      [layout, 2],
      [archive, 2],
    ] as const) {
      threads = 0;
      others.push(await inventory(place, { scope, workers }));
      expect(threads, `${place}, ${workers}`).toBeGreaterThan(0);
    }
    threads = 0;
    expect(expected.packages.map(({ name }) => name)).toEqual(
      scope === "squashed" ? ["musl", "three", "two"] : ["musl", "one", "three", "two", "two"],
    );
    for (const format of written) {
      const text = textOf(format, expected);
      for (const other of others) expect(textOf(format, named(other, expected)), format.name).toBe(text);
    }
  });
});

test("a given instant stands in every document that has a time, and changes nothing else (SBOM-5)", async () => {
  await using registry = await startRegistry();
  const taken = await inventory(pushImage(registry, "acme/api:1", image), { workers: false });
  for (const format of documentFormatIds()) {
    const at = (epoch: number): string =>
      Buffer.from(formatSbom(taken, format, { timestamp: new Date(epoch * 1000) })).toString("utf8");
    expect(at(86_400), format).toBe(at(86_400));
    expect(at(86_400).replaceAll("1970-01-02T00:00:00Z", "1970-01-03T00:00:00Z"), format).toBe(at(172_800));
    if (!/^(syft-json|table)/.test(format)) expect(at(86_400), format).toContain("1970-01-02T00:00:00Z");
  }
});
