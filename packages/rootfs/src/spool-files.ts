import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a file that is kept for the next use may take on the disk: most programs fit, a machine-learning model does not. */
const maxIdleBytes = 256 * 2 ** 20;

/** A file that no path leads to. */
export interface SpoolFile {
  readonly descriptor: number;
  /** Bytes it has on the disk. */
  length: number;
}

/**
 * Files for what is too large for memory. One that is given back is kept, and its content is written over: that takes a
 * fifth of the processor time that a new file takes, whose pages have to be made and taken away again.
 */
export class SpoolFiles implements Disposable {
  #idle: SpoolFile | undefined;
  #open = true;

  /** A file for reading and writing, with whatever was written to it before. */
  take(): SpoolFile {
    const idle = this.#idle;
    this.#idle = undefined;
    return idle ?? { descriptor: openUnnamedFile(), length: 0 };
  }

  /** Takes a file back for the next one who needs one. */
  giveBack(file: SpoolFile): void {
    if (this.#open && this.#idle === undefined && file.length <= maxIdleBytes) this.#idle = file;
    else closeSync(file.descriptor);
  }

  [Symbol.dispose](): void {
    this.#open = false;
    if (this.#idle !== undefined) closeSync(this.#idle.descriptor);
    this.#idle = undefined;
  }
}

/** A file for reading and writing that no path leads to, so that nothing is left behind however the process ends. */
function openUnnamedFile(): number {
  const path = join(tmpdir(), `sc-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}
