import type { CommandDefinition, OptionDefinition, OptionGroup } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { shownChoices, usageOf } from "./help.ts";
import { globalOptions } from "./options/global.ts";

/** Every command with its options and examples as Markdown: what `docs/commands.md` holds. */
export async function formatCommandReference(commands: readonly CommandDefinition[]): Promise<string> {
  const sections = await Promise.all(commands.map(formatSection));
  return [
    "# Commands",
    "",
    "Written from the definitions in `packages/cli/src/commands`; a test holds it to them.",
    "Every option is also a variable: `--fail-on` is `SC_FAIL_ON`. The option wins.",
    "",
    "| exit code | means |",
    "|---|---|",
    ...Object.entries(exitCodes).map(([code, text]) => `| ${code} | ${text} |`),
    "",
    "## Global options",
    "",
    ...(await formatOptions(globalOptions.options)),
    ...sections.flat(),
  ].join("\n");
}

async function formatSection(command: CommandDefinition): Promise<readonly string[]> {
  const aliases = (command.aliases ?? []).map((alias) => `\`sc ${alias.join(" ")}\``);
  const own = command.options.length === 0 ? [] : ["", ...(await formatOptions(command.options))];
  const groups = await Promise.all((command.groups ?? []).map(formatGroup));
  const examples = command.examples.flatMap(({ comment, command: line }) => [`# ${comment}`, line]);
  return [
    "",
    `## sc ${command.path.join(" ")}`,
    "",
    `${sentence(command.summary)}${aliases.length === 0 ? "" : ` Also ${aliases.join(", ")}.`}`,
    ...(command.description === undefined ? [] : ["", command.description]),
    "",
    "```sh",
    usageOf(command),
    "",
    ...examples,
    "```",
    ...own,
    ...groups.flat(),
  ];
}

async function formatGroup({ title, options }: OptionGroup): Promise<readonly string[]> {
  return ["", `${title}:`, "", ...(await formatOptions(options))];
}

async function formatOptions(options: readonly OptionDefinition[]): Promise<readonly string[]> {
  const rows = options.map(async (option) => {
    const choices = await shownChoices(option);
    const notes = [
      ...(option.required === true ? ["required"] : []),
      ...(option.repeatable === true ? ["may be repeated"] : []),
      ...(option.default === undefined ? [] : [`default \`${option.default}\``]),
      ...(option.variables ?? []).map((name) => `also \`${name}\``),
    ];
    const text = `${option.summary}${choices === undefined ? "" : `: ${choices.join(", ")}`}`;
    const short = option.short === undefined ? "" : `\`-${option.short}\`, `;
    return `| ${short}\`--${option.name}\` | ${[text, ...notes].join("; ")} |`;
  });
  return ["| option | |", "|---|---|", ...(await Promise.all(rows))];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
