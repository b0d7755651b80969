import { type Descriptor, digestOf, hasCode, type Progress } from "@sc/model";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import type { ImageDestination } from "../source.ts";
import { openRegistry, type OpenRegistryOptions } from "./repository.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const clock = { now: () => 0, random: () => 0.5, sleep: async () => {} };
const chunkBytes = 100_000;

function open(server: TestRegistry, options: OpenRegistryOptions = {}): ImageDestination {
  return openRegistry({ registry: server.host, repository: "app" }, { clock, http: { clock }, chunkBytes, ...options });
}

const content = Buffer.from(Array.from({ length: 350_000 }, (_, index) => index % 251));
const layer: Descriptor = { mediaType: "application/octet-stream", digest: digestOf(content), size: content.length };

async function* stream(bytes: Uint8Array, piece = 33_000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

const stored = (server: TestRegistry): boolean => {
  const bytes = server.repository("app").blobs.get(layer.digest);
  return bytes !== undefined && Buffer.from(bytes).equals(content);
};
const methods = (server: TestRegistry): readonly string[] =>
  server.requests.map(({ method, status }) => `${method} ${status}`);
const failing = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toSatisfy((error) => hasCode(error, code), code);
};

describe("a small blob", () => {
  test("goes in a single POST, and the same one only once (OCI-3)", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    const first = await repository.pushBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
    expect(first).toEqual({ mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 });
    await repository.pushBlob(Buffer.from("{}"), "application/vnd.oci.empty.v1+json");
    expect(methods(server)).toEqual(["POST 201"]);
  });

  test("goes by POST and PUT where the registry takes no single POST, which is learnt once", async () => {
    await using server = await startRegistry({ monolithicPost: false, locations: "absolute" });
    await using repository = open(server);
    await repository.pushBlob(Buffer.from("a"), "text/plain");
    await repository.pushBlob(Buffer.from("b"), "text/plain");
    expect(methods(server)).toEqual(["POST 202", "PUT 201", "POST 202", "PUT 201"]);
    expect(server.requests[2]?.target).toBe("/v2/app/blobs/uploads/");
    expect(server.requests[1]?.target).toMatch(/_state=\d+&digest=sha256%3A/);
  });

  test("goes by POST and PUT where a single POST is refused", async () => {
    await using server = await startRegistry();
    server.inject({ method: "POST", path: /digest=/, effect: { type: "status", status: 405 } });
    await using repository = open(server);
    await repository.pushBlob(Buffer.from("a"), "text/plain");
    expect(methods(server)).toEqual(["POST 405", "POST 202", "PUT 201"]);
  });

  test("is there also when the answer to its PUT was lost", async () => {
    await using server = await startRegistry({ monolithicPost: false });
    server.inject({ method: "PUT", path: /uploads/, times: 1, effect: { type: "lose-answer" } });
    await using repository = open(server);
    await repository.pushBlob(Buffer.from("a"), "text/plain");
    expect(methods(server)).toEqual(["POST 202", "PUT 0", "PUT 404", "HEAD 200"]);
  });

  test("of a stream that is not what its descriptor says is not sent at all (OCI-6)", async () => {
    await using server = await startRegistry();
    await using repository = open(server, { chunkBytes: 1_000_000 });
    await failing(repository.writeBlob({ ...layer, digest: digestOf("x") }, stream(content)), "DIGEST_MISMATCH");
    await failing(repository.writeBlob({ ...layer, size: 5 }, stream(content)), "SIZE_MISMATCH");
    expect(server.requests).toHaveLength(0);
  });
});

describe("a large blob", () => {
  test("goes in chunks of one size (OCI-3)", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    const told: Progress[] = [];
    await repository.writeBlob(layer, stream(content), { onProgress: (progress) => told.push(progress) });
    expect(stored(server)).toBe(true);
    expect(methods(server)).toEqual(["POST 202", "PATCH 202", "PATCH 202", "PATCH 202", "PATCH 202", "PUT 201"]);
    expect(server.requests.slice(1, 5).map(({ headers }) => headers["content-range"])).toEqual([
      "0-99999",
      "100000-199999",
      "200000-299999",
      "300000-349999",
    ]);
    expect(told.findLast(({ type }) => type === "blob")).toMatchObject({
      action: "push",
      doneBytes: 350_000,
      totalBytes: 350_000,
    });
  });

  test("goes in chunks of at least what the registry asks for", async () => {
    await using server = await startRegistry();
    server.inject({
      method: "POST",
      path: /uploads/,
      effect: { type: "headers", headers: { "oci-chunk-min-length": "200000" } },
    });
    await using repository = open(server);
    await repository.writeBlob(layer, stream(content));
    expect(stored(server)).toBe(true);
    expect(server.requests.slice(1, -1).map(({ bodyBytes }) => bodyBytes)).toEqual([200_000, 150_000]);
  });

  test("goes on where the registry stopped when a chunk breaks off (OCI-3)", async () => {
    await using server = await startRegistry();
    server.inject({
      method: "PATCH",
      path: /uploads/,
      skip: 1,
      times: 1,
      effect: { type: "drop-request", afterBytes: 65_536 },
    });
    await using repository = open(server);
    await repository.writeBlob(layer, stream(content));
    expect(stored(server)).toBe(true);
    const patched = server.requests.filter(({ method }) => method === "PATCH");
    expect(patched[2]?.headers["content-range"]).toBe("165536-199999");
    expect(server.requests.some(({ method, target }) => method === "GET" && target.includes("uploads"))).toBe(true);
  });

  test("does not send a chunk twice whose answer was lost", async () => {
    await using server = await startRegistry();
    server.inject({ method: "PATCH", path: /uploads/, skip: 1, times: 1, effect: { type: "lose-answer" } });
    await using repository = open(server);
    await repository.writeBlob(layer, stream(content));
    expect(stored(server)).toBe(true);
    const sent = server.requests
      .filter(({ method }) => method === "PATCH")
      .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
    expect(sent).toBe(350_000);
  });

  test("gives up, and gives its upload up, when the registry takes nothing any more", async () => {
    await using server = await startRegistry();
    server.inject({ method: "PATCH", path: /uploads/, skip: 1, effect: { type: "status", status: 503 } });
    await using repository = open(server);
    await failing(repository.writeBlob(layer, stream(content)), "REGISTRY_FAILED");
    expect(server.requests.filter(({ method }) => method === "PATCH").length).toBeLessThan(10);
    expect(server.requests.at(-1)?.method).toBe("DELETE");
    expect(server.repository("app").uploads.size).toBe(0);
  });

  test("goes as one stream where the registry takes no chunks, which is learnt once", async () => {
    await using server = await startRegistry();
    server.inject({ method: "PATCH", path: /uploads/, effect: { type: "status", status: 405 } });
    await using repository = open(server);
    await repository.writeBlob(layer, stream(content));
    expect(stored(server)).toBe(true);
    expect(methods(server)).toEqual(["POST 202", "PATCH 405", "DELETE 204", "POST 202", "PUT 201"]);
    expect(server.requests.at(-1)?.headers["content-length"]).toBe("350000");
    server.repository("app").blobs.clear();
    await repository.writeBlob(layer, stream(content));
    expect(methods(server).slice(5)).toEqual(["POST 202", "PUT 201"]);
    expect(stored(server)).toBe(true);
  });

  test("sent as one stream is not sent again when it is refused with 401: what is left of it is nothing", async () => {
    await using server = await startRegistry({ chunkedUploads: false });
    const headers = { "www-authenticate": `Bearer realm="${server.tokenServer.origin}/token"` };
    server.settings.auth = { scheme: "bearer", users: { ann: "correct-horse" } };
    const refused = server.inject({ method: "PUT", path: /uploads/, effect: { type: "status", status: 401, headers } });
    const explicit = [{ registry: server.host, user: "ann", password: "correct-horse" }];
    await using repository = open(server, { credentials: { explicit } });
    await failing(repository.writeBlob(layer, stream(content)), "OCI_UNAUTHORIZED");
    expect(refused.struck).toBe(1);
    expect(stored(server)).toBe(false);
  });

  test("that is not what its descriptor says is never closed, and its upload given up (OCI-6)", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    await failing(repository.writeBlob({ ...layer, digest: digestOf("x") }, stream(content)), "DIGEST_MISMATCH");
    await failing(repository.writeBlob({ ...layer, size: 350_001 }, stream(content)), "SIZE_MISMATCH");
    expect(server.requests.some(({ method }) => method === "PUT")).toBe(false);
    expect(server.repository("app").uploads.size).toBe(0);
    expect(server.repository("app").blobs.size).toBe(0);
  });

  test("is there also when the answer to the last PUT was lost", async () => {
    await using server = await startRegistry();
    server.inject({ method: "PUT", path: /uploads/, times: 1, effect: { type: "lose-answer" } });
    await using repository = open(server);
    await repository.writeBlob(layer, stream(content));
    expect(stored(server)).toBe(true);
  });

  test("ends with the signal's reason when it is aborted", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    await expect(
      repository.writeBlob(layer, stream(content), { signal: controller.signal, onProgress }),
    ).rejects.toThrow("enough");
    expect(stored(server)).toBe(false);
  });
});

describe("a mount", () => {
  test("takes a blob over without its bytes, with a token for both repositories (OCI-3)", async () => {
    const users = { me: "x" };
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    const blob = server.putBlob("base", Buffer.from("shared"));
    const explicit = [{ registry: server.host, user: "me", password: "x" }];
    await using repository = open(server, { credentials: { explicit } });
    expect(await repository.mountBlob(blob, "base")).toBe(true);
    expect(server.repository("app").blobs.has(blob.digest)).toBe(true);
    const scopes = new URL(server.tokenServer.requests[0]?.target ?? "", "http://x").searchParams.getAll("scope");
    expect(scopes).toEqual(["repository:app:pull,push", "repository:base:pull"]);
  });

  test("is false where the registry opens an upload instead, which is given up, and where it is refused", async () => {
    await using server = await startRegistry({ mounts: false });
    const blob = server.putBlob("base", Buffer.from("shared"));
    await using repository = open(server);
    expect(await repository.mountBlob(blob, "base")).toBe(false);
    expect(methods(server)).toEqual(["POST 202", "DELETE 204"]);
    expect(server.repository("app").uploads.size).toBe(0);
    server.inject({ method: "POST", path: /mount/, effect: { type: "status", status: 403 } });
    expect(await repository.mountBlob(blob, "base")).toBe(false);
    await failing(repository.mountBlob(blob, "../base"), "REFERENCE_INVALID");
  });
});

describe("a manifest", () => {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType }));
  const other = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, annotations: { a: "b" } }));

  test("is stored under its tag, or by its digest alone, with its type", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    const descriptor = await repository.pushManifest(bytes, manifestType, { tag: "v1" });
    expect(descriptor).toEqual({ mediaType: manifestType, digest: digestOf(bytes), size: bytes.length });
    await repository.pushManifest(other, manifestType);
    expect([...server.repository("app").tags]).toEqual([["v1", digestOf(bytes)]]);
    expect(server.repository("app").manifests.get(digestOf(other))?.mediaType).toBe(manifestType);
    expect(methods(server)).toEqual(["PUT 201", "PUT 201"]);
  });

  test("is written only over what was read (OCI-3)", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    await repository.pushManifest(bytes, manifestType, { tag: "v1", ifMatch: "absent" });
    await failing(repository.pushManifest(other, manifestType, { tag: "v1", ifMatch: "absent" }), "MANIFEST_CHANGED");
    await failing(repository.pushManifest(other, manifestType, { tag: "v1", ifMatch: '"other"' }), "MANIFEST_CHANGED");
    const etag = (await repository.fetchManifest("v1"))?.etag ?? "";
    await repository.pushManifest(other, manifestType, { tag: "v1", ifMatch: etag });
    expect(server.repository("app").tags.get("v1")).toBe(digestOf(other));
  });

  test("whose answer was lost is not taken for someone else's when the repeated condition fails", async () => {
    await using server = await startRegistry();
    server.inject({ method: "PUT", path: /manifests/, times: 1, effect: { type: "lose-answer" } });
    await using repository = open(server);
    await repository.pushManifest(bytes, manifestType, { tag: "v1", ifMatch: "absent" });
    expect(methods(server)).toEqual(["PUT 0", "PUT 412", "GET 200"]);
  });

  test("that the registry says it stored as something else is an error", async () => {
    await using server = await startRegistry();
    server.inject({
      method: "PUT",
      path: /manifests/,
      effect: { type: "headers", headers: { "docker-content-digest": digestOf("x") } },
    });
    await using repository = open(server);
    await failing(repository.pushManifest(bytes, manifestType, { tag: "v1" }), "DIGEST_MISMATCH");
  });

  test("that the registry refuses keeps the registry's own words", async () => {
    await using server = await startRegistry({ refusesManifest: () => true });
    await using repository = open(server);
    await expect(repository.pushManifest(bytes, manifestType, { tag: "v1" })).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      facts: { codes: "MANIFEST_INVALID" },
    });
    await failing(repository.pushManifest(Buffer.alloc(5 * 1024 * 1024), manifestType), "MANIFEST_TOO_LARGE");
  });
});

describe("a deletion", () => {
  const bytes = JSON.stringify({ schemaVersion: 2, mediaType: manifestType });

  test("removes a tag or a manifest, and what is not there is no error", async () => {
    await using server = await startRegistry();
    const { digest } = server.putManifest("app", { bytes, mediaType: manifestType, tag: "v1" });
    await using repository = open(server);
    await repository.deleteManifest("v1");
    expect(server.repository("app").tags.size).toBe(0);
    await repository.deleteManifest(digest);
    expect(server.repository("app").manifests.size).toBe(0);
    await repository.deleteManifest("v1");
  });

  test("that is not possible or not allowed says which", async () => {
    await using server = await startRegistry({ deletes: false });
    server.putManifest("app", { bytes, mediaType: manifestType, tag: "v1" });
    await using repository = open(server);
    await failing(repository.deleteManifest("v1"), "DELETE_UNSUPPORTED");
    server.inject({ method: "DELETE", path: /manifests/, effect: { type: "status", status: 403 } });
    await failing(repository.deleteManifest("v1"), "REGISTRY_DENIED");
  });
});
