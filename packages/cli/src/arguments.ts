import { parseArgs } from "node:util";
import { nearest, ScError } from "@sc/model";
import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from "./command.ts";
import { optionFromVariables, type Variables } from "./environment.ts";
import { type GivenOption, missing, oneOf, OptionValues } from "./option-values.ts";
import { globalOptions } from "./options/global.ts";

/** Every option of a command: its own, those of its groups, and the global ones. */
export function optionsOf(command: CommandDefinition): readonly OptionDefinition[] {
  return [...command.options, ...(command.groups ?? []).flatMap((group) => group.options), ...globalOptions.options];
}

/** The image as a word alone, after the words a command declares, where it takes `--image` and no other images. */
export function impliedArgument(command: CommandDefinition): ArgumentDefinition | undefined {
  const image = command.options.find(({ name }) => name === "image");
  if (image === undefined || command.arguments?.at(-1)?.repeatable === true) return undefined;
  return {
    name: "IMAGE",
    summary: "as --image",
    ...(image.required === true ? { required: true } : {}),
    ...(image.repeatable === true ? { repeatable: true } : {}),
  };
}

/** The words a command takes: those it declares, then the image of a command that has `--image`. */
export function argumentsOf(command: CommandDefinition): readonly ArgumentDefinition[] {
  const implied = impliedArgument(command);
  return [...(command.arguments ?? []), ...(implied === undefined ? [] : [implied])];
}

/** A command line taken apart, before the environment and the rules of single options are looked at. */
interface Scanned {
  /** By name of the option, in the order given. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/**
 * The options and arguments of a command from its words and the environment; words win. Throws `CLI_UNKNOWN` with the
 * nearest name for an unknown option and `CLI_USAGE` for anything else that is not as the command declares it.
 */
export async function parseArguments(
  command: CommandDefinition,
  words: readonly string[],
  variables: Variables,
): Promise<OptionValues> {
  const options = optionsOf(command);
  const scanned = imageByWord(command, scan(command, options, words));
  const given = new Map<string, GivenOption>();
  for (const definition of options) given.set(definition.name, giveOption(definition, scanned.flags, variables));
  const values = new OptionValues(given, scanned.positionals);
  if (values.flag("help")) return values;
  checkPositionals(command, scanned.positionals);
  for (const option of given.values()) await checkOption(option, command);
  return values;
}

// `parseArgs` splits the words: bundled short flags, `--name=value`, `--`. It is not strict here, since what is wrong
// is said in this program's own form, with the nearest name.
function scan(command: CommandDefinition, options: readonly OptionDefinition[], words: readonly string[]): Scanned {
  const byName = new Map<string, OptionDefinition>();
  for (const option of options) for (const name of [option.name, ...(option.aliases ?? [])]) byName.set(name, option);
  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...byName].map(([name, { kind, short }]) => [
        name,
        {
          type: kind === "flag" ? "boolean" : "string",
          multiple: true,
          ...(short === undefined ? {} : { short }),
        },
      ]),
    ),
  });
  const flags = new Map<string, string[]>();
  const positionals: string[] = [];
  // What begins without a command is answered by help, which nobody named.
  const name = command.path.join(" ") === "help" ? "sc" : `sc ${command.path.join(" ")}`;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = byName.get(token.name);
    if (option === undefined) throw unknownOption(token.rawName, name, byName.keys());
    flags.set(option.name, [...(flags.get(option.name) ?? []), optionText(option, token)]);
  }
  return { flags, positionals };
}

// A value that looks like an option is far more often a forgotten value; `--name=-value` says it is meant.
function optionText(
  option: OptionDefinition,
  token: { readonly rawName: string; readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
): string {
  if (option.kind === "flag") return token.value ?? "true";
  const { value } = token;
  const forgotten = value === undefined || (token.inlineValue !== true && value.startsWith("-") && value !== "-");
  if (!forgotten) return value;
  throw new ScError("CLI_USAGE", `${token.rawName} needs a value`, {
    hint: value === undefined ? `${token.rawName} ${option.placeholder ?? "VALUE"}` : `${token.rawName}=${value}`,
  });
}

function unknownOption(written: string, name: string, known: Iterable<string>): ScError {
  const near = nearest(written.replace(/^-+/, ""), known);
  return new ScError("CLI_UNKNOWN", `${name} has no option ${written.slice(0, 80)}`, {
    hint: near === undefined || !written.startsWith("--") ? `${name} --help` : `Did you mean: --${near}`,
  });
}

function giveOption(definition: OptionDefinition, flags: Scanned["flags"], variables: Variables): GivenOption {
  const values = flags.get(definition.name) ?? [];
  if (values.length > 0) return { definition, values, origin: `--${definition.name}` };
  const found = optionFromVariables(definition, variables);
  if (found === undefined) return { definition, values: [], origin: `--${definition.name}` };
  return { definition, values: found.values, origin: found.variable };
}

// `sc image scan alpine:3.19` is `sc image scan --image alpine:3.19`; one of each would leave open which is meant.
function imageByWord(command: CommandDefinition, scanned: Scanned): Scanned {
  const implied = impliedArgument(command);
  const { length } = command.arguments ?? [];
  const images = scanned.positionals.slice(length);
  if (implied === undefined || images.length === 0) return scanned;
  const name = `sc ${command.path.join(" ")}`;
  const given = scanned.flags.get("image") ?? [];
  const [surplus] = given.length === 0 ? images.slice(1) : images;
  if (implied.repeatable !== true && surplus !== undefined) {
    const shown = JSON.stringify(surplus.slice(0, 100));
    const what =
      given.length === 0 ? "takes one image, and there is also" : "has its image by --image, and there is also";
    throw new ScError("CLI_USAGE", `${name} ${what} ${shown}`, { hint: `${name} --help` });
  }
  const flags = new Map(scanned.flags).set("image", [...new Set([...given, ...images])]);
  return { flags, positionals: scanned.positionals.slice(0, length) };
}

async function checkOption({ definition, values, origin }: GivenOption, command: CommandDefinition): Promise<void> {
  if (definition.required === true && values.length === 0) {
    throw missing(
      definition.name,
      `sc ${command.path.join(" ")} --${definition.name} ${definition.placeholder ?? "VALUE"}`,
    );
  }
  if (definition.repeatable !== true && definition.kind !== "flag" && values.length > 1) {
    throw new ScError("CLI_USAGE", `${origin} is given ${values.length} times, wanted once`);
  }
  const { choices } = definition;
  if (choices === undefined) return;
  const allowed = typeof choices === "function" ? await choices() : choices;
  for (const value of values) oneOf(origin, value, allowed);
}

function checkPositionals(command: CommandDefinition, positionals: readonly string[]): void {
  const declared = command.arguments ?? [];
  const name = `sc ${command.path.join(" ")}`;
  const firstMissing = declared.findIndex(
    (argument, index) => argument.required === true && positionals[index] === undefined,
  );
  const absent = declared[firstMissing];
  if (absent !== undefined) {
    throw new ScError("CLI_USAGE", `${name}: ${absent.name} is missing (${absent.summary})`, {
      hint: `${name} --help`,
    });
  }
  const surplus = declared.at(-1)?.repeatable === true ? undefined : positionals[declared.length];
  if (surplus !== undefined) {
    throw new ScError("CLI_USAGE", `${name}: unexpected argument ${JSON.stringify(surplus.slice(0, 100))}`, {
      hint: `${name} --help`,
    });
  }
  for (const [index, argument] of declared.entries()) {
    const value = positionals[index];
    if (argument.choices !== undefined && value !== undefined) oneOf(argument.name, value, argument.choices);
  }
}
