import type { ProgressListener } from "@sc/model";
import type { Environment } from "./environment.ts";
import type { OptionValues } from "./option-values.ts";
import type { Style } from "./terminal/style.ts";

/** One option of the command line, as data: parsing, help, completion and the environment all follow from it. */
export interface OptionDefinition {
  /** Kebab-case, without dashes. `--name` is also `SC_NAME`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Other spellings that people bring from neighbouring tools; accepted, not shown. */
  readonly aliases?: readonly string[];
  /** `flag` takes no value; `count` a whole number; `bytes` a number with an optional kB, MB, GB; `duration` 90s, 5m, 6h, 2d. */
  readonly kind: "flag" | "text" | "count" | "bytes" | "duration";
  /** May be given several times; in the environment the values are separated by commas. */
  readonly repeatable?: true;
  readonly required?: boolean;
  /** What stands for the value in help: REF, FILE. */
  readonly placeholder?: string;
  /** The only values allowed; a function where a package's list says so, to be loaded when needed. */
  readonly choices?: readonly string[] | (() => Promise<readonly string[]>);
  /** Values worth offering where others are allowed too. */
  readonly suggestions?: Suggestions;
  /** What holds when it is not given, in the user's spelling. */
  readonly default?: string;
  /** Without full stop, at most 60 characters. */
  readonly summary: string;
  /** Its value never appears in any output. */
  readonly secret?: true;
  /** Variables of other tools that are honoured after `SC_NAME`. */
  readonly variables?: readonly string[];
  /** Set where the value belongs to one command line and a variable would carry it to others: who is asked, as whom. */
  readonly onlyHere?: true;
}

/** Values that completion offers for an option. */
export interface Suggestions {
  /** Loads what they are; nothing of it is loaded before. */
  list(): Promise<readonly string[]>;
  /** They are those of the folder the command is called in, so that help leaves them out. */
  readonly local?: true;
}

/** A positional argument. */
export interface ArgumentDefinition {
  /** As help shows it: REF. */
  readonly name: string;
  readonly summary: string;
  readonly required?: true;
  /** The last argument may take any number. */
  readonly repeatable?: true;
  readonly choices?: readonly string[];
}

/** Options that several commands have in common, under one heading in their help. */
export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionDefinition[];
}

/** A command line with what it does. */
export interface Example {
  readonly comment: string;
  readonly command: string;
}

/** One command, as data. To add one: `commands/<id>.ts`, one line in `commands/index.ts`, its action in `actions/<id>.ts`. */
export interface CommandDefinition {
  /** The words that name it: `["image", "scan"]`. The file is called by them. */
  readonly path: readonly string[];
  /** Shorter or foreign words for the same. */
  readonly aliases?: readonly (readonly string[])[];
  /** One line without full stop. */
  readonly summary: string;
  /** What else a person needs before using it, in sentences. */
  readonly description?: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options: readonly OptionDefinition[];
  readonly groups?: readonly OptionGroup[];
  readonly examples: readonly Example[];
  /** Its text is what was asked to be shown, not a report of what was done or judged: `--silent` leaves it. */
  readonly shows?: true;
  /** Loads what it does; nothing of it is loaded before. */
  load(): Promise<Action>;
}

/** What a command does: one call of a library, and its result as a value. */
export type Action = (context: ActionContext) => Promise<ActionResult>;

/** What an action may use. Everything from outside comes through here. */
export interface ActionContext {
  readonly values: OptionValues;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
  readonly style: Style;
  now(): Date;
  /** Everything that stands in standard input; at most 1 MiB unless said. */
  readInput(options?: { readonly maxBytes: number }): Promise<Uint8Array>;
  /** Asks for a secret on the terminal without showing it; `undefined` where there is no terminal. */
  askSecret(question: string): Promise<string | undefined>;
  /** Keeps a secret that was read on the way out of everything that is printed from now on. */
  hide(secret: string): void;
  /** Notes that something is now written for good, so that an interruption can say so. */
  wrote(what: string): void;
}

/** What an action came to. */
export interface ActionResult {
  /** `error`: something could not be done, though much else was: its report has a member `error`. */
  readonly outcome: "pass" | "violation" | "error";
  /** The command's JSON document, without `schema`, `sc` and `outcome`. Plain data. */
  readonly report: object;
  /** The same for people, ending without a line feed. Outside text in it must be made printable. */
  text(): string;
  /** The same as Markdown, for a page that a build platform shows for its step. */
  summary?(): string;
  /** A document that is the result itself: written to standard output as it is instead of `text`, also with `--json`. */
  readonly document?: AsyncIterable<Uint8Array> | Uint8Array;
  /** Where the outcome is not `pass`: the exit code in place of 1. */
  readonly exitCode?: number;
  /** Commands a person may want next: label and command. Shown on a terminal only, after the text. */
  readonly next?: readonly (readonly [label: string, command: string])[];
}
