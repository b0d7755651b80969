import { Readable, Writable } from "node:stream";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "@sc/cli";
import { buildImage, buildLayer, writeLayout } from "@sc/testing";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-outputs-"));
const layout = `oci-layout:${join(folder, "layout")}`;
const database = join(folder, "db");
const gated = ["image", "scan", layout, "--db", database, "--cache-dir", join(folder, "cache"), "--fail-on", "low"];

beforeAll(async () => {
  const content = '{"name": "lodash", "version": "4.17.15", "license": "MIT"}';
  const layer = buildLayer([{ path: "app/node_modules/lodash/package.json", content }]);
  await writeLayout(join(folder, "layout"), buildImage({ layers: [layer] }));
  const variables = { COSIGN_PASSWORD: "" };
  expect(
    (await runCli(["key", "generate", "--output-key-prefix", join(folder, "cosign")], { variables })).exitCode,
  ).toBe(0);
  const from = join(import.meta.dirname, "../vectors/advisories");
  expect((await runCli(["db", "build", "--from", from, "--db", database])).exitCode).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stream that fails with a code once `room` writes were taken, as a pipe does that nobody reads any more. */
function failing(code: string, room = 0): { readonly stream: Writable; text(): string } {
  let left = room;
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      left -= 1;
      if (left < 0) return done(Object.assign(new Error(`write ${code}`), { code }));
      text += chunk.toString();
      done();
    },
  });
  // As the program does with its own: what failed is told by the callback of the write.
  stream.on("error", () => {});
  return { stream, text: () => text };
}

const open = (): ReturnType<typeof failing> => failing("NONE", Number.POSITIVE_INFINITY);

async function run(
  argv: readonly string[],
  { stdout = open(), stderr = open() }: Partial<Record<"stdout" | "stderr", ReturnType<typeof failing>>>,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const exitCode = await main({
    argv,
    variables: {},
    platform: "linux",
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: new AbortController().signal,
    now: () => new Date("2026-11-21T00:00:00Z"),
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

describe("outputs that are not read, or cannot be written (section 6)", () => {
  test("whoever stops reading does not turn a no into a yes, nor a yes into a failure", async () => {
    const ran = await run(gated, { stdout: failing("EPIPE") });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).not.toContain("EPIPE");
    expect((await run(["help"], { stdout: failing("EPIPE") })).exitCode).toBe(0);
    expect((await run(["--version"], { stdout: failing("EPIPE") })).exitCode).toBe(0);
    const sbom = ["sbom", "generate", layout, "--no-cache"];
    const half = await run(sbom, { stdout: failing("EPIPE", 1) });
    expect([half.exitCode, half.stderr.includes("✗")]).toEqual([0, false]);
  });

  test.each([
    ["a report", gated],
    ["a report in JSON", [...gated, "--json"]],
    ["a document", ["sbom", "generate", layout]],
    ["help", ["help"]],
    ["a command's help", ["image", "scan", "--help"]],
    ["the version", ["--version"]],
    ["an error in JSON", ["image", "inspect", "--json"]],
  ])("a full disk behind standard output is an error that says so: %s", async (what, words) => {
    const ran = await run(words, { stdout: failing("ENOSPC") });
    expect(ran.exitCode).toBe(what.startsWith("an error") ? 3 : 4);
    expect(ran.stderr).toContain(
      what.startsWith("an error") ? "--image is missing" : "standard output: cannot be written: no space is left",
    );
  });

  test.each(["EPIPE", "ENOSPC"])("standard error that fails with %s changes nothing", async (code) => {
    const whole = await run([...gated, "--no-cache"], {});
    const ran = await run([...gated, "--no-cache"], { stderr: failing(code) });
    expect(ran).toEqual({ ...whole, stderr: "" });
    expect((await run(["image", "inspect"], { stderr: failing(code) })).exitCode).toBe(3);
  });
});

test("an error about an image says first what is wrong, and the image's whole name in a line of its own (ux.md 1.2)", async () => {
  const ran = await runCli(["verify-attestation", layout, "--type", "vuln", "--key", join(folder, "cosign.pub")]);
  expect(ran.exitCode).toBe(1);
  const lines = ran.stderr.split("\n").slice(-6);
  expect(lines[0]).toBe("x SC-NO-SIGNATURES  has no attestation of type");
  expect(lines[2]).toMatch(/^ {2}image {5}\S+layout@sha256:[0-9a-f]{64}$/);
});

describe("files that cannot be read or written", () => {
  test.each([
    [["sbom", "lint", folder], "it is a folder (EISDIR)"],
    [["sbom", "generate", layout, "-o", folder], "it is a folder (EISDIR)"],
    [
      ["sbom", "generate", layout, "-o", join(folder, "layout/index.json/x")],
      "something that is no folder is in the way",
    ],
    [["sbom", "lint", join(folder, "n".repeat(300))], "the name is too long (ENAMETOOLONG)"],
    [
      ["key", "import", "--key", join(folder, "layout/index.json"), "--output-key-prefix", join(folder, "k")],
      "index.json",
    ],
  ])("%j says why in words, and of which file", async (words, said) => {
    const ran = await runCli(words, { variables: { COSIGN_PASSWORD: "" } });
    expect(ran.exitCode).toBe(said === "index.json" ? 3 : 4);
    expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain(said);
    expect(ran.stderr).toContain(folder);
  });
});
