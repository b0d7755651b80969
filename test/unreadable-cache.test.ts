import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildLayer } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

let folder: string;
let image: string;
let expected: string;
let counter = 0;

const status = "Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\nDescription: shell\n\n";

/** A cache directory that nothing used before. */
function freshCache(): string {
  return join(folder, `cache-${counter++}`);
}

async function generate(cache: string): Promise<{ readonly document: string; readonly notices: string }> {
  const words = ["sbom", "generate", "--image", image, "--format", "cyclonedx-json", "--cache-dir", cache];
  const { exitCode, stdout, stderr } = await runCli(words);
  expect(stderr).not.toContain("✗");
  expect(exitCode).toBe(0);
  return { document: stdout, notices: stderr };
}

/** The files of facts below a cache directory. */
async function factsIn(cache: string): Promise<readonly string[]> {
  const all = await readdir(cache, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && entry.name.endsWith(".facts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-"));
  const layer = buildLayer([
    { path: "etc/os-release", content: "ID=debian\nVERSION_ID=12\n" },
    { path: "var/lib/dpkg/status", content: status },
  ]);
  await writeFile(join(folder, "root.tar"), layer.tar);
  image = `rootfs-tar:${join(folder, "root.tar")}`;
  expected = (await generate(freshCache())).document;
});

afterAll(() => rm(folder, { recursive: true }));

describe("a cache that cannot be read costs time and a warning, never the answer (SCAN-8)", () => {
  test("a sound one is used without a word", async () => {
    expect(expected).toContain("pkg:deb/debian/bash@5.2");
    const cache = freshCache();
    await generate(cache);
    expect(await factsIn(cache)).toHaveLength(1);
    const { document, notices } = await generate(cache);
    expect(document).toBe(expected);
    expect(notices).not.toContain("layer cache");
  });

  test("a file in the directory's place", async () => {
    const cache = freshCache();
    await writeFile(cache, "not a folder");
    const { document, notices } = await generate(cache);
    expect(document).toBe(expected);
    expect(notices).toContain("the layer cache cannot be used");
    expect(await readFile(cache, "utf8")).toBe("not a folder");
  });

  test("a file in the place of the folder of layers", async () => {
    const cache = freshCache();
    await mkdir(cache);
    await writeFile(join(cache, "layers"), "");
    const { document, notices } = await generate(cache);
    expect(document).toBe(expected);
    expect(notices).toContain("the layer cache cannot be used");
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ["that is cut short", async (path) => writeFile(path, (await readFile(path)).subarray(0, 60))],
    ["that is empty", async (path) => writeFile(path, "")],
    [
      "with a flipped bit",
      async (path) => {
        const bytes = await readFile(path);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
    ],
    [
      "that is a folder",
      async (path) => {
        await rm(path);
        await mkdir(path);
      },
    ],
    [
      "that is a link",
      async (path) => {
        await writeFile(`${path}.elsewhere`, await readFile(path));
        await rm(path);
        await symlink(`${path}.elsewhere`, path);
      },
    ],
  ])("an entry %s is not used, and the layer is read again", async (_, spoil) => {
    const cache = freshCache();
    await generate(cache);
    const [path = ""] = await factsIn(cache);
    await spoil(path);
    const { document, notices } = await generate(cache);
    expect(document).toBe(expected);
    expect(notices).toContain("a file of the layer cache is not used");
  });
});
