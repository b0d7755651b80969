import { optionsOf } from "./arguments.ts";
import type { CommandDefinition, OptionDefinition } from "./command.ts";
import { findRoute } from "./route.ts";

/**
 * What may stand in place of the last word, which is there in part or empty: the words of a command, an option, one of
 * an option's choices. Nothing where only the user can know.
 */
export async function completeWords(
  commands: readonly CommandDefinition[],
  words: readonly string[],
): Promise<readonly string[]> {
  const partial = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const route = findRoute(commands, before);
  const candidates =
    route === undefined ? nextWords(commands, before) : await ofCommand(route.command, before.at(-1) ?? "", partial);
  return candidates.filter((candidate) => candidate.startsWith(partial));
}

function nextWords(commands: readonly CommandDefinition[], before: readonly string[]): readonly string[] {
  const paths = commands.flatMap((command) => [command.path, ...(command.aliases ?? [])]);
  const next = paths.flatMap((path) => {
    const begins = path.length > before.length && before.every((word, index) => path[index] === word);
    return begins ? [path[before.length] ?? ""] : [];
  });
  return [...new Set(next)];
}

async function ofCommand(command: CommandDefinition, previous: string, partial: string): Promise<readonly string[]> {
  const options = optionsOf(command);
  const awaiting = options.find((option) => option.kind !== "flag" && isWritten(option, previous));
  if (awaiting !== undefined) return await choicesOf(awaiting);
  const [name, value] = partial.split("=", 2);
  const assigned = value === undefined ? undefined : options.find((option) => isWritten(option, name ?? ""));
  if (assigned !== undefined) return (await choicesOf(assigned)).map((choice) => `${name}=${choice}`);
  const given = (command.arguments ?? []).flatMap(({ choices }) => choices ?? []);
  return partial.startsWith("-") || given.length === 0 ? options.map((option) => `--${option.name}`) : given;
}

function isWritten({ name, short, aliases = [] }: OptionDefinition, word: string): boolean {
  return (
    word === `--${name}` || (short !== undefined && word === `-${short}`) || aliases.some((one) => word === `--${one}`)
  );
}

async function choicesOf({ choices, suggestions }: OptionDefinition): Promise<readonly string[]> {
  if (choices === undefined) return (await suggestions?.list()) ?? [];
  return typeof choices === "function" ? await choices() : choices;
}
