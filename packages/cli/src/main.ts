import type { Readable, Writable } from "node:stream";
import type { Variables } from "./environment.ts";
import { version } from "./version.ts";

/** A stream that text is written to, and what it knows of the terminal behind it. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
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
    const written = await new Promise<boolean>((resolve) => {
      line.stdout.write(`sc ${version}\n`, (error) => resolve(error === undefined || error === null));
    });
    if (written) return 0;
    // The command of that name has the time to say why not.
    return main({ ...line, argv: ["version"] });
  }
  const { runCommandLine } = await import("./run-command-line.ts");
  return runCommandLine(line);
}
