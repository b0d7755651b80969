#!/usr/bin/env node
// The only module that acts when it is loaded: it hands the process's own streams, words and variables to `main`.
import { Interrupted } from "./interruption.ts";
import { main } from "./main.ts";

// An old Node.js would fail at some later import with an error that says nothing.
if (Number.parseInt(process.versions.node, 10) < 22) {
  process.stderr.write(`sc needs Node.js 22.22.2 or newer; this is ${process.versions.node}\n`);
  process.exit(2);
}

const interruption = new AbortController();
// Who asks a second time does not want to wait for what is being tidied up.
const interrupt = (): void => (interruption.signal.aborted ? process.exit(130) : interruption.abort(new Interrupted()));
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

// What cannot be written is told to whoever writes it. An error that nobody listens for would end the process in 1, which
// says that something was checked and the answer is no.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

// Node.js 22 calls its SQLite experimental in every run that reads a database: who runs sc can do nothing about it. What
// else it warns of is told as ever.
const tell = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") for (const listener of tell) listener(warning);
});

const exitCode = main({
  argv: process.argv.slice(2),
  variables: process.env,
  platform: process.platform,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  now: () => new Date(),
});

async function end(): Promise<void> {
  process.exitCode = await exitCode;
  // Work that did not stop in time must not keep an interrupted process alive.
  if (interruption.signal.aborted) process.exit();
}

void end();
