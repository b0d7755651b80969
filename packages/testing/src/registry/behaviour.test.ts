import { digestOf } from "@sc/model";
import { expect, test } from "vitest";
import { buildArtifact, buildBlob, buildImage, type BuiltManifest } from "../image/image.ts";
import { buildLayer } from "../image/layer.ts";
import { pushImage } from "../image/place.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const image = buildImage({ layers: [buildLayer([{ path: "a", content: "a" }])] });
const subject = image.descriptor;

function signature(text: string, artifactType = "application/vnd.test.signature"): BuiltManifest {
  return buildArtifact({ artifactType, subject, blobs: [buildBlob(text, "text/plain")], annotations: { text } });
}

interface Listing {
  readonly manifests: readonly { readonly digest: string; readonly artifactType: string }[];
}

async function walkPages(first: string, atMost: number): Promise<{ digests: string[]; pages: number; more: boolean }> {
  const digests: string[] = [];
  let next: string | undefined = first;
  let pages = 0;
  for (; next !== undefined && pages < atMost; pages += 1) {
    const response: Response = await fetch(next);
    digests.push(...((await response.json()) as Listing).manifests.map(({ digest }) => digest));
    const link: string | undefined = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    next = link === undefined ? undefined : new URL(link, first).href;
  }
  return { digests, pages, more: next !== undefined };
}

function put(registry: TestRegistry, reference: string, headers: Record<string, string> = {}): Promise<Response> {
  const { mediaType } = image.descriptor;
  return fetch(`${registry.origin}/v2/app/manifests/${reference}`, {
    method: "PUT",
    body: Buffer.from(image.bytes),
    headers: { "content-type": mediaType, ...headers },
  });
}

test("referrers come filtered and in pages, each exactly once", async () => {
  await using registry = await startRegistry({ referrersPageSize: 2 });
  pushImage(registry, "app:v1", image);
  const signatures = ["one", "two", "three", "four", "five"].map((text) => signature(text));
  for (const artifact of [...signatures, signature("sbom", "application/vnd.test.sbom")]) {
    pushImage(registry, "app", artifact);
  }
  const url = `${registry.origin}/v2/app/referrers/${subject.digest}`;
  const filtered = await walkPages(`${url}?artifactType=application%2Fvnd.test.signature`, 10);
  expect(filtered.pages).toBe(3);
  expect(filtered.digests).toEqual(signatures.map(({ descriptor }) => descriptor.digest));
  expect((await walkPages(url, 10)).digests).toHaveLength(6);
  const response = await fetch(`${url}?artifactType=application%2Fvnd.test.sbom`);
  expect(response.headers.get("oci-filters-applied")).toBe("artifactType");
  registry.settings.referrersFilter = false;
  registry.settings.referrersPageSize = 0;
  const unfiltered = await fetch(`${url}?artifactType=application%2Fvnd.test.sbom`);
  expect(unfiltered.headers.get("oci-filters-applied")).toBeNull();
  expect(((await unfiltered.json()) as Listing).manifests).toHaveLength(6);
});

test.each(["cyclic", "endless"] as const)("%s pages of referrers never end", async (referrersPaging) => {
  await using registry = await startRegistry({ referrersPaging });
  pushImage(registry, "app", signature("one"));
  const walked = await walkPages(`${registry.origin}/v2/app/referrers/${subject.digest}`, 25);
  expect([walked.pages, walked.digests.length, walked.more]).toEqual([25, 25, true]);
  const targets = new Set(registry.requests.map(({ target }) => target));
  expect(targets.size).toBe(referrersPaging === "cyclic" ? 2 : 25);
});

test("a registry without the referrers API answers as real ones do, and says OCI-Subject only where it knows it", async () => {
  await using registry = await startRegistry({ checkReferences: false });
  const artifact = signature("one");
  const answers = ["api", 404, 400, 403, 406, "wrong-content-type", "header-without-endpoint"] as const;
  const heard: unknown[] = [];
  for (const referrers of answers) {
    registry.settings.referrers = referrers;
    const pushed = await fetch(`${registry.origin}/v2/app/manifests/${artifact.descriptor.digest}`, {
      method: "PUT",
      body: Buffer.from(artifact.bytes),
      headers: { "content-type": artifact.descriptor.mediaType },
    });
    const listed = await fetch(`${registry.origin}/v2/app/referrers/${subject.digest}`);
    heard.push([pushed.headers.get("oci-subject") !== null, listed.status]);
  }
  expect(heard).toEqual([
    [true, 200],
    [false, 404],
    [false, 400],
    [false, 403],
    [false, 406],
    [false, 200],
    [true, 404],
  ]);
});

test("a conditional write of a tag is held to what was read, unless the registry ignores conditions", async () => {
  await using registry = await startRegistry();
  pushImage(registry, "app", image);
  const etag = `"${subject.digest}"`;
  expect((await put(registry, "v1", { "if-match": etag })).status).toBe(412);
  expect((await put(registry, "v1", { "if-none-match": "*" })).status).toBe(201);
  expect((await put(registry, "v1", { "if-none-match": "*" })).status).toBe(412);
  expect((await put(registry, "v1", { "if-match": etag })).status).toBe(201);
  expect((await put(registry, "v1", { "if-match": '"other"' })).status).toBe(412);
  registry.settings.conditionalPut = false;
  expect((await put(registry, "v1", { "if-match": '"other"' })).status).toBe(201);
});

test("an immutable tag keeps its manifest, and content that may not be deleted stays", async () => {
  await using registry = await startRegistry({ immutableTags: true, deletes: false });
  pushImage(registry, "app:v1", image);
  const other = registry.putManifest("app", { bytes: "{}", mediaType: subject.mediaType });
  registry.repository("app").tags.set("other", other.digest);
  expect((await put(registry, "v1")).status).toBe(201);
  expect((await put(registry, "other")).status).toBe(400);
  const deleted = await fetch(`${registry.origin}/v2/app/manifests/v1`, { method: "DELETE" });
  expect(deleted.status).toBe(405);
  expect(registry.repository("app").tags.get("v1")).toBe(subject.digest);
});

test("tags come in pages that link to the next", async () => {
  await using registry = await startRegistry({ locations: "absolute" });
  for (const tag of ["c", "a", "d", "b", "e"]) pushImage(registry, `app:${tag}`, image);
  const first = await fetch(`${registry.origin}/v2/app/tags/list?n=2`);
  expect(await first.json()).toEqual({ name: "app", tags: ["a", "b"] });
  const link = /<([^>]+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  expect(await (await fetch(link)).json()).toEqual({ name: "app", tags: ["c", "d"] });
});

test("a redirected blob comes from another origin, which refuses and records a credential sent along", async () => {
  await using registry = await startRegistry({ redirectBlobs: true });
  const blob = registry.putBlob("app", Buffer.from("0123456789"));
  const url = `${registry.origin}/v2/app/blobs/${blob.digest}`;
  const ranged = await fetch(url, { headers: { range: "bytes=2-4" } });
  expect([ranged.status, await ranged.text()]).toEqual([206, "234"]);
  const location = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
  expect(new URL(location).origin).not.toBe(registry.origin);
  expect((await fetch(location, { headers: { authorization: "Basic bGVhaw==" } })).status).toBe(400);
  expect(registry.storage.requests.at(-1)?.headers["authorization"]).toBe("Basic bGVhaw==");
});

test("an upload that was cut off says how far it came and goes on from there", async () => {
  await using registry = await startRegistry();
  const opened = await fetch(`${registry.origin}/v2/app/blobs/uploads/`, { method: "POST" });
  const location = new URL(opened.headers.get("location") ?? "", registry.origin);
  registry.inject({ method: "PATCH", path: /uploads/, times: 1, effect: { type: "drop-request", afterBytes: 4 } });
  await expect(fetch(location, { method: "PATCH", body: "0123456789" })).rejects.toThrow();
  const asked = await fetch(location);
  expect([asked.status, asked.headers.get("range")]).toEqual([204, "0-3"]);
  const again = { method: "PATCH", body: "456789" };
  expect((await fetch(location, { ...again, headers: { "content-range": "0-5" } })).status).toBe(416);
  expect((await fetch(location, { ...again, headers: { "content-range": "4-9" } })).status).toBe(202);
  location.searchParams.set("digest", digestOf("0123456789"));
  expect((await fetch(location, { method: "PUT" })).status).toBe(201);
});

test("what was carried out stays so when the answer is lost", async () => {
  await using registry = await startRegistry();
  pushImage(registry, "app", image);
  registry.inject({ method: "PUT", path: /manifests/, times: 1, effect: { type: "lose-answer" } });
  await expect(put(registry, "v1")).rejects.toThrow();
  expect(registry.repository("app").tags.get("v1")).toBe(subject.digest);
});

test("a body may stall or never end, for as long as the client stays", async () => {
  await using registry = await startRegistry();
  const blob = registry.putBlob("app", Buffer.from("0123456789"));
  const url = `${registry.origin}/v2/app/blobs/${blob.digest}`;
  registry.inject({ path: /blobs/, times: 1, effect: { type: "stall", afterBytes: 4 } });
  const stalled = await fetch(url);
  const reader = stalled.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("0123");
  await reader?.cancel();
  registry.inject({ path: /blobs/, times: 1, effect: { type: "endless" } });
  let bytes = 0;
  for await (const chunk of (await fetch(url)).body ?? []) {
    bytes += chunk.length;
    if (bytes > 1_000_000) break;
  }
  expect(bytes).toBeGreaterThan(1_000_000);
});

test("a manifest may be filed under a digest that is not its own", async () => {
  await using registry = await startRegistry();
  const digest = digestOf("something else");
  registry.putManifest("app", { bytes: "no manifest at all", mediaType: "text/plain", digest, tag: "v1" });
  const answer = await fetch(`${registry.origin}/v2/app/manifests/v1`);
  expect([answer.headers.get("docker-content-digest"), await answer.text()]).toEqual([digest, "no manifest at all"]);
});

test("a manifest whose blobs are missing, or that the registry does not know, is refused", async () => {
  await using registry = await startRegistry();
  expect((await put(registry, "v1")).status).toBe(400);
  pushImage(registry, "app", image);
  registry.settings.refusesManifest = ({ configMediaType }) => configMediaType?.includes("image.config") === true;
  expect(await (await put(registry, "v1")).json()).toMatchObject({ errors: [{ code: "MANIFEST_INVALID" }] });
});

test("a password or refresh token buys a token for pushing; nobody gets nothing where anonymous is nothing", async () => {
  await using registry = await startRegistry({
    auth: { scheme: "bearer", users: { ann: "pass:word" }, refreshTokens: ["refresh"], anonymous: "nothing" },
  });
  const url = `${registry.tokenServer.origin}/token`;
  const query = "?service=s&scope=repository:app:pull,push";
  expect((await fetch(url + query)).status).toBe(401);
  const basic = { authorization: `Basic ${Buffer.from("ann:pass:word").toString("base64")}` };
  expect((await fetch(url + query, { headers: basic })).status).toBe(200);
  const form = { service: "s", client_id: "c", scope: "repository:app:pull,push" };
  const refresh = new URLSearchParams({ ...form, grant_type: "refresh_token", refresh_token: "refresh" });
  const posted = await fetch(url, { method: "POST", body: refresh });
  const { access_token: token } = (await posted.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const upload = `${registry.origin}/v2/app/blobs/uploads/`;
  expect((await fetch(upload, { method: "POST", headers })).status).toBe(202);
  expect((await fetch(`${registry.origin}/v2/other/tags/list`, { headers })).headers.get("www-authenticate")).toContain(
    'scope="repository:other:pull",error="insufficient_scope"',
  );
  registry.expireTokens();
  expect((await fetch(upload, { method: "POST", headers })).status).toBe(401);
});
