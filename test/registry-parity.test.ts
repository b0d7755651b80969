import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { digestOf } from "@sc/model";
import { buildArtifact, buildImage, buildLayer, startRegistry } from "@sc/testing";
import { expect, test } from "vitest";

// Debian's docker-registry is the distribution project's own server: what our in-process registry says must be what that
// one says, wherever both can do the same.
const installed = spawnSync("docker-registry", ["--version"], { encoding: "utf8" });
const missing = installed.status !== 0;
if (missing) process.stderr.write("registry-parity: docker-registry is not installed; its comparison is skipped\n");

const image = buildImage({ layers: [buildLayer([{ path: "etc/os-release", content: "ID=test\n" }])] });
const [config, layer] = image.blobs as [(typeof image.blobs)[0], (typeof image.blobs)[0]];
const artifact = buildArtifact({ artifactType: "application/vnd.test", subject: image.descriptor, blobs: [layer] });
const absent = digestOf("absent");

interface Sent {
  readonly method?: string;
  /** A path, or `location` for the one the last answer gave. */
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

const manifestType = { "content-type": image.descriptor.mediaType };
const accept = { accept: `application/json, ${image.descriptor.mediaType}` };
const octets = { "content-type": "application/octet-stream" };
const blobs = "/v2/team/app/blobs";
const manifests = "/v2/team/app/manifests";

// One conversation, in this order: later requests see what earlier ones did.
const conversation: readonly Sent[] = [
  { to: "/v2/" },
  { to: "/v2/team/app/tags/list" },
  { to: `${manifests}/v1` },
  { to: `${blobs}/${absent}` },
  { method: "POST", to: `${blobs}/uploads/?digest=${layer.descriptor.digest}`, body: layer.bytes },
  { method: "PATCH", to: "location", body: layer.bytes.subarray(0, 20), headers: octets },
  { to: "location" },
  {
    method: "PATCH",
    to: "location",
    body: layer.bytes.subarray(20, 50),
    headers: { ...octets, "content-range": "20-49" },
  },
  { method: "PUT", to: `location&digest=${layer.descriptor.digest}`, body: layer.bytes.subarray(50) },
  { method: "HEAD", to: `${blobs}/${layer.descriptor.digest}` },
  { to: `${blobs}/${layer.descriptor.digest}` },
  { to: `${blobs}/${layer.descriptor.digest}`, headers: { range: "bytes=5-9" } },
  { to: `${blobs}/${layer.descriptor.digest}`, headers: { range: "bytes=5-" } },
  { to: `${blobs}/${layer.descriptor.digest}`, headers: { range: "bytes=999999-" } },
  { method: "POST", to: `${blobs}/uploads/` },
  { method: "PUT", to: `location&digest=${absent}`, body: "not what the digest says" },
  { method: "PUT", to: `${manifests}/v1`, headers: manifestType, body: image.bytes },
  { method: "POST", to: `${blobs}/uploads/` },
  { method: "PUT", to: `location&digest=${config.descriptor.digest}`, body: config.bytes },
  { method: "POST", to: `${blobs}/uploads/` },
  { method: "DELETE", to: "location" },
  { to: "location" },
  { method: "PUT", to: `${manifests}/v1`, headers: manifestType, body: image.bytes },
  { method: "PUT", to: `${manifests}/v1`, headers: { ...manifestType, "if-match": '"stale"' }, body: image.bytes },
  { method: "PUT", to: `${manifests}/${absent}`, headers: manifestType, body: image.bytes },
  { method: "PUT", to: `${manifests}/v2`, headers: manifestType, body: "{" },
  { method: "HEAD", to: `${manifests}/v1`, headers: accept },
  { to: `${manifests}/v1`, headers: accept },
  { to: `${manifests}/v1`, headers: { accept: "application/json" } },
  { to: `${manifests}/${image.descriptor.digest}`, headers: accept },
  { to: `${manifests}/v1`, headers: { ...accept, "if-none-match": `"${image.descriptor.digest}"` } },
  { method: "POST", to: `/v2/other/blobs/uploads/?mount=${layer.descriptor.digest}&from=team/app` },
  { method: "POST", to: `/v2/other/blobs/uploads/?mount=${absent}&from=team/app` },
  { to: `/v2/other/blobs/${layer.descriptor.digest}` },
  { to: `/v2/team/app/referrers/${image.descriptor.digest}` },
  { method: "POST", to: `${blobs}/uploads/` },
  { method: "PUT", to: `location&digest=${digestOf("{}")}`, body: "{}" },
  { method: "PUT", to: `${manifests}/${artifact.descriptor.digest}`, headers: manifestType, body: artifact.bytes },
  { to: `${manifests}/${artifact.descriptor.digest}`, headers: accept },
  { method: "PUT", to: `${manifests}/v0`, headers: manifestType, body: artifact.bytes },
  { to: "/v2/team/app/tags/list" },
  { to: "/v2/team/app/tags/list?n=1" },
  { to: "/v2/_catalog" },
  { method: "DELETE", to: `${manifests}/${artifact.descriptor.digest}` },
  { to: `${manifests}/v0`, headers: accept },
  { method: "DELETE", to: `${manifests}/${artifact.descriptor.digest}` },
  { method: "DELETE", to: `${blobs}/${layer.descriptor.digest}` },
  { to: `${blobs}/${layer.descriptor.digest}` },
];

test.skipIf(missing)("our registry answers a whole conversation as Debian's docker-registry does (OCI-7)", async () => {
  await using theirs = await startDebianRegistry();
  await using ours = await startRegistry({
    referrers: 404,
    conditionalPut: false,
    tagPaging: "ignored",
    monolithicPost: false,
    locations: "absolute",
    strictAccept: true,
  });
  const expected = await converse(theirs.origin);
  expect(await converse(ours.origin)).toEqual(expected);
  expect(expected).toHaveLength(conversation.length);
});

interface Heard {
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function converse(origin: string): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  let location = "";
  for (const { method = "GET", to, headers = {}, body } of conversation) {
    const target = to.startsWith("location") ? location + to.slice("location".length) : origin + to;
    const response = await fetch(target, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    // Theirs says the whole blob's length with a 416, sends a sentence and hangs up: only the status can be compared.
    const unsatisfied = response.status === 416;
    const answered = unsatisfied ? "" : await response.text();
    const next = response.headers.get("location");
    if (next !== null) location = new URL(next, origin).href;
    const isJson = answered.startsWith("{") && response.headers.get("content-type")?.includes("/json") === true;
    heard.push({
      request: `${method} ${to}`,
      status: response.status,
      headers: unsatisfied ? {} : tellingHeaders(response.headers, origin),
      body: isJson ? plainJson(answered) : answered,
    });
  }
  return heard;
}

const telling = [
  "accept-ranges",
  "content-length",
  "content-range",
  "content-type",
  "docker-content-digest",
  "docker-distribution-api-version",
  "etag",
  "link",
  "location",
  "oci-subject",
  "range",
  "www-authenticate",
];

// Ids of uploads differ by nature; that there is one, and where, does not.
function tellingHeaders(headers: Headers, origin: string): Readonly<Record<string, string>> {
  const isJson = headers.get("content-type")?.includes("/json") === true;
  return Object.fromEntries(
    telling.flatMap((name) => {
      const value = headers.get(name);
      if (value === null || (isJson && name === "content-length")) return [];
      return [[name, value.replace(origin, "").replace(/(\/uploads\/)[^?]+\?_state=.*/, "$1ID?_state=STATE")]];
    }),
  );
}

// Messages and details are each server's own, and theirs lists tags in no order.
function plainJson(text: string): string {
  const { errors, tags, ...rest } = JSON.parse(text) as { errors?: { code: string }[]; tags?: string[] };
  return JSON.stringify({ ...rest, tags: tags?.toSorted(), errors: errors?.map(({ code }) => code) });
}

interface RunningRegistry extends AsyncDisposable {
  readonly origin: string;
}

async function startDebianRegistry(): Promise<RunningRegistry> {
  const directory = await mkdtemp(join(tmpdir(), "docker-registry-"));
  const path = join(directory, "config.yml");
  await writeFile(
    path,
    [
      "version: 0.1",
      "log: {level: info}",
      `storage: {filesystem: {rootdirectory: ${JSON.stringify(directory)}}, delete: {enabled: true}}`,
      "http: {addr: '127.0.0.1:0', secret: parity}",
    ].join("\n"),
  );
  const server = spawn("docker-registry", ["serve", path], { stdio: ["ignore", "ignore", "pipe"] });
  const origin = `http://${await listeningAddress(server)}`;
  return {
    origin,
    async [Symbol.asyncDispose](): Promise<void> {
      server.kill("SIGKILL");
      await once(server, "exit");
      await rm(directory, { recursive: true });
    },
  };
}

async function listeningAddress(server: ChildProcess): Promise<string> {
  const { stderr } = server;
  if (stderr === null) throw new Error("docker-registry has no stderr");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  // Read to the end of its life: a full pipe would stop the server.
  createInterface(stderr).on("line", (line) => {
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  server.once("error", reject);
  server.once("exit", () => {
    reject(new Error("docker-registry ended without listening"));
  });
  return promise;
}
