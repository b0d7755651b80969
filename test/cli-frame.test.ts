import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { commands, errorCodes, exitCodes, formatCommandReference, optionsOf, version } from "@sc/cli";
import { documentOf, runCli } from "./run-cli.ts";

const utf8 = { LANG: "C.UTF-8" };

describe("exit codes and errors", () => {
  test("an unknown command ends in 3 with three lines at most and the nearest command", async () => {
    const ran = await runCli(["halp"], { variables: utf8 });
    expect(ran.exitCode).toBe(3);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toBe('✗ SC-CLI-UNKNOWN  unknown command "sc halp". Did you mean: sc help\n');
  });

  test.each([
    ["image", "baseline"],
    ["image", "diff"],
    ["sbom", "frobnicate"],
  ])(
    "an unknown word of a group is answered with the words it has, not with one that is far: %s %s",
    async (...words) => {
      const ran = await runCli(words, { variables: utf8 });
      expect(ran.exitCode).toBe(3);
      expect(ran.stderr).toContain(`unknown command "sc ${words.join(" ")}"`);
      const names = commands.filter(({ path }) => path[0] === words[0]).map(({ path }) => path[1]);
      expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain(`sc ${words[0]} has ${names.join(", ")}.`);
    },
  );

  test.each([["policy", "check"], ["admission", "serve"], ["audit"], ["report", "compliance"]])(
    "what is not there is an unknown command, not an empty answer: %s %s",
    async (...words) => {
      const given = words.filter((word) => word !== undefined);
      const ran = await runCli([...given, "--json"]);
      expect(ran.exitCode).toBe(3);
      expect(documentOf(ran)).toMatchObject({ outcome: "error", error: { code: "CLI_UNKNOWN", hint: "sc help" } });
    },
  );

  test("a word that was broken off, and one of several, is answered with the nearest", async () => {
    const form = await runCli(["sbom", "generate", "x", "--format", "cyclonedx"]);
    expect(form.stderr).toContain("Did you mean: cyclonedx-json");
    const severity = await runCli(["image", "scan", "x", "--severity", "critical,hgih"]);
    expect([severity.exitCode, severity.stderr.includes("Did you mean: high")]).toEqual([3, true]);
  });

  test("the image may be a word after the words a command declares, and those are looked at first", async () => {
    const noImage = await runCli(["image", "download", "signature"]);
    expect([noImage.exitCode, noImage.stderr.includes("--image is missing")]).toEqual([3, true]);
    const noKind = await runCli(["image", "download", "oci-layout:nowhere"]);
    expect([noKind.exitCode, noKind.stderr.includes("is not one of")]).toEqual([3, true]);
    const both = await runCli(["download", "signature", "oci-layout:/nowhere"]);
    expect([both.exitCode, both.stderr.includes("/nowhere: is no OCI layout")]).toEqual([4, true]);
    const twice = await runCli(["download", "signature", "oci-layout:one", "oci-layout:two"]);
    expect([twice.exitCode, twice.stderr.includes("takes one image")]).toEqual([3, true]);
  });

  test("sc version and sc --version say the same", async () => {
    const [command, option] = [await runCli(["version"]), await runCli(["--version"])];
    expect(command).toEqual({ exitCode: 0, stdout: `sc ${version}\n`, stderr: "" });
    expect(option).toEqual(command);
    expect(documentOf(await runCli(["version", "--json"]))).toMatchObject({ outcome: "pass", version });
  });

  test("an unknown option ends in 3 and names the nearest one", async () => {
    const ran = await runCli(["help", "--offlin"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("Did you mean: --offline");
  });

  test("an option's value is named with where it came from, also when that is a variable", async () => {
    const ran = await runCli(["help"], { variables: { SC_TIMEOUT: "soon" } });
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain('SC_TIMEOUT: wanted a span such as 90s, 5m, 6h or 2d, got "soon"');
  });

  test("an option on the command line wins over its variable", async () => {
    const ran = await runCli(["help", "--timeout", "5m"], { variables: { SC_TIMEOUT: "soon" } });
    expect(ran.exitCode).toBe(0);
  });

  test("a value that is not one of the choices is answered with the nearest", async () => {
    const ran = await runCli(["help", "--progress", "plian"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("Did you mean: plain");
  });

  test("an option that needs a value does not swallow the next option", async () => {
    const ran = await runCli(["help", "--timeout", "--offline"]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("--timeout needs a value");
  });

  test("with --json a failure is a document on standard output with outcome and error", async () => {
    const ran = await runCli(["--json", "help", "--timeout", "x"]);
    expect(ran.exitCode).toBe(3);
    expect(documentOf(ran)).toMatchObject({
      schema: "urn:sc:help:1",
      sc: version,
      outcome: "error",
      error: { code: "CLI_USAGE", retryable: false },
    });
  });

  test("without a UTF-8 locale the signs are ASCII, and without a terminal there is no colour", async () => {
    const ran = await runCli(["halp"]);
    expect(ran.stderr).toMatch(/^x SC-CLI-UNKNOWN/);
    expect(ran.stderr).not.toMatch(/[^\n\u0020-\u007e]/);
  });

  test("on a terminal there is colour, and NO_COLOR and --no-color take it away", async () => {
    const colored = await runCli(["halp"], { variables: utf8, terminal: true });
    expect(colored.stderr).toContain("\u001b[31m");
    const refused = await runCli(["halp"], { variables: { ...utf8, NO_COLOR: "1" }, terminal: true });
    expect(refused.stderr).not.toContain("\u001b");
    const flagged = await runCli(["help", "--jsonn", "--no-color"], { variables: utf8, terminal: true });
    expect(flagged.stderr).not.toContain("\u001b");
  });
});

describe("help", () => {
  test("every error code is explained with its exit code", async () => {
    expect(Object.keys(errorCodes).length).toBeGreaterThan(10);
    for (const [code, row] of Object.entries(errorCodes)) {
      const ran = await runCli(["help", `SC-${code.replaceAll("_", "-")}`]);
      expect(ran.exitCode, code).toBe(0);
      expect(ran.stdout).toContain(`exit code ${row.exit}:`);
      expect(row.summary).toMatch(/\.$/);
    }
  });

  test("exit codes are those of the contract", async () => {
    expect(Object.keys(exitCodes)).toEqual(["0", "1", "2", "3", "4", "130"]);
    const ran = await runCli(["help", "exit-codes"]);
    for (const code of Object.keys(exitCodes)) expect(ran.stdout).toMatch(new RegExp(`^ +${code} `, "m"));
  });

  test("nothing in help is wider than 80 columns, and every command has an example", async () => {
    for (const words of [[], ["environment"], ["exit-codes"], ...commands.map(({ path }) => path)]) {
      const ran = await runCli(["help", ...words], { variables: utf8 });
      expect(ran.exitCode).toBe(0);
      for (const row of ran.stdout.split("\n")) expect(row.length, row).toBeLessThanOrEqual(80);
    }
    for (const { path, examples } of commands) expect(examples.length, path.join(" ")).toBeGreaterThan(0);
  });

  test("sc alone and sc --help list the commands", async () => {
    const alone = await runCli([]);
    const asked = await runCli(["--help"]);
    expect(alone.exitCode).toBe(0);
    expect(asked.stdout).toBe(alone.stdout);
  });
});

describe("definitions", () => {
  const sources = new URL("../packages/cli/src/", import.meta.url);

  test("every command has its file, its line in the list and its action", async () => {
    const files = readdirSync(new URL("commands/", sources)).filter((name) => name !== "index.ts");
    expect(commands.map(({ path }) => `${path.join("-")}.ts`).toSorted()).toEqual(files.toSorted());
    for (const command of commands)
      await expect(command.load(), command.path.join(" ")).resolves.toBeTypeOf("function");
  });

  test("docs/commands.md is what the definitions say", async () => {
    const text = `${await formatCommandReference(commands)}\n`;
    await expect(text).toMatchFileSnapshot("../docs/commands.md");
  });

  test("every option a command declares is read, and every one that is read is declared", async () => {
    const folders = ["", "actions/"].map((folder) => new URL(folder, sources));
    const files = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
        .map((name) => readFileSync(new URL(name, folder), "utf8")),
    );
    files.push(readFileSync(new URL("terminal/create-view.ts", sources), "utf8"));
    const pattern = /\bvalues\.(?:flag|text|texts|required|choice|count|bytes|milliseconds|origin)\(\s*"([a-z-]+)"/g;
    const readNames = new Set(files.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? "")));
    const declared = new Set(commands.flatMap((command) => optionsOf(command).map(({ name }) => name)));
    expect([...declared].filter((name) => !readNames.has(name) && name !== "json").toSorted()).toEqual([]);
    expect([...readNames].filter((name) => !declared.has(name)).toSorted()).toEqual([]);
  });

  test("the readme names only commands that there are", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const lines = [...readme.matchAll(/^sc ([a-z ]+?) +--/gm)].map((match) => (match[1] ?? "").trim());
    expect(lines.length).toBeGreaterThan(4);
    const names = commands.map(({ path }) => path.join(" "));
    for (const line of lines) expect(names).toContain(line);
    expect(readme.split("\n").length).toBeLessThanOrEqual(60);
  });

  test("the version is that of package.json", () => {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", sources), "utf8"));
    expect(manifest).toMatchObject({ version });
  });
});
