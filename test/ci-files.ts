import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { isJsonObject, type JsonObject, type JsonValue } from "@sc/model";

const folder = join(import.meta.dirname, "../examples");

/** One piece of shell of a file of a build platform. */
export interface ShellStep {
  readonly name: string;
  readonly script: string;
  /** The words that the platform starts a shell with, before the script's file. */
  readonly shell: readonly string[];
  /** What the step sets besides what the job sets; a platform's own expressions are filled in already. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether it runs after a step that failed. */
  readonly always: boolean;
}

/** What a platform fills in where a file has an expression; an expression that is not here is an error. */
export type Expressions = Readonly<Record<string, string>>;

/** The text of an example. */
export function exampleText(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** An example in YAML, as the platform reads it. */
export function exampleDocument(name: string): JsonObject {
  const document: JsonValue = parse(exampleText(name));
  if (!isJsonObject(document)) throw new Error(`${name} is no mapping`);
  return document;
}

/** An example of several documents in YAML. */
export function exampleDocuments(name: string): readonly JsonValue[] {
  return parseAllDocuments(exampleText(name)).map((document): JsonValue => document.toJS());
}

/** A member that must be a mapping. */
export function mapping(value: JsonValue | undefined, where: string): JsonObject {
  if (!isJsonObject(value)) throw new Error(`${where} is no mapping: ${JSON.stringify(value)}`);
  return value;
}

/** A member that must be a list of mappings or texts. */
export function listOf(value: JsonValue | undefined, where: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new Error(`${where} is no list: ${JSON.stringify(value)}`);
  return [...value];
}

/** A member that must be a text, or a number or truth that stands for one. */
export function textOf(value: JsonValue | undefined, where: string): string {
  if (typeof value === "object" || value === undefined)
    throw new Error(`${where} is no text: ${JSON.stringify(value)}`);
  return String(value);
}

/** A mapping of texts, with the platform's expressions filled in by `fill`. */
export function textsOf(value: JsonValue | undefined, fill: (text: string) => string): Record<string, string> {
  if (value === undefined) return {};
  return Object.fromEntries(
    Object.entries(mapping(value, "variables")).map(([name, one]) => [name, fill(textOf(one, name))]),
  );
}

/** Fills in GitHub's expressions: `${{ github.sha }}`. */
export function fillGithub(text: string, expressions: Expressions): string {
  return text.replaceAll(/\$\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
    const value = expressions[expression];
    if (value === undefined) throw new Error(`GitHub is asked for ${expression}, which this test does not know`);
    return value;
  });
}

/** The steps of a workflow's job or of a composite action that run a shell. */
export function githubSteps(steps: readonly JsonValue[], expressions: Expressions): readonly ShellStep[] {
  const fill = (text: string): string => fillGithub(text, expressions);
  return steps.flatMap((one, index) => {
    const step = mapping(one, `step ${index}`);
    if (typeof step["run"] !== "string") return [];
    const named = step["shell"] === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
    return [
      {
        name: textOf(step["name"], "name"),
        script: fill(step["run"]),
        shell: ["bash", ...named],
        variables: textsOf(step["env"], fill),
        always: typeof step["if"] === "string" && step["if"].includes("always()"),
      },
    ];
  });
}

/** GitLab's variables in other variables, which it fills in before the job begins. */
export function fillGitlab(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced: string | undefined, bare: string | undefined) => {
    const value = variables[braced ?? bare ?? ""];
    if (value === undefined) throw new Error(`GitLab has no variable ${braced ?? bare ?? ""}`);
    return value;
  });
}

/** A block of a Jenkinsfile: `name { … }` or `name('…') { … }`. */
export interface JenkinsBlock {
  readonly name: string;
  readonly argument: string | undefined;
  /** The lines of the block itself, without those of the blocks in it. */
  readonly lines: readonly string[];
  readonly blocks: readonly JenkinsBlock[];
}

/**
 * Reads a declarative Jenkinsfile as far as it is needed: blocks in blocks, a line a statement. What is no such line
 * throws, and so does a brace or a quote that is not closed.
 */
export function parseJenkinsfile(text: string): JenkinsBlock {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"));
  let at = 0;
  const block = (name: string, argument: string | undefined): JenkinsBlock => {
    const own: string[] = [];
    const blocks: JenkinsBlock[] = [];
    for (let line = lines[at]; line !== undefined && line !== "}"; line = lines[at]) {
      at += 1;
      const opened = /^(\w+)(?:\('([^']*)'\))? \{(?: (.*) \})?$/.exec(line);
      const [, inner = "", given, short] = opened ?? [];
      if (opened === null) own.push(statement(line));
      else if (short === undefined) blocks.push(closed(block(inner, given)));
      else blocks.push({ name: inner, argument: given, lines: [statement(short)], blocks: [] });
    }
    return { name, argument, lines: own, blocks };
  };
  const closed = (read: JenkinsBlock): JenkinsBlock => {
    if (lines[at] !== "}") throw new Error(`${read.name} is not closed`);
    at += 1;
    return read;
  };
  const whole = block("", undefined);
  if (at !== lines.length) throw new Error(`a brace too many before ${JSON.stringify(lines[at])}`);
  const [pipeline] = whole.blocks;
  if (pipeline === undefined || whole.blocks.length !== 1 || whole.lines.length > 0)
    throw new Error("not one pipeline");
  return pipeline;
}

function statement(line: string): string {
  const rest = line.replaceAll(/'[^'\\]*'|"[^"\\]*"/g, "");
  if (/['"{}]/.test(rest)) throw new Error(`${JSON.stringify(line)} is no statement: a quote or a brace is open`);
  return line;
}
