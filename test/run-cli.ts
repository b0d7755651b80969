import { Readable, Writable } from "node:stream";
import { type CommandLine, main } from "@sc/cli";
import { faultsOfRun } from "./own-schema.ts";

/** What one run of the command line came to. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given besides its words. */
export interface RunOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Whether both outputs are a terminal. */
  readonly terminal?: boolean;
  /** What the clock shows; a fixed day where it does not matter. */
  readonly now?: Date;
}

/** Runs the command line in this process with streams of its own and an environment that is empty but for what is given. */
export async function runCli(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { variables = {}, input = "", terminal = false, now = new Date("2026-11-21T00:00:00Z") } = options;
  const stdout = collect(terminal);
  const stderr = collect(terminal);
  const line: CommandLine = {
    argv,
    variables,
    platform: "linux",
    stdin: Readable.from([Buffer.from(input)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: options.signal ?? new AbortController().signal,
    now: () => now,
  };
  const exitCode = await main(line);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(terminal: boolean): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return {
    stream: terminal ? Object.assign(stream, { isTTY: true, columns: 80 }) : stream,
    text: () => Buffer.concat(chunks).toString(),
  };
}

/** The JSON document that a run wrote. One of a run through the chain is what its published schema says, whoever asks. */
export function documentOf(ran: Ran): Record<string, unknown> {
  const document: Record<string, unknown> = JSON.parse(ran.stdout);
  const faults = isRunReport(document) ? faultsOfRun(document) : undefined;
  if (faults !== undefined) throw new Error(`the run report is not what its schema says: ${faults}`);
  return document;
}

// `sc image sign` answers by the chain only where more than a signature is asked for.
function isRunReport({ schema, summary }: Record<string, unknown>): boolean {
  if (schema === "urn:sc:image-sign:1") return summary !== undefined;
  return /^urn:sc:(?:secure|release-create|stack-[a-z]+):1$/.test(String(schema));
}
