import { ScError } from "@sc/model";
import type { ArchiveLimits } from "./limits.ts";

/** Counts what goes in and what comes out, and throws when it is too much. */
export class OutputMeter {
  readonly #where: string;
  readonly #limits: ArchiveLimits;
  #in = 0;
  #out = 0;

  constructor(where: string, limits: ArchiveLimits) {
    this.#where = where;
    this.#limits = limits;
  }

  /** Bytes that went in; to be said before what came out of them. */
  addInput(bytes: number): void {
    this.#in += bytes;
  }

  /** Bytes that came out. Throws `ARCHIVE_LIMIT_EXCEEDED`. */
  add(bytes: number): void {
    this.#out += bytes;
    const { maxOutputBytes, maxRatio, ratioGraceBytes } = this.#limits;
    if (this.#out > maxOutputBytes) this.#refuse(`${this.#out} bytes came out, at most ${maxOutputBytes} may`);
    if (this.#out > ratioGraceBytes && this.#out > this.#in * maxRatio) {
      this.#refuse(`${this.#out} bytes came out of ${this.#in}, at most ${maxRatio} for one may`);
    }
  }

  #refuse(what: string): never {
    throw new ScError("ARCHIVE_LIMIT_EXCEEDED", `${this.#where}: ${what}`, {
      hint: "Raise the limit only for content you trust.",
    });
  }
}
