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
  /** What could not be read and may have held packages, one sentence each. */
  readonly damage?: readonly string[];
}

/** Collects faults up to the limit and counts the rest. */
export class FaultList {
  readonly #messages: string[] = [];
  #omitted = 0;
  #truncated = false;
  readonly #damage: string[] = [];

  add(message: string): void {
    if (this.#messages.length < limits.maxFaults) this.#messages.push(message);
    else this.#omitted += 1;
  }

  /** Notes that the rest of the file was not read. */
  truncate(message: string): void {
    this.#truncated = true;
    this.#messages.push(message);
  }

  /** Notes that a part of the file could not be read: packages may be missing. */
  lose(message: string): void {
    if (this.#damage.length < limits.maxFaults) this.#damage.push(message);
    else this.#omitted += 1;
  }

  /** The faults, or `undefined` when there were none. */
  finish(): Faults | undefined {
    if (this.#messages.length === 0 && this.#damage.length === 0) return undefined;
    return {
      messages: this.#messages,
      omitted: this.#omitted,
      ...(this.#truncated ? { truncated: true } : {}),
      ...(this.#damage.length > 0 ? { damage: this.#damage } : {}),
    };
  }
}

/** The problems that a file's faults are. */
export function* faultProblems(path: string, faults: Faults | undefined): Generator<Problem> {
  if (faults === undefined) return;
  for (const message of faults.messages) {
    yield { kind: "problem", code: "RECORD_MALFORMED", message: `${path}: ${message}`, path };
  }
  for (const message of faults.damage ?? []) {
    yield { kind: "problem", code: "DATABASE_DAMAGED", message: `${path}: ${message}`, path, incomplete: true };
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
