import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commands, findRoute, parseArguments } from "@sc/cli";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { blocksOf, commandsOf, type CommandLine, linksOf, wordsOf } from "./docs-pages.ts";
import { runCli } from "./run-cli.ts";

const root = join(import.meta.dirname, "..");
const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
// The reference of commands is written from the definitions, and held to them by a test of its own.
const written = pages.filter((name) => name !== "commands.md");
const texts = new Map(written.map((name) => [name, readFileSync(join(root, "docs", name), "utf8")]));

/** One record of the advisories that the pages speak of: lodash before 4.17.21, as published for CVE-2021-23337. */
const lodash = {
  schema_version: "1.6.0",
  id: "GHSA-35jh-r3h4-6jhm",
  aliases: ["CVE-2021-23337"],
  modified: "2026-11-20T00:00:00Z",
  published: "2021-05-06T16:05:51Z",
  summary: "Command injection in lodash",
  severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" }],
  affected: [
    {
      package: { ecosystem: "npm", name: "lodash" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
    },
  ],
};

const base = buildLayer([
  { path: "etc/os-release", content: 'ID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n' },
  { path: "lib/apk/db/installed", content: "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\n\n" },
]);

function service(lodashVersion: string): ReturnType<typeof buildImage> {
  const content = JSON.stringify({ name: "lodash", version: lodashVersion, license: "MIT" });
  return buildImage({ layers: [base, buildLayer([{ path: "app/node_modules/lodash/package.json", content }])] });
}

describe("the pages of docs", () => {
  test("are named by the index, each of them", () => {
    const named = new Set(linksOf(texts.get("index.md") ?? "").map((link) => link.replace(/#.*/, "")));
    for (const name of pages.filter((page) => page !== "index.md")) expect([...named]).toContain(name);
  });

  test.each(written)("%s links only to what there is", (name) => {
    for (const link of linksOf(texts.get(name) ?? "")) {
      const [path = "", heading] = link.split("#");
      const target = path === "" ? name : path;
      const text = readFileSync(join(root, "docs", target), "utf8");
      if (heading === undefined) continue;
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      expect(headings, `${name} links to ${link}`).toContain(heading);
    }
  });

  test.each(written)("%s names only commands and options that there are", async (name) => {
    for (const { words, line } of commandsOf(texts.get(name) ?? "")) {
      const route = findRoute(commands, words);
      expect(route, line).toBeDefined();
      if (route !== undefined)
        await expect(parseArguments(route.command, route.words, {}), line).resolves.toBeDefined();
    }
  });

  test("would be found out: a command, an option and an exit code that are not so", async () => {
    const text = "```sh run\nsc image scan --no-such-option\n```\n";
    const [command] = commandsOf(text);
    const route = findRoute(commands, command?.words ?? []);
    if (route === undefined) throw new Error("no route");
    await expect(parseArguments(route.command, route.words, {})).rejects.toThrow(/no-such-option/);
    expect(commandsOf("```sh run\nsc help # exits 1\n```\n")).toMatchObject([{ exitCode: 1, words: ["help"] }]);
  });
});

const runnable = written.filter((name) => blocksOf(texts.get(name) ?? "").some(({ info }) => info === "sh run"));

describe("the commands of a page, one after the other in an empty folder", () => {
  const before = process.cwd();
  let folder = "";
  let registry: TestRegistry;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "sc-docs-"));
    process.chdir(folder);
    registry = await startRegistry();
    pushImage(registry, "acme/api:1.4.1", service("4.17.21"));
    pushImage(registry, "acme/api:1.4.2", service("4.17.15"));
    pushImage(registry, "acme/web:2.0.0", service("4.17.21"));
    mkdirSync("osv-exports");
    writeFileSync("osv-exports/GHSA-35jh-r3h4-6jhm.json", JSON.stringify(lodash));
  });
  afterEach(async () => {
    process.chdir(before);
    await registry[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test("there are such pages", () => {
    expect(runnable.length).toBeGreaterThan(5);
  });

  test.each(runnable)("%s", async (name) => {
    const variables: Record<string, string> = { HOME: folder, LANG: "C.UTF-8", SC_CACHE_DIR: join(folder, "cache") };
    let output = "";
    for (const { info, text } of blocksOf(texts.get(name) ?? "")) {
      const file = /\bfile=(\S+)/.exec(info)?.[1];
      if (file !== undefined) {
        mkdirSync(join(folder, file, ".."), { recursive: true });
        writeFileSync(join(folder, file), text.replaceAll("ghcr.io/", `${registry.host}/`));
      }
      if (info === "text output") expectShown(output, text, name);
      if (info !== "sh run") continue;
      for (const command of commandsOf(`\`\`\`sh run\n${text}\`\`\`\n`, variables))
        output = await run(command, variables, name);
    }
  });

  async function run(command: CommandLine, variables: Readonly<Record<string, string>>, name: string): Promise<string> {
    const words = command.words.map((word) => word.replaceAll("ghcr.io/", `${registry.host}/`));
    const ran = await runCli(words, { variables });
    expect(ran.exitCode, `${name}: ${command.line}\n${ran.stdout}${ran.stderr}`).toBe(command.exitCode);
    if (command.into !== undefined) writeFileSync(command.into, ran.stdout);
    return ran.stdout;
  }

  // What a page shows is the output's own lines, with the registry under the name the page gives it; an ellipsis
  // stands for lines left out, and times and digests are whatever they are.
  function expectShown(output: string, text: string, name: string): void {
    const lines = output.replaceAll(`${registry.host}/`, "ghcr.io/").split("\n").map(steady);
    let at = 0;
    for (const line of text.split("\n").map(steady)) {
      if (line === "" || line === "…") continue;
      const found = lines.indexOf(line, at);
      expect(found, `${name} shows ${JSON.stringify(line)}, the command wrote\n${output}`).toBeGreaterThan(-1);
      at = found + 1;
    }
  }
});

function steady(line: string): string {
  return line
    .replace(/[0-9a-f]{12,64}/g, "DIGEST")
    .replace(/\d+(\.\d+)? s\b/g, "TIME")
    .replace(/ +/g, " ")
    .trim();
}

test("a line is cut into words as a shell would", () => {
  expect(wordsOf(`sbom query a.json --name '*:log4j-core' -a "k=v w"`)).toEqual([
    "sbom",
    "query",
    "a.json",
    "--name",
    "*:log4j-core",
    "-a",
    "k=v w",
  ]);
});
