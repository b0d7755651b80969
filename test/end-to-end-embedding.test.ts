import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Progress } from "@sc/model";
import {
  attest,
  Connection,
  copyImage,
  formatSbom,
  inventory,
  openDatabase,
  openImage,
  scan,
  secure,
  sign,
  verify,
} from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { createKeySigner } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { generateKeyPairSync } from "node:crypto";

const directory = mkdtempSync(join(tmpdir(), "sc-embedding-"));
const layer = buildLayer([
  { path: "app/node_modules/lodash/package.json", content: '{"name":"lodash","version":"4.17.15","license":"MIT"}' },
]);
const image = buildImage({ layers: [layer] });
const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const keys = signer.publicKey === undefined ? [] : [signer.publicKey];

async function advisories(): Promise<string> {
  const output = join(directory, "db");
  await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], { output, now: new Date("2026-11-21") });
  return output;
}

describe("the ten functions (RUN-11)", () => {
  test("a program fails a deployment on grave findings, by the digest that was scanned", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await using database = await openDatabase(await advisories());
    await using opened = await openImage(reference);
    const report = await scan(await inventory(opened), database, { failOn: "high", version: "0" });
    expect(report.verdict?.outcome).toBe("violation");
    expect(report.subject.digest).toBe(image.descriptor.digest);
    expect(structuredClone(report)).toEqual(report);
  });

  test("one connection serves many calls, and a call without one opens and closes its own", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    await using connection = new Connection();
    const signed = await sign(reference, signer, { connection });
    await attest(reference, { type: "https://example.org/claim", predicate: { yes: true }, signer }, { connection });
    const verified = await verify(reference, { keys });
    expect(verified.descriptor.digest).toBe(signed.descriptor.digest);
    const copied = await copyImage(reference, `oci-layout:${directory}/copy:1`, { connection });
    expect(copied.referrers.length).toBeGreaterThan(0);
    expect((await verify(`oci-layout:${directory}/copy:1`, { keys })).signatures.length).toBeGreaterThan(0);
  });

  test("documents are a pure function of the inventory", async () => {
    await using registry = await startRegistry();
    const taken = await inventory(pushImage(registry, "acme/api:1", image));
    expect(formatSbom(taken, "cyclonedx-json")).toEqual(formatSbom(structuredClone(taken), "cyclonedx-json"));
  });

  test("an aborted call stops and rejects with the signal's reason", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    registry.inject({ path: /\/blobs\//, effect: { type: "stall", afterBytes: 0 } });
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = (): void => controller.abort(reason);
    await expect(inventory(reference, { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });

  test("the chain tells its stages in order, under the name the image was given", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(
      registry,
      "acme/web:1",
      buildImage({ layers: [buildLayer([{ path: "a", content: "a" }])] }),
    );
    const seen: Progress[] = [];
    const result = await secure(
      {
        images: [reference],
        sbom: { required: true, formats: ["spdx-json"], attach: true, sign: true },
        scan: { required: true, database: await advisories(), version: "0", failOn: "high" },
        signing: { required: true, signer, verify: { keys } },
      },
      { onProgress: (progress) => seen.push(progress) },
    );
    expect(result.outcome).toBe("pass");
    const stages = seen.flatMap((one) => (one.type === "stage" && one.state === "done" ? [one] : []));
    expect(stages.map(({ stage }) => stage)).toEqual([
      "resolve",
      "inventory",
      "match",
      "store-bundle",
      "store-tag",
      "sign",
      "store-bundle",
      "store-tag",
      "attest",
      "verify",
    ]);
    for (const { subject } of stages) expect(subject).toBe(reference);
  });

  test("what is signed is what was scanned, though the tag moves in between", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/web:1", image);
    const other = buildImage({ layers: [buildLayer([{ path: "other", content: "b" }])] });
    const result = await secure(
      {
        images: [reference],
        sbom: { required: true, formats: ["spdx-json"], attach: false, sign: false },
        signing: { required: true, signer, verify: { keys } },
      },
      {
        onProgress: (progress) => {
          if (progress.type === "stage" && progress.stage === "inventory") pushImage(registry, "acme/web:1", other);
        },
      },
    );
    expect(result.images[0]?.digest).toBe(image.descriptor.digest);
    expect(result.images[0]?.verified?.descriptor.digest).toBe(image.descriptor.digest);
    await expect(verify(reference, { keys })).rejects.toMatchObject({ code: "NO_SIGNATURES" });
  });
});
