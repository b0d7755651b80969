import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secure, type SecurePlan, type SecureResult } from "@sc/pipeline";
import { CacheFolder } from "@sc/rootfs";
import { createKeySigner } from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { expect, onTestFinished, test } from "vitest";

const noon = new Date("2026-11-21T12:00:00Z");
const after = (hours: number): Date => new Date(noon.getTime() + hours * 60 * 60 * 1000);
const newSigner = (): ReturnType<typeof createKeySigner> =>
  createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);

function imageOf(version: string): ReturnType<typeof buildImage> {
  const content = JSON.stringify({ name: "lodash", version });
  return buildImage({ layers: [buildLayer([{ path: "app/node_modules/lodash/package.json", content }])] });
}

/** An image that one run has signed and attested, with a place where that run kept what it read. */
async function begin() {
  const registry = await startRegistry();
  const directory = mkdtempSync(join(tmpdir(), "sc-unchanged-"));
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });
  const image = pushImage(registry, "acme/web:1", imageOf("4.17.21"));
  const signer = newSigner();
  const content = join(directory, "content");
  const run = async (more: Partial<SecurePlan> & { readonly key?: typeof signer } = {}): Promise<SecureResult> => {
    const { key = signer, now = noon, ...rest } = more;
    const keys = key.publicKey === undefined ? [] : [key.publicKey];
    registry.requests.length = 0;
    return await secure({
      images: [image],
      now,
      inventory: { workers: false, results: { directory: join(directory, "inventories"), now } },
      content: { directory: content },
      sbom: { required: true, formats: ["cyclonedx-json"], attach: true, sign: true },
      signing: { required: true, signer: key, verify: { keys } },
      ...rest,
    });
  };
  const first = await run();
  expect(statesOf(first)).toEqual(["pass", "signature written", "signature written", "sbom written", "sbom written"]);
  return { registry, image, content, signer, run, first };
}

function statesOf({ images }: SecureResult): readonly string[] {
  return images.flatMap(({ outcome, records }) => [outcome, ...records.map(({ what, state }) => `${what} ${state}`)]);
}

const present = ["pass", "signature present", "signature present", "sbom present", "sbom present"];

function askedOf({ requests }: TestRegistry): readonly string[] {
  return requests
    .map(({ method, target }) => `${method} ${target.replaceAll(/sha256[:-][0-9a-f]{64}/g, "DIGEST")}`)
    .toSorted();
}

const four = [
  "GET /v2/acme/web/manifests/1",
  "GET /v2/acme/web/manifests/DIGEST.att",
  "GET /v2/acme/web/manifests/DIGEST.sig",
  "GET /v2/acme/web/referrers/DIGEST",
];

test("given an image that nothing happened to, when it is secured again, then its tag and what is attached are asked for and nothing else, and every signature is verified (RUN-2, RUN-3)", async () => {
  const { registry, run } = await begin();
  const again = await run();
  expect(statesOf(again)).toEqual(present);
  expect(again.images[0]?.verified?.signatures.length).toBe(1);
  expect(askedOf(registry)).toEqual(four);
});

test("given signatures that were removed from the registry, when it is secured again, then it is signed again (RUN-2, RUN-3)", async () => {
  const { registry, run, first } = await begin();
  const repository = registry.repository("acme/web");
  for (const { what, manifest, tag } of first.images[0]?.records ?? []) {
    if (what !== "signature") continue;
    repository.manifests.delete(manifest);
    if (tag !== undefined) repository.tags.delete(tag);
  }
  expect(statesOf(await run())).toEqual([
    "pass",
    "signature written",
    "signature written",
    "sbom present",
    "sbom present",
  ]);
});

test("given an attested document that was removed from the registry, when it is secured again, then it is attested again (RUN-2, RUN-3)", async () => {
  const { registry, run, first } = await begin();
  const repository = registry.repository("acme/web");
  for (const { what, manifest, tag } of first.images[0]?.records ?? []) {
    if (what !== "sbom") continue;
    repository.manifests.delete(manifest);
    if (tag !== undefined) repository.tags.delete(tag);
  }
  const states = statesOf(await run());
  expect(states.slice(0, 3)).toEqual(["pass", "signature present", "signature present"]);
  expect(states.slice(3)).toEqual(["sbom written", "sbom written"]);
});

test("given a tag that names another image by now, when it is secured again, then that one is read and signed (RUN-2, RUN-3)", async () => {
  const { registry, run, first } = await begin();
  pushImage(registry, "acme/web:1", imageOf("4.17.15"));
  const again = await run();
  expect(again.images[0]?.digest).not.toBe(first.images[0]?.digest);
  expect(statesOf(again)).toEqual(statesOf(first));
});

test("given other keys, when it is secured again, then what is kept proves nothing (RUN-2, SIGN-5)", async () => {
  const { run, signer } = await begin();
  const other = newSigner();
  const asked = other.publicKey === undefined ? [] : [other.publicKey];
  const refused = await run({ signing: { required: true, signer, verify: { keys: asked } } });
  expect(refused.images[0]).toMatchObject({ outcome: "violation", stoppedAt: "verify" });
  expect(refused.images[0]?.error).toMatchObject({ code: "VERIFICATION_FAILED" });
  expect(statesOf(await run({ key: other })).slice(0, 3)).toEqual(["pass", "signature written", "signature written"]);
});

test("given a document that would be another one by now, when it is secured again, then that one is attested too (RUN-2, RUN-3)", async () => {
  const { run } = await begin();
  const tool = { name: "sc", version: "9.9.9" };
  const sbom = { required: true, formats: ["cyclonedx-json"], attach: true, sign: true, tool };
  expect(statesOf(await run({ sbom })).slice(3)).toEqual(["sbom written", "sbom written"]);
});

test("given kept content that somebody changed, when it is secured again, then it is not used, since it is hashed each time (RUN-3, OCI-6)", async () => {
  const { registry, content, run } = await begin();
  const [name = ""] = readdirSync(content);
  const folder = new CacheFolder({
    directory: content,
    name: "test",
    magic: "sc-content\n",
    maxBytes: 2 ** 25,
    onProgress: undefined,
  });
  // A sound file, as its own checksum goes, with a bit of every content flipped.
  const forged = folder.load(name, (bytes) => {
    const end = bytes.indexOf(10) + 1;
    const changed = Uint8Array.from(bytes);
    for (let at = end + 20; at < changed.length; at += 100) changed[at] = (changed[at] ?? 0) ^ 1;
    return changed;
  });
  await folder.store(name, forged ?? new Uint8Array());
  expect(statesOf(await run())).toEqual(present);
  expect(askedOf(registry).length).toBeGreaterThan(four.length);
  expect(statesOf(await run())).toEqual(present);
  expect(askedOf(registry)).toEqual(four);
});

test("given content that was kept a day ago, when it is secured again, then all of it is read from the registry (RUN-3)", async () => {
  const { registry, run } = await begin();
  await run({ now: after(23.9) });
  expect(askedOf(registry)).toEqual(four);
  // As it was read at noon, whatever was kept since.
  expect(statesOf(await run({ now: after(24) }))).toEqual(present);
  expect(askedOf(registry).filter((asked) => asked.includes("/blobs/")).length).toBeGreaterThan(2);
});

test("without a place to keep content, nothing is kept and everything is asked for (RUN-2)", async () => {
  const { registry, content, run } = await begin();
  rmSync(content, { recursive: true });
  expect(statesOf(await run({ content: undefined }))).toEqual(present);
  expect(askedOf(registry).length).toBe(9);
});
