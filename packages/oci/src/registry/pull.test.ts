import { attachedTag, digestOf, hasCode, type Progress, referrersTag } from "@sc/model";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import type { ImageDestination } from "../source.ts";
import { type OpenRegistryOptions, openRegistry } from "./repository.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const clock = { now: () => 0, random: () => 0.5, sleep: async () => {} };

function open(server: TestRegistry, options: OpenRegistryOptions = {}): ImageDestination {
  return openRegistry(
    { registry: server.host, repository: "app" },
    { clock, http: { clock, timeouts: { idleMilliseconds: 100 } }, ...options },
  );
}

const content = Buffer.from(Array.from({ length: 400_000 }, (_, index) => index % 251));

async function read(
  repository: ImageDestination,
  descriptor: { readonly digest: string; readonly size: number },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await repository.openBlob(descriptor as Parameters<ImageDestination["openBlob"]>[0]))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

const failing = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toSatisfy((error) => hasCode(error, code), code);
};
const line = ({ method, target, status }: { method: string; target: string; status: number }): string =>
  `${method} ${target} ${status}`;

describe("a manifest", () => {
  test("is resolved by HEAD and fetched by GET, and both give the same descriptor", async () => {
    await using server = await startRegistry();
    const bytes = JSON.stringify({ schemaVersion: 2, mediaType: manifestType });
    const stored = server.putManifest("app", { bytes, mediaType: manifestType, tag: "v1" });
    await using repository = open(server);
    expect(repository.repository).toBe(`${server.host}/app`);
    expect(await repository.resolve("v1")).toEqual(stored);
    const manifest = await repository.fetchManifest(stored.digest);
    expect(manifest).toEqual({ descriptor: stored, bytes: Buffer.from(bytes), etag: `"${stored.digest}"` });
    expect(server.requests.map(line)).toEqual([
      "HEAD /v2/app/manifests/v1 200",
      `GET /v2/app/manifests/${stored.digest} 200`,
    ]);
  });

  test("that is not there is undefined", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    expect(await repository.resolve("v1")).toBeUndefined();
    expect(await repository.fetchManifest("v1")).toBeUndefined();
    expect(await repository.resolve(digestOf("x"))).toBeUndefined();
  });

  test("is fetched where HEAD lacks the digest, the length or the type, or is not understood", async () => {
    await using server = await startRegistry();
    const stored = server.putManifest("app", {
      bytes: JSON.stringify({ mediaType: manifestType }),
      mediaType: manifestType,
      tag: "v1",
    });
    await using repository = open(server);
    for (const headers of [
      { "docker-content-digest": undefined },
      { "content-type": undefined },
      { "docker-content-digest": "md5:1" },
    ]) {
      server.inject({ method: "HEAD", path: /manifests/, effect: { type: "headers", headers } });
      expect(await repository.resolve("v1")).toEqual(stored);
      server.clearFaults();
    }
    server.inject({ method: "HEAD", path: /manifests/, effect: { type: "status", status: 405 } });
    expect(await repository.resolve("v1")).toEqual(stored);
  });

  test("that does not have the digest it was asked for by, or that the header claims, is refused (OCI-6)", async () => {
    await using server = await startRegistry();
    const asked = digestOf("other");
    server.putManifest("app", { bytes: "{}", mediaType: manifestType, tag: "v1", digest: asked });
    await using repository = open(server);
    await failing(repository.fetchManifest(asked), "DIGEST_MISMATCH");
    await failing(repository.fetchManifest("v1"), "DIGEST_MISMATCH");
  });

  test("is of the type its own bytes say, whatever the header says, and by the header only where they are silent", async () => {
    await using server = await startRegistry();
    server.putManifest("app", {
      bytes: JSON.stringify({ mediaType: manifestType }),
      mediaType: "text/plain; charset=utf-8",
      tag: "said",
    });
    server.putManifest("app", { bytes: "{}", mediaType: `${manifestType}; charset=utf-8`, tag: "silent" });
    server.putManifest("app", { bytes: '{"a":1}', mediaType: "application/json", tag: "neither" });
    await using repository = open(server);
    expect((await repository.fetchManifest("said"))?.descriptor.mediaType).toBe(manifestType);
    expect((await repository.fetchManifest("silent"))?.descriptor.mediaType).toBe(manifestType);
    await failing(repository.fetchManifest("neither"), "REGISTRY_RESPONSE_INVALID");
  });

  test("of more than 4 MiB is refused, also when it never ends", async () => {
    await using server = await startRegistry();
    server.putManifest("app", { bytes: `{"a":"${"x".repeat(4 * 1024 * 1024)}"}`, mediaType: manifestType, tag: "v1" });
    await using repository = open(server);
    await failing(repository.fetchManifest("v1"), "MANIFEST_TOO_LARGE");
    server.inject({ path: /manifests/, effect: { type: "endless" } });
    await failing(repository.fetchManifest("v1"), "MANIFEST_TOO_LARGE");
  });

  test("403 for a missing tag is an error first, and absence once something was read there: Artifactory (OCI-7)", async () => {
    await using server = await startRegistry({ missingManifestStatus: 403 });
    server.putManifest("app", {
      bytes: JSON.stringify({ mediaType: manifestType }),
      mediaType: manifestType,
      tag: "v1",
    });
    await using repository = open(server);
    await failing(repository.fetchManifest("none"), "REGISTRY_DENIED");
    expect(await repository.resolve("v1")).toBeDefined();
    expect(await repository.fetchManifest("none")).toBeUndefined();
    expect(await repository.resolve("none")).toBeUndefined();
    await failing(repository.fetchManifest(digestOf("none")), "REGISTRY_DENIED");
  });

  test("403 for a tag that belongs to something is absence for whoever may read that, and an error for others (OCI-7)", async () => {
    await using server = await startRegistry({ missingManifestStatus: 403 });
    const stored = { bytes: JSON.stringify({ mediaType: manifestType }), mediaType: manifestType };
    const { digest } = server.putManifest("app", stored);
    const tags = [referrersTag(digest), attachedTag(digest, "sig")];
    for (const tag of tags) {
      await using repository = open(server);
      expect(await repository.fetchManifest(tag)).toBeUndefined();
      await failing(repository.fetchManifest(digestOf("none")), "REGISTRY_DENIED");
    }
    server.repository("app").manifests.clear();
    for (const tag of tags) {
      await using repository = open(server);
      await failing(repository.fetchManifest(tag), "REGISTRY_DENIED");
    }
  });

  test("a text that is neither tag nor digest never becomes a path", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    for (const reference of ["../../x", "a/b", "a?b", "", "-a", "a".repeat(129), "sha256:abc"]) {
      await failing(repository.fetchManifest(reference), "REFERENCE_INVALID");
    }
    for (const name of ["../x", "a//b", "A", "a?b", "", "a/../b", "a#b"]) {
      expect(() => openRegistry({ registry: server.host, repository: name }), name).toThrow(
        expect.objectContaining({ code: "REFERENCE_INVALID" }),
      );
    }
    for (const registry of ["a/b", "u@h", "h?x", "h#x", "", "h:99999"]) {
      expect(() => openRegistry({ registry, repository: "app" }), registry).toThrow(
        expect.objectContaining({ code: "REFERENCE_INVALID" }),
      );
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe("a blob", () => {
  test("streams verified and tells its progress", async () => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    await using repository = open(server);
    const told: Progress[] = [];
    const chunks: Uint8Array[] = [];
    for await (const chunk of await repository.openBlob(blob, { onProgress: (progress) => told.push(progress) }))
      chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
    expect(told.at(-1)).toMatchObject({ type: "blob", action: "fetch", doneBytes: 400_000, totalBytes: 400_000 });
    expect(await repository.hasBlob(blob)).toBe(true);
    expect(await repository.hasBlob({ ...blob, digest: digestOf("none") })).toBe(false);
    await failing(repository.openBlob({ ...blob, digest: digestOf("none") }), "BLOB_NOT_FOUND");
  });

  test("of sha512 is verified by sha512, and an empty one is empty", async () => {
    await using server = await startRegistry();
    const digest = digestOf(content, "sha512");
    server.putBlob("app", content, digest);
    const empty = server.putBlob("app", new Uint8Array(0));
    await using repository = open(server);
    expect(await read(repository, { digest, size: content.length })).toHaveLength(content.length);
    expect(await read(repository, empty)).toHaveLength(0);
  });

  test.each([
    ["one bit", { type: "corrupt", atByte: 5 }, "DIGEST_MISMATCH"],
    ["its last bit", { type: "corrupt", atByte: -1 }, "DIGEST_MISMATCH"],
    ["its length, shorter", { type: "truncate", toBytes: 399_999 }, "SIZE_MISMATCH"],
    ["its length, longer", { type: "append", bytes: new Uint8Array(1) }, "SIZE_MISMATCH"],
    ["its end, which never comes", { type: "endless" }, "SIZE_MISMATCH"],
  ] as const)("that differs in %s fails, and is never whole in anybody's hands (OCI-6)", async (_, effect, code) => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    server.inject({ path: /blobs/, effect });
    await using repository = open(server);
    let got = 0;
    const reading = (async () => {
      for await (const chunk of await repository.openBlob(blob)) got += chunk.byteLength;
    })();
    await failing(reading, code);
    expect(got).toBeLessThan(content.length);
  });

  test("goes on by Range where the connection broke, as often as it takes while it comes forward (OCI-5)", async () => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    server.inject({ path: /blobs/, times: 5, effect: { type: "drop", afterBytes: 70_000 } });
    await using repository = open(server);
    expect(Buffer.from(await read(repository, blob)).equals(content)).toBe(true);
    const ranges = server.requests.map(({ headers }) => headers["range"]);
    expect(ranges.slice(0, 3)).toEqual([undefined, "bytes=70000-399999", "bytes=140000-399999"]);
    expect(ranges).toHaveLength(6);
  });

  test("that never comes forward fails after a few tries", async () => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    server.inject({ path: /blobs/, effect: { type: "drop", afterBytes: 10 } });
    await using repository = open(server);
    await failing(read(repository, blob), "CONNECTION_LOST");
    expect(server.requests.length).toBeLessThan(10);
  });

  test("that stands still is taken up again, too", async () => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    server.inject({ path: /blobs/, times: 1, effect: { type: "stall", afterBytes: 100_000 } });
    await using repository = open(server);
    expect(Buffer.from(await read(repository, blob)).equals(content)).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  test("is right also when the server has no ranges and begins anew, and wrong when it gives another range", async () => {
    await using server = await startRegistry({ ranges: false });
    const blob = server.putBlob("app", content);
    server.inject({ path: /blobs/, times: 2, effect: { type: "drop", afterBytes: 150_000 } });
    await using repository = open(server);
    expect(Buffer.from(await read(repository, blob)).equals(content)).toBe(true);
    server.settings.ranges = true;
    server.clearFaults();
    server.inject({ path: /blobs/, times: 1, effect: { type: "drop", afterBytes: 150_000 } });
    server.inject({
      path: /blobs/,
      effect: { type: "headers", headers: { "content-range": "bytes 0-249999/400000" } },
    });
    await failing(read(repository, blob), "REGISTRY_RESPONSE_INVALID");
  });

  test("comes from another origin by redirect without the credential (OCI-4)", async () => {
    await using server = await startRegistry({
      redirectBlobs: true,
      auth: { scheme: "basic", users: { me: "secret" } },
    });
    const blob = server.putBlob("app", content);
    server.inject({ path: /storage/, times: 1, effect: { type: "drop", afterBytes: 150_000 } });
    const explicit = [{ registry: server.host, user: "me", password: "secret" }];
    await using repository = open(server, { credentials: { explicit } });
    expect(Buffer.from(await read(repository, blob)).equals(content)).toBe(true);
    expect(server.storage.requests).toHaveLength(2);
    for (const { headers } of server.storage.requests) expect(headers["authorization"]).toBeUndefined();
    expect(server.storage.requests[1]?.headers["range"]).toBe("bytes=150000-399999");
  });

  test("that is read whole is bounded before it is asked for", async () => {
    await using server = await startRegistry();
    const blob = server.putBlob("app", content);
    await using repository = open(server);
    await failing(repository.fetchBlob(blob, { maxBytes: 100 }), "BLOB_TOO_LARGE");
    expect(server.requests).toHaveLength(0);
    await failing(repository.fetchBlob({ ...blob, size: 100 }, { maxBytes: 100 }), "SIZE_MISMATCH");
    expect(Buffer.from(await repository.fetchBlob(blob, { maxBytes: 400_000 })).equals(content)).toBe(true);
  });

  test("a foreign layer's addresses are not followed, and only https ones when asked", async () => {
    await using server = await startRegistry();
    await using foreign = await startRegistry();
    const blob = foreign.putBlob("app", content);
    const layer = {
      ...blob,
      urls: [`${foreign.origin}/v2/app/blobs/${blob.digest}`, "https://169.254.169.254/latest"],
    };
    await using repository = open(server);
    await failing(repository.openBlob(layer), "BLOB_NOT_FOUND");
    await failing(repository.openBlob(layer, { unsafeFollowForeignUrls: true }), "REDIRECT_REFUSED");
    expect(foreign.requests).toHaveLength(0);
  });
});
