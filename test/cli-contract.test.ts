import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { commands, errorCodes, optionsOf } from "@sc/cli";
import { documentOf, runCli } from "./run-cli.ts";

const sources = new URL("../packages/cli/src/", import.meta.url);
const named = commands.map((command) => [command.path.join(" "), command] as const);
const home = { HOME: "/nowhere/at-all" };

/** What a command reads that cannot be read: its required options and arguments, each naming nothing that is there. */
function wrongInput(command: (typeof commands)[number]): readonly string[] {
  const options = optionsOf(command).filter(({ name, required }) => required === true || name === "key");
  const words = (command.arguments ?? []).map(({ choices }) => choices?.[0] ?? "/nowhere/at-all");
  const given = options.flatMap(({ name, choices }) => [
    `--${name}`,
    Array.isArray(choices) ? choices[0] : name === "image" ? "oci-layout:/nowhere/at-all" : "/nowhere/at-all",
  ]);
  return [...words, ...given];
}

describe("JSON on standard output", () => {
  test.each(named)("sc %s --json says an unknown option in a document", async (name) => {
    for (const argv of [
      [...name.split(" "), "--json", "--no-such-option"],
      ["--json", ...name.split(" "), "--no-such-option"],
    ]) {
      const ran = await runCli(argv);
      expect(ran.exitCode).toBe(3);
      const document = documentOf(ran);
      expect(document).toMatchObject({ schema: expect.stringMatching(/^urn:sc:[a-z-]+:1$/), outcome: "error" });
      expect(document["error"]).toMatchObject({ code: "CLI_UNKNOWN", message: expect.any(String), retryable: false });
      expect(Object.keys(document).slice(0, 3)).toEqual(["schema", "sc", "outcome"]);
    }
  });

  test.each(named)("sc %s --json with input that is not there writes one document", async (name, command) => {
    const ran = await runCli([...name.split(" "), "--json", "--offline", ...wrongInput(command)], { variables: home });
    const document = documentOf(ran);
    // A document that is the result itself, such as a JSON Schema, has no frame of ours; nothing that failed is one.
    const wanted = ran.exitCode === 0 ? ["pass", undefined] : [ran.exitCode === 1 ? "violation" : "error"];
    expect(wanted).toContain(document["outcome"]);
    if (ran.exitCode !== 0) {
      expect(document["error"], JSON.stringify(document)).toMatchObject({
        code: expect.stringMatching(/^[A-Z0-9_]+$/),
      });
      expect(document["error"]).not.toMatchObject({ code: "UNEXPECTED" });
    }
  });
});

describe("what to do about an error", () => {
  const hints = Object.entries(errorCodes).flatMap(([code, { hint }]) =>
    hint === undefined ? [] : [[code, hint] as const],
  );
  const declared = commands.flatMap((command) => optionsOf(command));
  const spellings = new Set(declared.flatMap(({ name, aliases = [] }) => [name].concat(aliases)));

  test.each(hints)("%s: %s names only options and commands that there are", (_, hint) => {
    for (const [, option = ""] of hint.matchAll(/--([a-z][a-z-]+)/g)) expect(spellings).toContain(option);
    for (const [, words = ""] of hint.matchAll(/\bsc ((?:[a-z-]+ ?){1,2})(?=$|[ ,:.])/g)) {
      const typed = words.trim().split(" ");
      const known = commands.some(({ path, aliases = [] }) =>
        [path, ...aliases].some((one) => one.every((word, index) => typed[index] === word)),
      );
      expect(known || /^(?:holds|has|reads|is|verifies)\b/.test(words), words).toBe(true);
    }
  });

  test("is said of every code, in one sentence that sc help shows", async () => {
    const without = Object.keys(errorCodes).filter((code) => errorCodes[code]?.hint === undefined);
    expect(without).toEqual([]);
    for (const [code, hint] of hints) {
      const ran = await runCli(["help", code]);
      expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain(hint.replaceAll(/\s+/g, " "));
    }
  });
});

describe("options", () => {
  test.each(named)("sc %s declares no name, letter or other spelling twice", (_, command) => {
    const options = optionsOf(command);
    const names = options.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    const letters = options.flatMap(({ short }) => (short === undefined ? [] : [short]));
    for (const words of [names, letters]) {
      expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
    }
  });

  test("no two commands answer to the same words", () => {
    const paths = commands.flatMap(({ path, aliases = [] }) => [path, ...aliases].map((words) => words.join(" ")));
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  test.each(named)("sc %s reads every option it declares", (_, command) => {
    const read = optionsReadBy(actionOf(command));
    const unread = command.options
      .concat(...(command.groups ?? []).map(({ options }) => options))
      .filter(({ name }) => !read.has(name));
    expect(unread.map(({ name }) => name)).toEqual([]);
  });

  test.each(named)("sc %s reads only options that it declares", (_, command) => {
    const declared = new Set(optionsOf(command).map(({ name }) => name));
    const text = readFileSync(actionOf(command), "utf8");
    expect(optionsIn(text).filter((name) => !declared.has(name))).toEqual([]);
  });
});

describe("the image of a command", () => {
  const missing = "oci-layout:/nowhere/at-all";

  test("is a word alone, or --image, and both are the same", async () => {
    const byWord = await runCli(["image", "inspect", missing], { variables: home });
    const byFlag = await runCli(["image", "inspect", "--image", missing], { variables: home });
    expect(byWord).toEqual(byFlag);
    expect(byWord.stderr).toContain("SC-LAYOUT-INVALID");
  });

  test.each([
    [["image", "scan", "--image", "a", "b"], 'sc image scan has its image by --image, and there is also "b"'],
    [["image", "tree", "a", "b"], 'sc image tree takes one image, and there is also "b"'],
  ])("%j leaves open which is meant, and is refused", async (argv, said) => {
    const ran = await runCli(argv);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain(said);
  });

  test("a word wins over SC_IMAGE, as every word does", async () => {
    const ran = await runCli(["image", "inspect", missing], { variables: { ...home, SC_IMAGE: "oci-layout:/other" } });
    expect(ran.stderr).toContain("/nowhere/at-all");
  });

  test("an option that is missing is answered with the line that gives it", async () => {
    const ran = await runCli(["image", "tree"]);
    expect(ran.stderr).toContain("sc image tree --image REF");
  });
});

/** The module that a command's definition loads. */
function actionOf({ path }: (typeof commands)[number]): URL {
  const definition = new URL(`commands/${path.join("-")}.ts`, sources);
  const [, action = ""] = /import\("(\.\.\/actions\/[^"]+)"\)/.exec(readFileSync(definition, "utf8")) ?? [];
  return new URL(action, definition);
}

/** The names of options in the calls that read them. */
function optionsIn(text: string): readonly string[] {
  return [...text.matchAll(/values\s*\.(?:[a-z]+)\(\s*"([a-z-]+)"/gi)].map(([, name = ""]) => name);
}

/** The options that an action reads, itself or through the modules of the command line that it imports. */
function optionsReadBy(action: URL): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [action.href];
  const names = new Set<string>();
  for (let url = open.pop(); url !== undefined; url = open.pop()) {
    if (seen.has(url)) continue;
    seen.add(url);
    const text = readFileSync(new URL(url), "utf8");
    for (const name of optionsIn(text)) names.add(name);
    for (const [, path = ""] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) open.push(new URL(path, url).href);
  }
  return names;
}
