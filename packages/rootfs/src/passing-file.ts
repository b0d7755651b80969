import type { Digest } from "@sc/model";
import { type CaptureOptions, FileCapture } from "./capture.ts";
import type { CapturedFile, FileEntry } from "./entry.ts";
import type { FilePart, FileReader, FileScan } from "./file-reader.ts";
import { factsOf, readFacts } from "./file-reading.ts";

type Readers = readonly FileReader<unknown>[];

/** What a reader gave of a file, or that it has to see all of it. */
export type PassedFacts = { readonly value: unknown } | "unheld";

/**
 * The content of a wanted file as it passes: what is held of it, and who looks at it meanwhile.
 *
 * A file too large for memory is held in the parts that its readers look at, as far as they say so.
 */
export class PassingFile implements Disposable {
  readonly capture: FileCapture | undefined;
  readonly #file: FileEntry;
  readonly #scans: ReadonlyMap<FileReader<unknown>, RunningScan>;
  #captured: CapturedFile | undefined;

  /** Holds all of the file. */
  static whole(file: FileEntry, options: CaptureOptions): PassingFile {
    return new PassingFile(file, new FileCapture(file.size, options), []);
  }

  /** Holds what the readers of a file that begins so look at. */
  static parts(
    file: FileEntry,
    readers: Readers,
    options: CaptureOptions & { readonly first: Uint8Array },
  ): PassingFile {
    const scanning = readers.filter((reader) => reader.scan !== undefined);
    const reading = readers.filter((reader) => reader.scan === undefined);
    const parts = partsOf(file, reading, options.first);
    const capture = reading.length === 0 ? undefined : new FileCapture(file.size, { ...options, parts });
    return new PassingFile(file, capture, scanning);
  }

  private constructor(file: FileEntry, capture: FileCapture | undefined, scanning: Readers) {
    this.#file = file;
    this.capture = capture;
    this.#scans = new Map(scanning.map((reader) => [reader, new RunningScan(reader, file)]));
  }

  /** The next bytes; false when nobody wants more. */
  append(piece: Uint8Array): boolean {
    this.capture?.append(piece);
    let wanted = this.capture !== undefined;
    for (const scan of this.#scans.values()) if (scan.push(piece)) wanted = true;
    return wanted;
  }

  /** The file as its readers see it; of one that is only looked at, nothing. */
  get captured(): CapturedFile | undefined {
    return (this.#captured ??= this.capture?.as(this.#file));
  }

  /** What a reader gives of the file, once it has passed. */
  read(reader: FileReader<unknown>, layer: Digest): PassedFacts {
    const scan = this.#scans.get(reader);
    const place = { path: this.#file.path, layer, cataloger: reader.id };
    if (scan !== undefined) return { value: factsOf(() => scan.finish(), place) };
    const { captured } = this;
    if (captured === undefined) return "unheld";
    const value = readFacts(reader, captured, { layer });
    return this.capture?.takeMissed() === true ? "unheld" : { value };
  }

  [Symbol.dispose](): void {
    this.capture?.[Symbol.dispose]();
  }
}

/** The parts that all of them say together; `undefined` where one of them does not say. */
function partsOf(file: FileEntry, readers: Readers, first: Uint8Array): readonly FilePart[] | undefined {
  const all: FilePart[] = [];
  for (const reader of readers) {
    const parts = reader.parts?.(first, file);
    if (parts === undefined) return undefined;
    all.push(...parts);
  }
  return all;
}

/** A scan that is not asked again once it wants no more, and whose failure is that of its reader. */
class RunningScan {
  readonly #reader: FileReader<unknown>;
  readonly #file: FileEntry;
  #scan: FileScan<unknown> | undefined;
  #wanted = true;
  #failure: { readonly error: unknown } | undefined;

  constructor(reader: FileReader<unknown>, file: FileEntry) {
    this.#reader = reader;
    this.#file = file;
  }

  push(piece: Uint8Array): boolean {
    if (!this.#wanted) return false;
    try {
      this.#scan ??= this.#reader.scan?.(this.#file);
      this.#wanted = this.#scan?.push(piece) === true;
    } catch (error) {
      this.#failure = { error };
      this.#wanted = false;
    }
    return this.#wanted;
  }

  finish(): unknown {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#scan?.finish();
  }
}
