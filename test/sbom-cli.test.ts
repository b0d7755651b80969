import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { Interrupted, main } from "@sc/cli";
import { documentFormats } from "@sc/sbom";
import { afterAll, describe, expect, test } from "vitest";
import { bytesOf, everything, options } from "./document-cases.ts";
import { documentOf, type Ran, runCli, type RunOptions } from "./run-cli.ts";

const directory = await mkdtemp(join(tmpdir(), "sc-sbom-cli-"));
afterAll(() => rm(directory, { recursive: true }));

const at = (name: string): string => join(directory, name);

async function sc(words: readonly string[], run: RunOptions = {}): Promise<Ran> {
  return await runCli(["sbom", ...words], {
    ...run,
    variables: { HOME: directory, LANG: "C.UTF-8", ...run.variables },
  });
}

const component = (name: string, version: string, license: string): object => ({
  type: "library",
  "bom-ref": `pkg:npm/${name}@${version}`,
  name,
  version,
  purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
  licenses: [{ license: { id: license } }],
});

async function place(name: string, ...components: readonly object[]): Promise<string> {
  const bom = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components };
  await writeFile(at(name), JSON.stringify(bom));
  return at(name);
}

const before = await place(
  "before.json",
  component("left-pad", "1.0.0", "WTFPL"),
  component("a", "1.0.0", "MIT"),
  component("gone", "2.0.0", "MIT"),
);
const after = await place(
  "after.json",
  component("left-pad", "1.3.0", "WTFPL"),
  component("a", "1.0.0", "MIT"),
  component("@acme/secret", "1.0.0", "MIT"),
);
const large = await place(
  "large.json",
  ...Array.from({ length: 20_000 }, (_, index) => component(`package-${index}`, "1.0.0", "MIT")),
);

describe("sbom convert (SBOM-4)", () => {
  test.each(documentFormats.map(({ id, fileExtension }) => [id, fileExtension]))("%s", async (format, extension) => {
    const file = at(`converted${extension}`);
    const toFile = await sc(["convert", after, "--format", format, "-o", file, "--json"]);
    expect(toFile.exitCode).toBe(0);
    expect(documentOf(toFile)).toMatchObject({
      schema: "urn:sc:sbom-convert:1",
      outcome: "pass",
      from: "cyclonedx-json",
      packages: 3,
      documents: [{ format, path: file, digest: expect.stringMatching(/^sha256:/) }],
    });
    const piped = await sc(["convert", "-", "--format", format], { input: await readFile(after, "utf8") });
    expect(piped).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readFile(file, "utf8")).toBe(piped.stdout);
    expect(piped.stdout).toContain("left-pad");
  });

  test.each(documentFormats.flatMap((format) => (format.reading === undefined ? [] : [format])))(
    "$id is told by its content, by pipe as by file",
    async (format) => {
      const bytes = Buffer.from(bytesOf(format, everything, options));
      const listed = await sc(["convert", "-", "--format", "table"], { input: bytes.toString("utf8") });
      expect(listed.exitCode).toBe(0);
      expect(listed.stdout.split("\n").length - 2).toBe(everything.packages.length);
    },
  );

  test("several formats in one run, each in its file, whole and for others at most to read (SBOM-6)", async () => {
    const formats = ["spdx-json", "cyclonedx-xml", "table"];
    const files = formats.map((format) => at(`many.${format}`));
    const ran = await sc([
      "convert",
      before,
      ...formats.flatMap((format, index) => ["--format", `${format}=${files[index]}`]),
    ]);
    expect(ran.exitCode).toBe(0);
    for (const file of files) {
      expect((await stat(file)).mode & 0o777 & ~0o644).toBe(0);
      expect(ran.stdout).toContain(file.slice(-12));
    }
    expect((await readdir(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("a document goes to standard output in pieces, as fast as they are taken, never whole", async () => {
    const sizes: number[] = [];
    let taken = true;
    const stdout = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        // The next piece is not made before this one is gone.
        expect(taken).toBe(true);
        taken = false;
        sizes.push(chunk.length);
        setImmediate(() => {
          taken = true;
          done();
        });
      },
    });
    const exitCode = await main({
      argv: ["sbom", "convert", large, "--format", "spdx-json"],
      variables: { HOME: directory },
      platform: "linux",
      stdin: Readable.from([]),
      stdout,
      stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
      signal: new AbortController().signal,
      now: () => new Date(0),
    });
    expect(exitCode).toBe(0);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    expect(all).toBeGreaterThan(10_000_000);
    expect(Math.max(...sizes)).toBeLessThan(1_000_000);
  });

  test("an interrupted document leaves no file behind", async () => {
    const file = at("interrupted/large.json");
    const ran = await sc(["convert", large, "-o", file], { signal: AbortSignal.abort(new Interrupted()) });
    expect(ran.exitCode).toBe(130);
    expect(existsSync(file)).toBe(false);
  });

  test("the moment is the one that SOURCE_DATE_EPOCH names, and the bytes are the same every time (SBOM-5)", async () => {
    const run = { variables: { SOURCE_DATE_EPOCH: "86400" } };
    const first = await sc(["convert", after], run);
    expect(first.stdout).toContain('"timestamp": "1970-01-02T00:00:00Z"');
    expect((await sc(["convert", after], run)).stdout).toBe(first.stdout);
  });

  test("excluded packages are in no byte of it, and it is another document (SBOM-6)", async () => {
    const all = await sc(["convert", after]);
    const ran = await sc(["convert", after, "--exclude", "pkg:npm/%40acme/*"]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toContain("left-pad");
    expect(ran.stdout).not.toMatch(/acme|secret/);
    expect(documentOf(ran)["serialNumber"]).not.toBe(documentOf(all)["serialNumber"]);
  });
});

test("a snapshot names the job, the commit and the branch that the build platform tells, other formats do not", async () => {
  const variables = {
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "acme/api",
    GITHUB_SHA: "c".repeat(40),
    GITHUB_REF: "refs/heads/main",
    GITHUB_RUN_ID: "77",
  };
  const ran = await sc(["convert", before, "--format", "github-json"], { variables });
  expect(documentOf(ran)).toMatchObject({
    job: { id: "77", correlator: expect.stringMatching(/^github-actions /) },
    sha: "c".repeat(40),
    ref: "refs/heads/main",
  });
  expect(documentOf(await sc(["convert", before, "--format", "github-json"]))).not.toHaveProperty("job");
  const plain = await sc(["convert", before, "--format", "spdx-json"]);
  expect((await sc(["convert", before, "--format", "spdx-json"], { variables })).stdout).toBe(plain.stdout);
});

describe("what cannot be read or written", () => {
  test.each([
    ["a format that is none", ["convert", before, "--format", "cyclonedx-jsn"], 3, "cyclonedx-json"],
    ["two documents for one place", ["convert", before, "--format", "table", "--format", "spdx-json"], 3, "twice|two"],
    ["no file", ["convert"], 3, "FILE"],
    ["a missing file", ["query", at("none.json")], 3, "no such file"],
    ["a version that is not written", ["convert", before, "--format", "cyclonedx-json@1.3"], 3, "1\\.3"],
    ["a licence that is none", ["licenses", before, "--allow", "(MIT"], 3, "MIT"],
  ])("%s is told with its exit code, also as JSON", async (_, words, exitCode, said) => {
    const ran = await sc(words);
    expect(ran).toMatchObject({ exitCode, stdout: "" });
    expect(ran.stderr).toMatch(new RegExp(said));
    const json = await sc([...words, "--json"]);
    expect(json.exitCode).toBe(exitCode);
    expect(documentOf(json)).toMatchObject({
      schema: `urn:sc:sbom-${words[0]}:1`,
      outcome: "error",
      error: { code: expect.any(String), message: expect.any(String) },
    });
  });

  test.each(["convert", "query", "lint", "licenses"])(
    "sbom %s says of other content that it is no document",
    async (word) => {
      for (const input of ["", "{}", "hello\n", "<html/>"]) {
        const ran = await sc([word, "-", "--json"], { input });
        expect(ran.exitCode).toBe(3);
        expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "SBOM_FORMAT_UNKNOWN" } });
        expect(ran.stderr).toContain("standard input");
      }
      for (const input of [
        '{"bomFormat":"CycloneDX"',
        '{"bomFormat":"CycloneDX","specVersion":"1.6","components":7}',
      ]) {
        expect(await sc([word, "-"], { input })).toMatchObject({ exitCode: 4, stdout: "" });
      }
    },
  );

  test("a directory that may not be written to is an error, and no part stays", async () => {
    const ran = await sc(["convert", before, "-o", join(before, "below.json"), "--json"]);
    expect(ran.exitCode).toBe(4);
    expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "FILE_UNWRITABLE" } });
  });
});

describe("sbom diff (SBOM-7)", () => {
  test("a difference is none of its business unless asked", async () => {
    const told = await sc(["diff", before, after]);
    expect(told.exitCode).toBe(0);
    expect(told.stdout).toContain("1 added, 1 removed, 1 changed, 1 package the same");
    expect((await sc(["diff", before, after, "--fail-on-change"])).exitCode).toBe(1);
    expect((await sc(["diff", before, before, "--fail-on-change"])).exitCode).toBe(0);
  });

  test("as JSON it names every package, also between formats and by pipe", async () => {
    const spdx = await sc(["convert", after, "--format", "spdx-json"]);
    const ran = await sc(["diff", before, "-", "--json", "--fail-on-change"], { input: spdx.stdout });
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      schema: "urn:sc:sbom-diff:1",
      outcome: "violation",
      added: [{ name: "@acme/secret", version: "1.0.0" }],
      removed: [{ name: "gone", version: "2.0.0" }],
      changed: [{ name: "left-pad", from: ["1.0.0"], to: ["1.3.0"] }],
      unchanged: 1,
    });
  });
});

describe("sbom query (SBOM-7)", () => {
  test("what is found is a pass, nothing is a violation", async () => {
    const found = await sc(["query", before, "--license", "MIT", "--json"]);
    expect(found.exitCode).toBe(0);
    expect(documentOf(found)).toMatchObject({
      schema: "urn:sc:sbom-query:1",
      outcome: "pass",
      packages: [{ name: "a" }, { name: "gone" }],
    });
    const none = await sc(["query", "-", "--type", "deb"], { input: await readFile(before, "utf8") });
    expect(none).toMatchObject({ exitCode: 1, stdout: "0 packages of 3\n" });
    expect(documentOf(await sc(["query", before, "--name", "b", "--json"]))).toMatchObject({ outcome: "violation" });
  });
});

describe("sbom lint (SBOM-5)", () => {
  test("a score is only judged where one is wanted", async () => {
    const told = await sc(["lint", before, "--profile", "bsi", "--json"]);
    expect(told.exitCode).toBe(0);
    expect(documentOf(told)).toMatchObject({
      schema: "urn:sc:sbom-lint:1",
      outcome: "pass",
      score: expect.any(Number),
    });
    const judged = await sc(["lint", "-", "--fail-below", "9"], { input: await readFile(before, "utf8") });
    expect(judged.exitCode).toBe(1);
    expect(judged.stdout).toContain("wanted a score of at least 9");
    expect((await sc(["lint", before, "--profile", "sqs"])).exitCode).toBe(3);
  });
});

describe("sbom licenses (SBOM-7)", () => {
  test("counts, and holds to what is allowed and denied", async () => {
    const told = await sc(["licenses", before, "--json"]);
    expect(told.exitCode).toBe(0);
    expect(documentOf(told)).toMatchObject({
      schema: "urn:sc:sbom-licenses:1",
      outcome: "pass",
      without: 0,
      violations: [],
    });
    const denied = await sc(["licenses", "-", "--deny", "WTFPL"], { input: await readFile(before, "utf8") });
    expect(denied.exitCode).toBe(1);
    expect(denied.stdout).toContain("left-pad");
    const allowed = documentOf(await sc(["licenses", before, "--allow", "MIT", "--json"]));
    expect(allowed).toMatchObject({ outcome: "violation", violations: [{ license: "WTFPL", reason: "not-allowed" }] });
  });
});

test("what people are told fits into 80 columns, however long the names", async () => {
  const long = await place("long.json", component("n".repeat(200), "1.0.0-".padEnd(120, "7"), "MIT"));
  for (const words of [
    ["diff", before, long],
    ["query", long],
    ["lint", long],
    ["licenses", long, "--deny", "MIT"],
  ]) {
    const ran = await sc(words, { terminal: true });
    for (const line of stripVTControlCharacters(ran.stdout).split("\n")) {
      expect(line.length, `${words[0]}: ${line}`).toBeLessThanOrEqual(80);
    }
  }
});
