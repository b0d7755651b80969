import type { Digest, Problem } from "@sc/model";
import type { CapturedFile, FileEntry } from "./entry.ts";
import type { FileCapture } from "./capture.ts";
import type { FileReader } from "./file-reader.ts";

/** A file that is read when its layer has ended, because others are read with it. */
export interface HeldFile {
  /** The index of its entry. */
  readonly index: number;
  readonly file: FileEntry;
  /** Disposed of by whoever holds the file. */
  readonly capture: FileCapture;
}

/** One reader's turn with a held file. */
export interface HeldRead {
  readonly index: number;
  readonly reader: FileReader<unknown>;
  readonly file: CapturedFile;
  /** By path. */
  readonly companions: ReadonlyMap<string, CapturedFile>;
}

/** A companion whose own file its layer does not have. */
export interface ApartFile {
  readonly index: number;
  readonly path: string;
  readonly reader: string;
  readonly problem: Problem;
}

/** The path of the file that a reader reads this one with; `undefined` where it is no companion, or has no content. */
export function companionOf(reader: FileReader<unknown>, { path, size }: FileEntry): string | undefined {
  return size > 0 ? reader.companionOf?.(path) : undefined;
}

/** Files of one layer that readers want to see together, whatever order they come in. */
export class HeldFiles implements Disposable {
  readonly #readers: readonly FileReader<unknown>[];
  readonly #maxFiles: number;
  readonly #held = new Map<string, HeldFile>();

  /** Readers without companions are never given anything. */
  constructor(readers: readonly FileReader<unknown>[], maxFiles: number) {
    this.#readers = readers.filter((reader) => reader.companionOf !== undefined);
    this.#maxFiles = maxFiles;
  }

  /** Whether any reader will see the file when the layer has ended; of some that are asked, where it is known which. */
  concerns(file: FileEntry, asked: readonly FileReader<unknown>[] = this.#readers): boolean {
    return asked.some(
      (reader) => reader.companionOf !== undefined && (reader.wants(file) || companionOf(reader, file) !== undefined),
    );
  }

  /** Takes a file over; false, and nothing taken, when there is no more room. */
  hold(held: HeldFile): boolean {
    if (this.#held.size >= this.#maxFiles && !this.#held.has(held.file.path)) return false;
    this.forget(held.file.path);
    this.#held.set(held.file.path, held);
    return true;
  }

  /** Drops what a later entry of the same path replaces. */
  forget(path: string): void {
    if (this.#held.size === 0) return;
    this.#held.get(path)?.capture[Symbol.dispose]();
    this.#held.delete(path);
  }

  /** Every file with what it is read with. */
  *reads(): Generator<HeldRead, void, undefined> {
    for (const { index, file, capture } of this.#held.values()) {
      for (const reader of this.#readers) {
        if (!reader.wants(file)) continue;
        yield { index, reader, file: capture.as(file), companions: this.#companions(reader, file.path) };
      }
    }
  }

  #companions(reader: FileReader<unknown>, path: string): ReadonlyMap<string, CapturedFile> {
    const belonging = this.#held.values().filter(({ file }) => companionOf(reader, file) === path);
    return new Map(belonging.map(({ file, capture }) => [file.path, capture.as(file)]));
  }

  /** Companions that nothing here was read with. */
  *apart(layer: Digest): Generator<ApartFile, void, undefined> {
    for (const { index, file } of this.#held.values()) {
      for (const reader of this.#readers) {
        const belongs = companionOf(reader, file);
        const main = belongs === undefined ? undefined : this.#held.get(belongs)?.file;
        if (belongs === undefined || (main !== undefined && reader.wants(main))) continue;
        const { path } = file;
        const message = `the file belongs to ${JSON.stringify(belongs)}, which is not in its layer: what it changes is not seen`;
        const where = { path, layer, cataloger: reader.id };
        const problem: Problem = { kind: "problem", code: "COMPANION_APART", message, ...where, incomplete: true };
        yield { index, path, reader: reader.id, problem };
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { capture } of this.#held.values()) capture[Symbol.dispose]();
    this.#held.clear();
  }
}
