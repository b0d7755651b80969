import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { handler } from "../examples/lambda-release-gate.ts";
import { commands, findRoute, parseArguments } from "@sc/cli";

const folder = join(import.meta.dirname, "../examples");
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../packages/cli/package.json"), "utf8"));

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => /(\.ya?ml|Jenkinsfile)$/.test(name) && !name.includes("node_modules"))
  .toSorted();

/** A command line without `sc`, as the words a shell would make of it; variables stay as they are. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

/** Every command line of `sc` in a file of a build platform. */
function linesOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:npx -y @sc\/cli@[\w.]+|\$SC) ([^\n]+)/g)].map(([, line = ""]) => line.replace(/'$/, ""));
}

async function parse(words: readonly string[]): Promise<void> {
  const route = findRoute(commands, words);
  if (route === undefined) throw new Error(`there is no command sc ${words.join(" ")}`);
  await parseArguments(route.command, route.words, {});
}

describe("the examples (RUN-4)", () => {
  test("are there for every platform that is named", () => {
    const named = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    );
    const there = readdirSync(folder, { recursive: true, encoding: "utf8" });
    expect(named.length).toBeGreaterThan(8);
    for (const name of named) expect(there).toContain(name);
    for (const name of files) expect(named).toContain(name);
  });

  test.each(files)("%s names only commands and options that there are, of this version", async (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const lines = linesOf(text);
    const container = /command: \[sc, ([^\]]+)\]\s+args: \[([^\]]+)\]/.exec(text);
    const given = container === null ? [] : [`${container[1]} ${container[2]}`.replaceAll(",", " ")];
    expect(lines.length + given.length).toBeGreaterThan(0);
    for (const line of [...lines, ...given]) await parse(wordsOf(line));
    for (const [, version] of text.matchAll(/@sc\/cli@([\w.]+)/g)) expect(version).toBe(manifest.version);
  });

  test.each(files.filter((name) => name !== "Jenkinsfile"))("%s is YAML without a mistake", (name) => {
    const documents = parseAllDocuments(readFileSync(join(folder, name), "utf8"));
    if (!Array.isArray(documents)) throw new Error("no document");
    for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([]);
  });

  test("are held to it: a command, option or value that is not there would be found", async () => {
    await expect(parse(["image", "scan", "--no-such-option"])).rejects.toThrow(/no option --no-such-option/);
    await expect(parse(["image", "scan", "--fail-on", "dreadful"])).rejects.toThrow(/dreadful/);
    await expect(parse(["image", "scam"])).rejects.toThrow(/no command/);
  });

  test("actions are named by commit, and no workflow is given more than it needs", () => {
    const text = readFileSync(join(folder, "github-workflow.yml"), "utf8");
    const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/@[0-9a-f]{40}$/);
    expect(text).toContain("\npermissions: {}\n");
    expect(text).not.toContain("pull_request_target");
  });
});

test("the release gate for AWS Lambda is closed for an image that is named by a tag, and where its key is not there (RUN-11)", async () => {
  expect(await handler({ image: "registry.example.com/acme/api:1.4.2" })).toEqual({
    outcome: "violation",
    reasons: ["the image is not named by digest"],
  });
  const broken = await handler({ image: `registry.example.com/acme/api@sha256:${"0".repeat(64)}` });
  expect(broken).toMatchObject({ outcome: "error", reasons: [expect.stringMatching(/^KEY_NOT_FOUND: /)] });
});

describe("the examples of the help", () => {
  test.each(commands.flatMap(({ examples }) => examples.map(({ command }) => command)))("%s", async (command) => {
    const plain = command.replace(/^eval "\$\((.*)\)"$/, "$1");
    const parts = plain.split(/ (?:\||&&|>|<) /).filter((part) => part.startsWith("sc "));
    expect(parts.length, command).toBeGreaterThan(0);
    for (const part of parts) await parse(wordsOf(part).slice(1));
  });
});
