import type { Readable, Writable } from "node:stream";
import type { Variables } from "./environment.ts";
import { version } from "./version.ts";

/** A stream that text is written to, and what it knows of the terminal behind it. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** A stream that is read, and whether a person is behind it. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean;
}

/** Everything one run of the command line is given from outside: the process's own, or a test's. */
export interface CommandLine {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly variables: Variables;
  readonly platform: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted with `Interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  now(): Date;
}

/** Runs one command line and returns its exit code; never throws and never ends the process. */
export async function main(line: CommandLine): Promise<number> {
  const [first] = line.argv;
  if (first === "--version" || first === "-V") {
    line.stdout.write(`sc ${version}\n`);
    return 0;
  }
  const { runCommandLine } = await import("./run-command-line.ts");
  return runCommandLine(line);
}
