import { execFileSync, spawnSync } from "node:child_process";
import {
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TarReader } from "./tar-reader.ts";

const asked = spawnSync("tar", ["--version"], { encoding: "utf8" });
const isGnu = asked.status === 0 && asked.stdout.includes("GNU tar");
if (!isGnu) process.stderr.write("tar-tool: no GNU tar here; what it writes is not compared\n");

const folder = mkdtempSync(join(tmpdir(), "sc-tar-"));
const root = join(folder, "root");
// A path beyond what ustar can split, one that it can, a long link and names outside ASCII.
const deep = `${"a-long-name/".repeat(12)}file`;
const beyond = "n".repeat(120);

beforeAll(() => {
  mkdirSync(join(root, deep, ".."), { recursive: true });
  writeFileSync(join(root, deep), "deep");
  writeFileSync(join(root, "ümlaut 漢字"), "names");
  writeFileSync(join(root, "empty"), "");
  linkSync(join(root, "ümlaut 漢字"), join(root, "zz-hard"));
  symlinkSync("../elsewhere", join(root, "link"));
  writeFileSync(join(root, beyond), "beyond");
  symlinkSync("t".repeat(180), join(root, "long-link"));
  const file = openSync(join(root, "sparse"), "w");
  for (let at = 0; at < 30; at += 1) writeSync(file, `piece ${at}`, at * 65_536);
  ftruncateSync(file, 3 * 2 ** 20);
  closeSync(file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files with their content, links with their target, in the order of their names. */
function read(bytes: Uint8Array): Record<string, string> {
  const found: Record<string, string> = {};
  let path = "";
  const parts: Uint8Array[] = [];
  const reader = new TarReader(
    {
      entry(entry) {
        path = entry.path.replace(/^\.\//, "").replace(/\/$/, "");
        if (entry.type === "file") found[path] = "";
        else found[path] = entry.type === "directory" ? "/" : `${entry.type} ${entry.linkPath.replace(/^\.\//, "")}`;
        return true;
      },
      content: (piece) => (parts.push(Buffer.from(piece)), true),
      contentEnd() {
        found[path] = Buffer.concat(parts.splice(0)).toString();
      },
    },
    { where: "test" },
  );
  for (let at = 0; at < bytes.length; at += 10_000) reader.push(bytes.subarray(at, at + 10_000));
  reader.end();
  return found;
}

describe.skipIf(!isGnu)("what GNU tar writes is read as it was on the disk (scan.md G.7, G.8)", () => {
  test.each([
    ["v7", []],
    ["ustar", []],
    ["oldgnu", ["--sparse", "--hole-detection=raw"]],
    ["gnu", ["--sparse", "--hole-detection=raw"]],
    ["posix", []],
    ["posix", ["--sparse", "--hole-detection=raw", "--sparse-version=0.0"]],
    ["posix", ["--sparse", "--hole-detection=raw", "--sparse-version=0.1"]],
    ["posix", ["--sparse", "--hole-detection=raw", "--sparse-version=1.0"]],
  ] as const)("%s %j", (format, options) => {
    const hasLongNames = format !== "v7" && format !== "ustar";
    // What a format cannot name is left out: tar would say so and end in 2.
    const short = hasLongNames ? [] : [`--exclude=${beyond}`, "--exclude=long-link"];
    const left = format === "v7" ? [...short, "--exclude=a-long-name"] : short;
    const words = ["-C", root, `--format=${format}`, "--sort=name", ...options, ...left, "-cf", "-", "."];
    const bytes = execFileSync("tar", words, { maxBuffer: 64 * 2 ** 20 });
    // With holes two megabytes of zeros are not there.
    expect(bytes.length < 2 ** 20).toBe(options.length > 0);
    const found = read(bytes);
    expect(found["sparse"]).toBe(readFileSync(join(root, "sparse")).toString());
    expect(found["empty"]).toBe("");
    expect(found["link"]).toBe("symlink ../elsewhere");
    expect([found["zz-hard"], found["ümlaut 漢字"]]).toEqual(["names", "hardlink zz-hard"]);
    if (format !== "v7") expect(found[deep]).toBe("deep");
    expect(found[beyond]).toBe(hasLongNames ? "beyond" : undefined);
    expect(found["long-link"]).toBe(hasLongNames ? `symlink ${"t".repeat(180)}` : undefined);
  });
});
