import { digestOf } from "@sc/model";
import { expect, test } from "vitest";
import { startRegistry } from "./registry.ts";

const imageManifest = "application/vnd.oci.image.manifest.v1+json";

test("a chunked upload, a manifest and its tag come back as they were pushed", async () => {
  await using registry = await startRegistry();
  const base = `${registry.origin}/v2/team/app`;
  const opened = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  expect(opened.status).toBe(202);
  const first = await fetch(new URL(opened.headers.get("location")!, registry.origin), {
    method: "PATCH",
    body: "hello ",
    headers: { "content-range": "0-5" },
  });
  expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
  const blob = digestOf("hello world");
  const closing = new URL(first.headers.get("location")!, registry.origin);
  closing.searchParams.set("digest", blob);
  expect((await fetch(closing, { method: "PUT", body: "world" })).status).toBe(201);
  const part = await fetch(`${base}/blobs/${blob}`, { headers: { range: "bytes=6-" } });
  expect([part.status, await part.text()]).toEqual([206, "world"]);
  const config = { mediaType: "application/vnd.oci.empty.v1+json", digest: blob, size: 11 };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: imageManifest, config, layers: [] });
  const put = await fetch(`${base}/manifests/v1`, {
    method: "PUT",
    body: manifest,
    headers: { "content-type": imageManifest },
  });
  expect(put.status).toBe(201);
  const got = await fetch(`${base}/manifests/v1`);
  expect(await got.text()).toBe(manifest);
  expect(got.headers.get("docker-content-digest")).toBe(digestOf(manifest));
  expect(registry.requests.map(({ method, status }) => `${method} ${status}`)).toContain("PATCH 202");
});

test("a client that drops bytes, trusts lengths or believes one bit can be shown wrong", async () => {
  await using registry = await startRegistry();
  const blob = registry.putBlob("app", Buffer.from("0123456789"));
  const url = `${registry.origin}/v2/app/blobs/${blob.digest}`;
  registry.inject({ path: /blobs/, times: 1, effect: { type: "drop", afterBytes: 4 } });
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  registry.clearFaults();
  registry.inject({ path: /blobs/, times: 1, effect: { type: "truncate", toBytes: 4 } });
  expect(await (await fetch(url)).text()).toBe("0123");
  registry.inject({ path: /blobs/, times: 1, effect: { type: "corrupt", atByte: -1 } });
  expect(await (await fetch(url)).text()).toBe("0123456788");
  registry.inject({
    path: /blobs/,
    times: 2,
    effect: { type: "status", status: 503, headers: { "retry-after": "0" } },
  });
  expect([(await fetch(url)).status, (await fetch(url)).status, (await fetch(url)).status]).toEqual([503, 503, 200]);
});

test("a token is given for a scope, used, and refused once it has expired", async () => {
  await using registry = await startRegistry({ auth: { scheme: "bearer", users: { ann: "s3cret" }, tokenUses: 1 } });
  const blob = registry.putBlob("app", Buffer.from("x"));
  const url = `${registry.origin}/v2/app/blobs/${blob.digest}`;
  const refused = await fetch(url);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toBe(
    `Bearer realm="${registry.tokenServer.origin}/token",service="test-registry",scope="repository:app:pull"`,
  );
  const answer = await fetch(`${registry.tokenServer.origin}/token?service=test-registry&scope=repository:app:pull`);
  const { token } = (await answer.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect([(await fetch(url, { headers })).status, (await fetch(url, { headers })).status]).toEqual([200, 401]);
});
