import { argumentsOf, impliedArgument, optionsOf } from "./arguments.ts";
import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { optionVariable } from "./environment.ts";
import { globalOptions } from "./options/global.ts";
import { wrap } from "./terminal/printable.ts";
import type { Style } from "./terminal/style.ts";
import { version } from "./version.ts";

/** What all commands are, by group, on one screen. */
export function formatOverview(commands: readonly CommandDefinition[], style: Style): string {
  const rows = commands.map((command) => [command.path.join(" "), command.summary] as const);
  return [
    `sc ${version}: container image security in one process`,
    "",
    style.paint("strong", "Commands"),
    ...spaced(commands, formatTerms(rows, style)),
    "",
    style.paint("strong", "Short forms"),
    ...shortForms(commands, style),
    "",
    style.paint("strong", "More"),
    ...formatTerms(
      [
        ["sc COMMAND --help", "options and examples of a command"],
        ["sc help CODE", "what an error code means: sc help SC-CLI-UNKNOWN"],
        ["sc help exit-codes", "what each exit code says"],
        ["sc help environment", "variables that are honoured"],
      ],
      style,
    ),
  ].join("\n");
}

// A blank line before the first command of every group; a command's own further lines begin with two spaces more.
function spaced(commands: readonly CommandDefinition[], lines: readonly string[]): readonly string[] {
  let index = -1;
  return lines.flatMap((line) => {
    if (!/^ {2}\S/.test(line)) return [line];
    index += 1;
    return index > 0 && groupOf(commands, index) !== groupOf(commands, index - 1) ? ["", line] : [line];
  });
}

/** The first word of commands that have it in common; those that stand alone are a group together. */
function groupOf(commands: readonly CommandDefinition[], index: number): string {
  const first = commands[index]?.path[0] ?? "";
  return commands.filter(({ path }) => path[0] === first).length > 1 ? first : "";
}

function shortForms(commands: readonly CommandDefinition[], style: Style): readonly string[] {
  const rows = commands.flatMap(({ path, aliases = [] }) =>
    aliases.map((alias) => [`sc ${alias.join(" ")}`, `sc ${path.join(" ")}`] as const),
  );
  return formatTerms(rows, style);
}

/** The commands of one group, such as `sc image`. */
export function formatGroup(words: readonly string[], commands: readonly CommandDefinition[], style: Style): string {
  return [
    style.paint("strong", `sc ${words.join(" ")} …`),
    ...formatTerms(
      commands.map((command) => [command.path.join(" "), command.summary]),
      style,
    ),
    "",
    "  sc COMMAND --help shows options and examples",
  ].join("\n");
}

/** Everything about one command: usage, arguments, options with their variables and defaults, examples. */
export async function formatCommandHelp(command: CommandDefinition, style: Style): Promise<string> {
  const lines = [`${style.paint("strong", `sc ${command.path.join(" ")}`)}  ${command.summary}`];
  if (command.description !== undefined) lines.push("", ...wrap(command.description, style.columns));
  lines.push("", `  ${usageOf(command)}`);
  const aliases = command.aliases ?? [];
  if (aliases.length > 0) lines.push(`  also: ${aliases.map((alias) => `sc ${alias.join(" ")}`).join(", ")}`);
  const positionals = argumentsOf(command);
  if (positionals.length > 0) {
    const rows = positionals.map(({ name, summary, choices }) => [name, withChoices(summary, choices)] as const);
    lines.push("", style.paint("strong", "Arguments"), ...formatTerms(rows, style));
  }
  const groups = [{ title: "Options", options: command.options }, ...(command.groups ?? []), globalOptions];
  for (const { title, options } of groups) {
    if (options.length === 0) continue;
    const rows = await Promise.all(
      options.map(async (option) => [optionTerm(option), await optionText(option)] as const),
    );
    lines.push("", style.paint("strong", title), ...formatTerms(rows, style));
  }
  lines.push("", style.paint("strong", "Examples"));
  for (const { comment, command: example } of command.examples) {
    const [first = "", ...rest] = wrap(example, style.columns - 6);
    lines.push(`  ${style.paint("dim", `# ${comment}`)}`);
    // A line that is broken can still be copied as it stands.
    lines.push([`  ${first}`, ...rest.map((line) => `    ${line}`)].join(" \\\n"));
  }
  const sample = command.options[0]?.name ?? "json";
  lines.push("", `Every option is also a variable: --${sample} is ${optionVariable(sample)}.`);
  return lines.join("\n");
}

/** One line that shows what has to be written: required options, then arguments. */
export function usageOf(command: CommandDefinition): string {
  // An image that is named by a word alone is shown as that.
  const byWord = new Set(impliedArgument(command) === undefined ? [] : ["image"]);
  const required = optionsOf(command).filter((option) => option.required === true && !byWord.has(option.name));
  const positionals = argumentsOf(command).map(({ name, required: must, repeatable }) => {
    const shown = repeatable === true ? `${name}…` : name;
    return must === true ? shown : `[${shown}]`;
  });
  return [
    `sc ${command.path.join(" ")}`,
    ...required.map((option) => `--${option.name} ${option.placeholder ?? "VALUE"}`),
    "[options]",
    ...positionals,
  ].join(" ");
}

function optionTerm(option: OptionDefinition): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = option.kind === "flag" ? "" : ` ${option.placeholder ?? placeholders[option.kind]}`;
  return `${short}--${option.name}${value}`;
}

const placeholders = { text: "VALUE", count: "N", bytes: "SIZE", duration: "SPAN" } as const;

/** The values of an option that help names: all that are allowed, or those worth knowing. */
export async function shownChoices({ choices, suggestions }: OptionDefinition): Promise<readonly string[] | undefined> {
  if (choices !== undefined) return typeof choices === "function" ? await choices() : choices;
  return suggestions?.local === true ? undefined : await suggestions?.list();
}

async function optionText(option: OptionDefinition): Promise<string> {
  const choices = await shownChoices(option);
  const notes = [
    ...(option.required === true ? ["required"] : []),
    ...(option.repeatable === true ? ["may be repeated"] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.variables ?? []),
  ];
  const text = withChoices(option.summary, choices);
  return notes.length === 0 ? text : `${text} (${notes.join(", ")})`;
}

function withChoices(summary: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? summary : `${summary}: ${choices.join(", ")}`;
}

/** Terms with their explanations in two columns, the second wrapped under itself. */
export function formatTerms(rows: readonly (readonly [string, string])[], style: Style): readonly string[] {
  const width = Math.min(Math.max(...rows.map(([term]) => term.length)), 26);
  return rows.flatMap(([term, text]) => {
    const lines = wrap(text, style.columns - width - 4);
    const first = term.length > width ? [`  ${term}`] : [`  ${term.padEnd(width)}  ${lines[0] ?? ""}`];
    const rest = term.length > width ? lines : lines.slice(1);
    return [...first, ...rest.map((line) => `  ${" ".repeat(width)}  ${line}`)];
  });
}
