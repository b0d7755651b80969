import type { Problem } from "@sc/model";
import { limits } from "../limits.ts";

/** What was wrong with single records of a file whose other records were read: plain data, kept with the facts. */
export interface Faults {
  /** One sentence each, the place first. */
  readonly messages: readonly string[];
  /** How many more there were. */
  readonly omitted: number;
  /** Set when records were left unread because there were too many. */
  readonly truncated?: true;
}

/** Collects faults up to the limit and counts the rest. */
export class FaultList {
  readonly #messages: string[] = [];
  #omitted = 0;
  #truncated = false;

  add(message: string): void {
    if (this.#messages.length < limits.maxFaults) this.#messages.push(message);
    else this.#omitted += 1;
  }

  /** Notes that the rest of the file was not read. */
  truncate(message: string): void {
    this.#truncated = true;
    this.#messages.push(message);
  }

  /** The faults, or `undefined` when there were none. */
  finish(): Faults | undefined {
    if (this.#messages.length === 0) return undefined;
    const faults = { messages: this.#messages, omitted: this.#omitted };
    return this.#truncated ? { ...faults, truncated: true } : faults;
  }
}

/** The problems that a file's faults are. */
export function* faultProblems(path: string, faults: Faults | undefined): Generator<Problem> {
  if (faults === undefined) return;
  for (const message of faults.messages) {
    yield { kind: "problem", code: "RECORD_MALFORMED", message: `${path}: ${message}`, path };
  }
  if (faults.omitted > 0) {
    const message = `${path}: ${faults.omitted} more malformed records`;
    yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
  }
  if (faults.truncated === true) {
    const message = `${path}: more records than are read from one file`;
    yield { kind: "problem", code: "TOO_MANY_RECORDS", message, path, incomplete: true };
  }
}
