import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  attest,
  Connection,
  copyImage,
  inventory,
  openDatabase,
  openImage,
  type PipelineCall,
  scan,
  secure,
  sign,
  verify,
  verifyAttestation,
} from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { createKeySigner } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "sc-calls-"));
const content = '{"name":"lodash","version":"4.17.15","license":"MIT"}';
const image = buildImage({ layers: [buildLayer([{ path: "app/node_modules/lodash/package.json", content }])] });
const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
const keys = signer.publicKey === undefined ? [] : [signer.publicKey];
const type = "https://example.org/claim";

let registry: TestRegistry;
let reference: string;
let database: string;

beforeAll(async () => {
  registry = await startRegistry();
  reference = pushImage(registry, "acme/api:1", image);
  database = join(directory, "db");
  await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], {
    output: database,
    now: new Date("2026-11-21"),
  });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

/** Each function of the embedding surface that reaches for an image, called with nothing but what it must have. */
const calls: Readonly<Record<string, (call: PipelineCall) => Promise<unknown>>> = {
  openImage: async (call) => await openImage(reference, call),
  inventory: async (call) => await inventory(reference, call),
  sign: async (call) => await sign(reference, signer, call),
  attest: async (call) => await attest(reference, { type, predicate: {}, signer }, call),
  verify: async (call) => await verify(reference, { keys }, call),
  verifyAttestation: async (call) => await verifyAttestation(reference, { keys, predicateType: type }, call),
  copyImage: async (call) => await copyImage(reference, `oci-layout:${directory}/copy:1`, call),
  secure: async (call) =>
    await secure(
      { images: [reference], sbom: { required: true, formats: ["spdx-json"], attach: false, sign: false } },
      call,
    ),
};

describe("every function that reaches for something (RUN-11)", () => {
  test.each(Object.keys(calls))(
    "%s, stopped before it began, rejects with the signal's reason and asks nobody",
    async (name) => {
      const reason = new Error("not any more");
      const before = registry.requests.length;
      await expect(calls[name]?.({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(registry.requests.length).toBe(before);
    },
  );

  test.each(Object.keys(calls).filter((name) => name !== "secure"))(
    "%s, offline, is refused before a socket opens",
    async (name) => {
      await using connection = new Connection({ offline: true });
      const before = registry.requests.length;
      await expect(calls[name]?.({ connection })).rejects.toMatchObject({ code: "OFFLINE" });
      expect(registry.requests.length).toBe(before);
    },
  );

  test("a database, stopped before it is opened, rejects with the signal's reason", async () => {
    const reason = new Error("not any more");
    await expect(openDatabase(database, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("a scan of an inventory, stopped before it began, rejects with the signal's reason", async () => {
    const taken = await inventory(reference);
    await using advisories = await openDatabase(database);
    const reason = new Error("not any more");
    const stopped = scan(taken, advisories, { version: "0", signal: AbortSignal.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
  });

  test("secure, offline, says so of every image and opens no socket", async () => {
    await using connection = new Connection({ offline: true });
    const before = registry.requests.length;
    const result = await secure({ images: [reference] }, { connection });
    expect(result).toMatchObject({ outcome: "error", images: [{ stoppedAt: "open", error: { code: "OFFLINE" } }] });
    expect(registry.requests.length).toBe(before);
  });

  test("results are plain data: what a run, a signature and an inventory came to survives a clone", async () => {
    const result = await secure({
      images: [reference],
      sbom: { required: true, formats: ["spdx-json"], attach: true, sign: true },
      scan: { required: true, database, version: "0" },
      signing: { required: true, signer, verify: { keys } },
    });
    expect(result.outcome).toBe("pass");
    // A clone is equal to the last byte; only that it is verified it cannot say of itself.
    const { verified, documents, ...rest } = result.images[0] ?? { documents: [] };
    const cloned = structuredClone(result).images[0];
    expect(cloned).toMatchObject(rest);
    expect(cloned?.documents).toEqual(documents);
    expect(JSON.stringify(cloned?.verified)).toBe(JSON.stringify(verified));
    expect(JSON.parse(JSON.stringify(result.images[0]?.report))).toEqual(result.images[0]?.report);
    const taken = await inventory(reference);
    expect(JSON.parse(JSON.stringify(taken))).toEqual(taken);
    const signed = await sign(reference, signer);
    expect(JSON.parse(JSON.stringify(signed))).toEqual(signed);
  });
});

test("an image is opened from a source that is open, by its name there, and the source stays the caller's (RUN-11)", async () => {
  await using connection = new Connection();
  await using place = await connection.openSource(reference);
  for (const asked of [{ reference }, { reference: `${registry.host}/acme/api@${image.descriptor.digest}` }]) {
    await using opened = await openImage(place.at, asked);
    expect(opened.image.descriptor.digest).toBe(image.descriptor.digest);
    expect((await inventory(opened)).packages.map(({ name }) => name)).toEqual(["lodash"]);
  }
  expect(await place.at.resolve("1")).toMatchObject({ digest: image.descriptor.digest });
  await copyImage(reference, `oci-layout:${directory}/opened:1`);
  await using layout = await connection.openSource(`oci-layout:${directory}/opened`);
  await using only = await openImage(layout.at);
  expect(only.image.descriptor.digest).toBe(image.descriptor.digest);
  await expect(openImage(layout.at, { reference: `oci-layout:${directory}/opened:2` })).rejects.toMatchObject({
    code: "IMAGE_NOT_FOUND",
  });
});
