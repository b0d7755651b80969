import { nearest, ScError } from "@sc/model";
import type { CommandDefinition } from "./command.ts";
import { globalOptions } from "./options/global.ts";

/** The command a command line names, with the words that are left for it. */
export interface Route {
  readonly command: CommandDefinition;
  readonly words: readonly string[];
}

const globalNames: ReadonlySet<string> = new Set(
  globalOptions.options
    .filter(({ kind }) => kind === "flag")
    .flatMap(({ name, short }) => (short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`])),
);

/** The words that name a command in any of its forms. */
function pathsOf(command: CommandDefinition): readonly (readonly string[])[] {
  return [command.path, ...(command.aliases ?? [])];
}

/**
 * The command that the first words name; global flags may stand before them. Throws `CLI_UNKNOWN` with the nearest
 * command. `undefined` when the words name no command but only the beginning of some, or nothing at all.
 */
export function findRoute(commands: readonly CommandDefinition[], argv: readonly string[]): Route | undefined {
  const start = argv.findIndex((word) => !globalNames.has(word));
  const leading = start === -1 ? argv : argv.slice(0, start);
  const words = start === -1 ? [] : argv.slice(start);
  let found: { readonly command: CommandDefinition; readonly length: number } | undefined;
  for (const command of commands) {
    for (const path of pathsOf(command)) {
      if (path.length > (found?.length ?? 0) && path.every((word, index) => words[index] === word)) {
        found = { command, length: path.length };
      }
    }
  }
  return found === undefined
    ? undefined
    : { command: found.command, words: [...leading, ...words.slice(found.length)] };
}

/** The words before the first option: what stands where a command should be. */
export function leadingWords(argv: readonly string[]): readonly string[] {
  const words = argv.filter(
    (word, index) => !globalNames.has(word) || argv.slice(0, index).some((one) => !one.startsWith("-")),
  );
  const end = words.findIndex((word) => word.startsWith("-"));
  return end === -1 ? words : words.slice(0, end);
}

/** The commands whose names begin with the given words. */
export function commandsUnder(
  commands: readonly CommandDefinition[],
  words: readonly string[],
): readonly CommandDefinition[] {
  return commands.filter(
    ({ path }) => path.length > words.length && words.every((word, index) => path[index] === word),
  );
}

/**
 * The error for words that name no command: with the command they are nearest to, else with those of the group that they
 * begin with.
 */
export function unknownCommand(commands: readonly CommandDefinition[], words: readonly string[]): ScError {
  const typed = words.slice(0, 2).join(" ");
  return new ScError("CLI_UNKNOWN", `unknown command ${JSON.stringify(`sc ${typed.slice(0, 80)}`)}`, {
    hint: inGroup(commands, words) ?? anywhere(commands, words) ?? "sc help",
  });
}

// Within a group its own words are compared: what they have in common with it would make any two of them near.
function inGroup(commands: readonly CommandDefinition[], [group, word]: readonly string[]): string | undefined {
  if (group === undefined || word === undefined) return undefined;
  const names = commandsUnder(commands, [group]).map(({ path }) => path[1] ?? "");
  if (names.length === 0) return undefined;
  const near = nearest(word, names);
  return near === undefined ? `sc ${group} has ${names.join(", ")}.` : `Did you mean: sc ${group} ${near}`;
}

function anywhere(commands: readonly CommandDefinition[], words: readonly string[]): string | undefined {
  const names = commands.flatMap((command) => pathsOf(command).map((path) => path.join(" ")));
  const groups = [...new Set(commands.flatMap(({ path }) => (path.length > 1 ? [path[0] ?? ""] : [])))];
  const near = nearest(words.slice(0, 2).join(" "), names) ?? nearest(words[0] ?? "", [...names, ...groups]);
  return near === undefined ? undefined : `Did you mean: sc ${near}`;
}
