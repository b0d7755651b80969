import { ScError } from "@sc/model";
import { parseArguments } from "./arguments.ts";
import type { Action, ActionContext, ActionResult, CommandDefinition } from "./command.ts";
import { help } from "./commands/help.ts";
import { commands } from "./commands/index.ts";
import { describeInterruption } from "./describe-interruption.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import type { Failure } from "./failure.ts";
import { Interrupted, timedOut, untilAborted, untilRemoved } from "./interruption.ts";
import type { CommandLine, OutputStream } from "./main.ts";
import type { OptionValues } from "./option-values.ts";
import { commandsUnder, findRoute, leadingWords, type Route, unknownCommand } from "./route.ts";
import { createRedact } from "./secrets.ts";
import { StoredParts } from "./stored-parts.ts";
import { createView } from "./terminal/create-view.ts";
import { fitLines } from "./terminal/printable.ts";
import { createStyle, type Style } from "./terminal/style.ts";
import { version } from "./version.ts";
import { writeNotice, writeResult } from "./write-output.ts";

/** The most that is read from standard input, in bytes: passwords and small documents. */
const maxInputBytes = 1024 * 1024;

/** What is known of a run so far: enough to print a failure at any moment of it. */
interface Run {
  readonly line: CommandLine;
  environment: Environment;
  readonly secrets: Set<string>;
  readonly written: string[];
  readonly stored: StoredParts;
  json: boolean;
  verbose: boolean;
  color: boolean | undefined;
  command: CommandDefinition | undefined;
  images: readonly string[];
  /** What the command does. */
  work: Promise<unknown>;
}

/** Runs a command line: finds the command, parses, runs its action, prints result or failure. Returns the exit code. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const run: Run = {
    line,
    environment: { variables: {}, podmanAuth: [], proxy: {}, exitCompat: false, ci: false, unicode: false },
    secrets: new Set(),
    written: [],
    stored: new StoredParts(),
    json: asksForJson(line),
    verbose: line.argv.some((word) => word === "-v" || word === "--verbose"),
    color: line.argv.includes("--no-color") ? false : undefined,
    command: undefined,
    images: [],
    work: Promise.resolve(),
  };
  try {
    return await runRoute(run);
  } catch (error) {
    const exitCode = await printFailure(error, run);
    // What is told is told at once; nothing half written is left behind for it.
    if (error instanceof Interrupted) await untilRemoved(run.work);
    return exitCode;
  }
}

// What is learnt on the way is kept in `run`, since a failure is printed by it.
async function runRoute(run: Run): Promise<number> {
  const { line } = run;
  const environment = readEnvironment(line.variables, line.platform);
  run.environment = environment;
  const route = chooseRoute(line.argv);
  run.command = route.command;
  const values = await parseArguments(route.command, route.words, line.variables);
  run.images = values.images();
  for (const secret of [...values.secrets(), line.variables["COSIGN_PASSWORD"] ?? ""]) run.secrets.add(secret);
  run.verbose = values.flag("verbose") || line.variables["SC_LOG"] === "debug";
  run.json = values.flag("json") || values.wantsJson();
  if (values.flag("no-color")) run.color = false;
  if (values.flag("help")) {
    const { formatCommandHelp } = await import("./help.ts");
    await writeResult(line.stdout, `${await formatCommandHelp(route.command, styleOf(line.stdout, run))}\n`);
    return 0;
  }
  const timeout = values.milliseconds("timeout");
  const signal = deadline(line.signal, timeout);
  using view = await createView(line.stderr, {
    values,
    style: styleOf(line.stderr, run),
    // Nothing can be redrawn on a terminal that only appends.
    ci: environment.ci || line.variables["TERM"] === "dumb",
    verbose: run.verbose,
    redact: createRedact([...run.secrets]),
  });
  const action = await route.command.load();
  const context = createContext({ values, signal, view, run });
  const work = perform(action, context);
  run.work = work;
  const result = await untilAborted(signal, work);
  view[Symbol.dispose]();
  return printResult(result, run, values);
}

async function perform(action: Action, context: ActionContext): Promise<ActionResult> {
  return action(context);
}

function chooseRoute(argv: readonly string[]): Route {
  const route = findRoute(commands, argv);
  if (route !== undefined) return route;
  const words = leadingWords(argv);
  if (words.length === 0 || commandsUnder(commands, words).length > 0) {
    const rest = argv.filter((word) => word.startsWith("-") && word !== "-h" && word !== "--help");
    return { command: help, words: [...words, ...rest] };
  }
  throw unknownCommand(commands, words);
}

function createContext(options: {
  readonly values: OptionValues;
  readonly signal: AbortSignal;
  readonly view: ActionView;
  readonly run: Run;
}): ActionContext {
  const { values, signal, view, run } = options;
  const { line, environment } = run;
  return {
    values,
    environment,
    signal,
    onProgress: (progress) => {
      run.stored.note(progress);
      view.show(progress);
    },
    style: styleOf(line.stdout, run),
    now: () => line.now(),
    readInput: (asked) => readInput(line, asked?.maxBytes),
    askSecret: async (question) => {
      if (line.stdin.isTTY !== true || line.stderr.isTTY !== true) return undefined;
      const { askSecret } = await import("./terminal/ask-secret.ts");
      const secret = await askSecret(question, { stdin: line.stdin, stderr: line.stderr, signal });
      run.secrets.add(secret);
      return secret;
    },
    hide: (secret) => void run.secrets.add(secret),
    wrote: (what) => {
      run.written.push(what);
      run.stored.clear();
    },
  };
}

type ActionView = { readonly show: ActionContext["onProgress"] };

function deadline(signal: AbortSignal, milliseconds: number | undefined): AbortSignal {
  if (milliseconds === undefined) return signal;
  const controller = new AbortController();
  setTimeout(() => controller.abort(timedOut(milliseconds)), milliseconds).unref();
  return AbortSignal.any([signal, controller.signal]);
}

async function readInput(line: CommandLine, maxBytes = maxInputBytes): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of line.stdin) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) {
      throw new ScError("FILE_UNREADABLE", `standard input: more than ${maxBytes} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function printResult(result: ActionResult, run: Run, values: OptionValues): Promise<number> {
  const { line } = run;
  const redact = createRedact([...run.secrets]);
  const { stepSummary } = run.environment;
  if (stepSummary !== undefined && result.summary !== undefined) {
    const { appendStepSummary } = await import("./step-summary.ts");
    const told = await appendStepSummary(stepSummary, redact(result.summary()));
    if (told !== undefined) await writeNotice(line.stderr, `${told}\n`);
  }
  if (result.document !== undefined) await writeResult(line.stdout, result.document);
  else if (run.json) await writeResult(line.stdout, redact(resultDocument(result, run)));
  else if (isShown(result, run, values)) {
    const text = fitted(redact(result.text()), run, values);
    if (text !== "") await writeResult(line.stdout, `${text}\n`);
    if (line.stdout.isTTY === true && !values.flag("silent") && result.next !== undefined) {
      const { unseenSteps } = await import("./next-steps.ts");
      const steps = await unseenSteps(result.next, { command: run.command, values, environment: run.environment });
      if (steps.length > 0) await writeResult(line.stdout, redact(nextLines(steps, run)));
    }
  }
  return result.outcome === "pass" ? 0 : exitOf(result, run);
}

function exitOf({ exitCode = 1 }: ActionResult, { environment }: Run): number {
  return exitCode === 4 && environment.exitCompat ? 1 : exitCode;
}

// A report is never wider than the terminal. What is shown for its own sake, or in a form that was named, stays as it is.
function fitted(text: string, run: Run, values: OptionValues): string {
  if (run.command?.shows === true || values.isGiven("format")) return text;
  return fitLines(text, styleOf(run.line.stdout, run).columns);
}

// `--silent` leaves what was asked for by name: a form of the result, or a command that only shows. A no says why.
function isShown({ outcome }: ActionResult, { command }: Run, values: OptionValues): boolean {
  return !values.flag("silent") || outcome !== "pass" || command?.shows === true || values.isGiven("format");
}

function nextLines(next: readonly (readonly [string, string])[], run: Run): string {
  const style = styleOf(run.line.stdout, run);
  return next.map(([label, command]) => `\n  ${style.paint("dim", label.padEnd(9))} ${command}`).join("") + "\n";
}

function schemaOf(command: CommandDefinition | undefined): string {
  return `urn:sc:${command?.path.join("-") ?? "error"}:1`;
}

function resultDocument(result: ActionResult, run: Run): string {
  const head = { schema: schemaOf(run.command), sc: version, outcome: result.outcome };
  return `${JSON.stringify({ ...head, ...result.report }, undefined, 2)}\n`;
}

async function printFailure(error: unknown, run: Run): Promise<number> {
  const { line } = run;
  const redact = createRedact([...run.secrets]);
  const failure = await failureOf(error, run);
  if (run.json) {
    const document = { schema: schemaOf(run.command), sc: version, outcome: failure.outcome, error: failure.json };
    // Where standard output is what failed, standard error says so.
    await writeNotice(line.stdout, redact(`${JSON.stringify(document, undefined, 2)}\n`));
  }
  await writeNotice(line.stderr, redact(`${failure.text}\n`));
  return failure.exitCode;
}

async function failureOf(error: unknown, run: Run): Promise<Failure> {
  const written = [...run.written, ...run.stored.list()];
  const style = styleOf(run.line.stderr, run);
  if (error instanceof Interrupted) return describeInterruption(written, style);
  const [{ describeFailure }, { findLocalImage }] = [await import("./failure.ts"), await import("./local-image.ts")];
  return describeFailure(error, {
    style,
    verbose: run.verbose,
    exitCompat: run.environment.exitCompat,
    written,
    local: await findLocalImage(run.images, error, { documents: run.command?.path.join(" ") === "image scan" }),
  });
}

function styleOf(stream: OutputStream, run: Run): Style {
  const color = run.color ?? run.environment.color ?? stream.isTTY === true;
  return createStyle({ color, unicode: run.environment.unicode, columns: stream.columns });
}

function asksForJson(line: CommandLine): boolean {
  const { argv } = line;
  const format = argv.indexOf("--format");
  if (argv.includes("--json") || argv.includes("--format=json")) return true;
  return (
    (format !== -1 && argv[format + 1] === "json") ||
    line.variables["SC_JSON"] === "1" ||
    line.variables["SC_JSON"] === "true"
  );
}
