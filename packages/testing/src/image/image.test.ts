import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@sc/model";
import { expect, test } from "vitest";
import { startRegistry } from "../registry/registry.ts";
import { buildImage, buildIndex } from "./image.ts";
import { buildLayer, whiteout } from "./layer.ts";
import { pushImage, writeLayout } from "./place.ts";
import { paxRecord, tarEnd, tarHeader } from "./tar.ts";

const entries = [
  { path: "etc", type: "directory" },
  { path: "etc/os-release", content: "ID=test\n" },
  { path: "etc/link", linkTarget: "os-release" },
  { path: `${"long/".repeat(30)}file`, content: "x" },
  whiteout("etc/passwd"),
] as const;

test("tar(1) reads a built layer as it was described", async () => {
  const directory = await mkdtemp(join(tmpdir(), "layer-"));
  try {
    const path = join(directory, "layer.tar");
    await writeFile(path, buildLayer(entries, { compression: "none" }).bytes);
    const listed = execFileSync("tar", ["-tf", path], { encoding: "utf8" }).trim().split("\n");
    expect(listed).toEqual(["etc/", "etc/os-release", "etc/link", `${"long/".repeat(30)}file`, "etc/.wh.passwd"]);
    expect(execFileSync("tar", ["-xOf", path, "etc/os-release"], { encoding: "utf8" })).toBe("ID=test\n");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("the same parts give the same bytes, and compression changes the digest but not the diffId", () => {
  expect(buildLayer(entries).descriptor).toEqual(buildLayer(entries).descriptor);
  const zstd = buildLayer(entries, { compression: "zstd" });
  expect(zstd.diffId).toBe(buildLayer(entries).diffId);
  expect(zstd.descriptor.digest).not.toBe(buildLayer(entries).descriptor.digest);
});

test("a PAX record's length counts its own digits", () => {
  for (const value of ["", "x".repeat(85), "x".repeat(86), "x".repeat(87), "x".repeat(88), "x".repeat(985)]) {
    const record = paxRecord("path", value);
    expect(Number.parseInt(record, 10)).toBe(record.length);
  }
});

test("a header's checksum and a size beyond octal are written as tar(1) wants them", () => {
  const big = 10n * 1024n ** 3n;
  const archive = Buffer.concat([tarHeader({ path: "sparse", size: big }), tarEnd()]);
  // tar misses the content, which is not there, and lists the entry all the same.
  const { stdout } = spawnSync("tar", ["-tvf", "-"], { input: archive, encoding: "utf8" });
  expect(stdout).toContain(" 10737418240 ");
});

test("an index is served with all that is below it, and written as a layout", async () => {
  await using registry = await startRegistry();
  const images = [
    buildImage({ layers: [buildLayer(entries)] }),
    buildImage({ layers: [buildLayer(entries)], platform: { os: "linux", architecture: "arm64", variant: "v8" } }),
  ];
  const index = buildIndex({ images });
  expect(pushImage(registry, "team/app:v1", index)).toBe(`${registry.host}/team/app:v1`);
  for (const reference of ["v1", images[1]!.descriptor.digest]) {
    const response = await fetch(`${registry.origin}/v2/team/app/manifests/${reference}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(digestOf(bytes)).toBe(response.headers.get("docker-content-digest"));
  }
  expect(registry.repository("team/app").blobs.size).toBe(3);
  const directory = await mkdtemp(join(tmpdir(), "layout-"));
  try {
    await writeLayout(directory, index, "v1");
    const written = JSON.parse(await readFile(join(directory, "index.json"), "utf8")) as {
      manifests: { digest: string }[];
    };
    expect(written.manifests[0]?.digest).toBe(index.descriptor.digest);
    const blob = await readFile(join(directory, "blobs", index.descriptor.digest.replace(":", "/")));
    expect(digestOf(blob)).toBe(index.descriptor.digest);
  } finally {
    await rm(directory, { recursive: true });
  }
});
