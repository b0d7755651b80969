/** Runs commands of the command line one after the other, in this process, and keeps how long each took. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { main } from "@sc/cli";

/** What a step gives: a value and what to say of it. */
export interface Said<Value> {
  readonly value: Value;
  readonly said: string;
}

interface Taken {
  readonly name: string;
  readonly milliseconds: number;
}

/** The words that name a command, then its options. */
export type CommandWords = readonly [command: string, ...options: readonly string[]];

/** A command that failed: what it said, and its exit code. */
export class QuickstartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One run of the quickstart. */
export class ChainRun {
  readonly #folder: string;
  readonly #taken: Taken[] = [];
  // A key of this run alone: nobody needs its password afterwards.
  readonly #password = randomBytes(24).toString("base64url");

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A path in the folder of this run. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Runs a step of our own and says what came of it. */
  async step<Value>(name: string, work: () => Promise<Said<Value>>): Promise<Value> {
    const began = performance.now();
    const { value, said } = await work();
    this.#finish(name, began, said);
    return value;
  }

  /** Runs a command, shows it and the first line of its answer, and returns its JSON document. */
  async sc(name: string, words: CommandWords): Promise<Record<string, unknown>> {
    const began = performance.now();
    const document = await this.call(words);
    this.#finish(name, began, `sc ${words[0]}${saidOf(document)}`);
    return document;
  }

  /** Runs a command and returns its JSON document. Throws `QuickstartError`. */
  async call([command, ...options]: CommandWords): Promise<Record<string, unknown>> {
    const stdout = collect();
    const stderr = collect();
    const exitCode = await main({
      argv: [...command.split(" "), ...options, "--json", "--quiet"],
      variables: { ...process.env, COSIGN_PASSWORD: this.#password, SC_CACHE_DIR: this.path("cache") },
      platform: process.platform,
      stdin: Readable.from([]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      signal: new AbortController().signal,
      now: () => new Date(),
    });
    if (exitCode !== 0)
      throw new QuickstartError(`$ sc ${[command, ...options].join(" ")}\n${stderr.text()}`, exitCode);
    return JSON.parse(stdout.text());
  }

  /** Prints and returns what was found, how long it took and where the files are. */
  summarize(found: {
    readonly made: Record<string, unknown>;
    readonly scanned: Record<string, unknown>;
    readonly folder: string;
  }): string {
    const packages = Object.entries(found.made["packages"] as Record<string, number>);
    const findings = found.scanned["findings"] as readonly unknown[];
    const total = this.#taken.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const text = [
      "",
      `found     ${packages.map(([type, count]) => countOf(count, `${type} package`)).join(", ") || "no packages"},`,
      `          ${countOf(findings.length, "known vulnerability")} (by a few dozen sample advisories)`,
      "signed    image and SBOM, with a key made for this run; both verified",
      `took      ${(total / 1000).toFixed(1)} s`,
      `files     ${found.folder}: sbom.cdx.json, sbom.spdx.json, scan.txt, scan.json,`,
      "          verify.json, verified.cdx.json, quickstart.pub",
      "",
    ].join("\n");
    console.log(text);
    return text;
  }

  #finish(name: string, began: number, said: string): void {
    const milliseconds = performance.now() - began;
    this.#taken.push({ name, milliseconds });
    console.log(`${name.padEnd(12)} ${said.padEnd(56)} ${(milliseconds / 1000).toFixed(2).padStart(6)} s`);
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** What a command's document says in a few words. */
function saidOf(document: Record<string, unknown>): string {
  const { packages, findings, keyId, records, verified, facts } = document as Partial<Record<string, unknown>>;
  if (Array.isArray(findings)) return `: ${countOf(findings.length, "finding")}`;
  if (typeof packages === "object" && packages !== null) {
    const total = Object.values(packages).reduce((sum: number, count) => sum + Number(count), 0);
    return `: ${countOf(total, "package")}`;
  }
  if (typeof keyId === "string") return `: ${keyId.slice(0, 19)}`;
  if (Array.isArray(records)) return `: ${countOf(records.length, "form")}`;
  if (typeof verified === "number") return `: ${countOf(verified, "image")} verified`;
  return typeof facts === "object" && facts !== null && "ecosystems" in facts ? ": sample advisories" : "";
}

function collect(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
