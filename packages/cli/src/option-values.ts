import { nearest, ScError } from "@sc/model";
import type { OptionDefinition } from "./command.ts";

/** The value of one option as it was written, with where it was written. */
export interface GivenOption {
  readonly definition: OptionDefinition;
  /** In the order given; empty when the option was not given. */
  readonly values: readonly string[];
  /** `--name`, or the variable it came from. */
  readonly origin: string;
}

/**
 * The options and arguments of one run. Each method throws `CLI_USAGE` when the value is not what it has to be, and a
 * `TypeError` when the command does not declare the option at all.
 */
export class OptionValues {
  readonly positionals: readonly string[];
  readonly #given: ReadonlyMap<string, GivenOption>;

  constructor(given: ReadonlyMap<string, GivenOption>, positionals: readonly string[]) {
    this.#given = given;
    this.positionals = positionals;
  }

  /** Whether a flag is set. */
  flag(name: string): boolean {
    const { definition, values, origin } = this.#option(name);
    const last = values.at(-1) ?? definition.default;
    if (last === undefined) return false;
    const value = booleans[last.toLowerCase()];
    if (value === undefined) throw wrongValue(origin, last, "wanted true or false");
    return value;
  }

  /** The text of an option, or its default, or `undefined`. */
  text(name: string): string | undefined {
    const { definition, values } = this.#option(name);
    return values.at(-1) ?? definition.default;
  }

  /** The text of an option that must be there. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  /** Every value of a repeatable option, in order. */
  texts(name: string): readonly string[] {
    const { definition, values } = this.#option(name);
    return values.length > 0 || definition.default === undefined ? values : [definition.default];
  }

  /** The value as one of those allowed. */
  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : oneOf(this.#option(name).origin, text, choices);
  }

  /** A whole number of at least 1. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < 1)
      throw wrongValue(this.#option(name).origin, text, "wanted a whole number of at least 1");
    return value;
  }

  /** A number of bytes. */
  bytes(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const match = /^(?<number>\d{1,12}(?:\.\d{1,3})?) ?(?<unit>B|[kKMGT]i?B?)?$/.exec(text);
    const factor =
      match === null
        ? undefined
        : byteUnits[(match.groups?.["unit"] ?? "B").replace(/^k/, "K").replace(/(?<=[KMGTi])B$/, "")];
    const value = factor === undefined ? Number.NaN : Math.floor(Number(match?.groups?.["number"]) * factor);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw wrongValue(this.#option(name).origin, text, "wanted a number of bytes such as 500MB or 2GiB");
    }
    return value;
  }

  /** A span in milliseconds. */
  milliseconds(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const match = /^(?<number>\d{1,9}(?:\.\d{1,3})?)(?<unit>ms|s|m|h|d)?$/.exec(text);
    const value = Number(match?.groups?.["number"]) * (spanUnits[match?.groups?.["unit"] ?? "s"] ?? Number.NaN);
    if (!(value >= 1)) throw wrongValue(this.#option(name).origin, text, "wanted a span such as 90s, 5m, 6h or 2d");
    return Math.floor(value);
  }

  /** The values that must not be shown. */
  secrets(): readonly string[] {
    return [...this.#given.values()].flatMap(({ definition, values }) => (definition.secret === true ? values : []));
  }

  /** Whether the command has a `--format` and it says `json`. */
  wantsJson(): boolean {
    return this.#given.get("format")?.values.includes("json") ?? false;
  }

  /** Whether an option is there and was given a value, on the command line or by a variable. */
  isGiven(name: string): boolean {
    return (this.#given.get(name)?.values.length ?? 0) > 0;
  }

  /** Whether an option was given on this command line, not by a variable: those may be meant for other commands. */
  isTyped(name: string): boolean {
    return this.isGiven(name) && this.origin(name) === `--${name}`;
  }

  /** The images that are named, each once; none of a command that takes none, or that finds them elsewhere. */
  images(): readonly string[] {
    const named = this.#given.get("image");
    return named === undefined ? [] : [...new Set([...named.values, ...this.positionals])];
  }

  /** Where the option's value was written, for error messages. */
  origin(name: string): string {
    return this.#option(name).origin;
  }

  #option(name: string): GivenOption {
    const option = this.#given.get(name);
    if (option === undefined) throw new TypeError(`the command does not declare --${name}`);
    return option;
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

const spanUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The text as one of the choices. Throws `CLI_USAGE` with the nearest of them. */
export function oneOf<Choice extends string>(origin: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text) ?? choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(text, choices);
  throw new ScError(
    "CLI_USAGE",
    `${origin}: ${JSON.stringify(text.slice(0, 100))} is not one of ${choices.join(", ")}`,
    {
      hint: near === undefined ? "Write one of them." : `Did you mean: ${near}`,
    },
  );
}

function wrongValue(origin: string, text: string, wanted: string): ScError {
  return new ScError("CLI_USAGE", `${origin}: ${wanted}, got ${JSON.stringify(text.slice(0, 100))}`);
}

/** The error for an option that must be given and was not, with the command line that gives it. */
export function missing(name: string, hint?: string): ScError {
  return new ScError("CLI_USAGE", `--${name} is missing`, hint === undefined ? {} : { hint });
}
