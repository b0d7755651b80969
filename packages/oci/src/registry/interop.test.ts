import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient } from "@sc/http";
import { digestOf } from "@sc/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mediaTypes } from "../media-type.ts";
import { openRegistry } from "./repository.ts";

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

// The oldest registry still in wide use: no referrers API, page sizes and write conditions are ignored.
describe.skipIf(!isInstalled("docker-registry"))("with docker-registry (skipped where it is not installed)", () => {
  let folder = "";
  let server: ChildProcess | undefined;
  let host = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sc-registry-"));
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const address = free.address();
    host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    await new Promise((resolve) => free.close(resolve));
    const config = {
      version: 0.1,
      storage: { inmemory: {}, delete: { enabled: true } },
      http: { addr: host },
      log: { level: "error" },
    };
    await writeFile(join(folder, "config.yml"), encode(config));
    server = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
    await using http = createHttpClient({ retry: { tries: 60, baseMilliseconds: 100, maxMilliseconds: 100 } });
    await http.request({ url: `http://${host}/v2/`, method: "HEAD" });
  });

  afterAll(async () => {
    server?.kill();
    await rm(folder, { recursive: true });
  });

  test("an image goes there and back, its artifacts are listed by the fallback tag, and deleted again (OCI-3, OCI-7)", async () => {
    await using repository = openRegistry({ registry: host, repository: "acme/app" }, { chunkBytes: 1_000_000 });
    const content = randomBytes(3_500_000);
    const layer = { mediaType: mediaTypes.ociLayer, digest: digestOf(content), size: content.length };
    await repository.writeBlob(
      layer,
      (async function* () {
        for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
      })(),
    );
    const config = await repository.pushBlob(
      encode({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [layer.digest] } }),
      mediaTypes.ociConfig,
    );
    const manifest = encode({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] });
    const image = await repository.pushManifest(manifest, mediaTypes.ociManifest, { tag: "v1" });
    expect(await repository.resolve("v1")).toEqual(image);
    expect((await repository.fetchBlob(layer, { maxBytes: 4_000_000 })).byteLength).toBe(3_500_000);

    const empty = await repository.pushBlob(encode({}), mediaTypes.ociEmpty);
    const artifact = (name: string): Buffer =>
      encode({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        artifactType: "application/example",
        config: empty,
        layers: [empty],
        subject: image,
        annotations: { name },
      });
    const first = await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    await repository.pushManifest(artifact("b"), mediaTypes.ociManifest);
    const listed = await repository.listReferrers(image.digest, { artifactType: "application/example" });
    expect(listed.map(({ annotations }) => annotations?.["name"])).toEqual(["a", "b"]);
    await repository.deleteManifest(first.digest);
    expect(await repository.listReferrers(image.digest)).toHaveLength(1);
    expect(await repository.listTags()).toContain("v1");
    await expect(repository.deleteManifest("v1")).rejects.toMatchObject({ code: "DELETE_UNSUPPORTED" });

    await using other = openRegistry({ registry: host, repository: "acme/other" });
    expect(await other.mountBlob(layer, "acme/app")).toBe(true);
    expect(await other.hasBlob(layer)).toBe(true);
  });
});
