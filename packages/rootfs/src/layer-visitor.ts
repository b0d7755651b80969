import { Buffer } from "node:buffer";
import { normalizeEntryPath, type TarEntry, type TarVisitor } from "@sc/archive";
import { type Digest, type Problem, ScError } from "@sc/model";
import type { CaptureOptions, FileCapture } from "./capture.ts";
import { CaptureMemory } from "./capture-memory.ts";
import type { FileEntry } from "./entry.ts";
import { EntryLogWriter, type LogEntry, type LogKind } from "./entry-log.ts";
import { isProblem, readFacts } from "./file-reading.ts";
import type { FileReader } from "./file-reader.ts";
import { companionOf, HeldFiles } from "./held-files.ts";
import type { LayerRecord, LinkedRead, RecordedFact, RecordedProblem } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { PassingFile } from "./passing-file.ts";
import { ReaderIndex } from "./reader-index.ts";
import { Sniffers } from "./sniffers.ts";
import { SpoolFiles } from "./spool-files.ts";
import { parseWhiteout, type Whiteout } from "./whiteout.ts";

/** Bytes that `sniff` is given. */
const sniffBytes = 4096;
// What a hard link may name again is kept only when it is small.
const maxKeptFileBytes = 64 * 1024;

/** What the visitor of one layer needs. */
export interface LayerVisitorOptions {
  readonly digest: Digest;
  readonly budget: MemoryBudget;
  readonly limits: RootfsLimits;
}

interface Kept {
  readonly index: number;
  readonly capture: FileCapture;
  readonly file: FileEntry;
}

/** The file whose content passes now. */
interface Passing {
  readonly index: number;
  readonly file: FileEntry;
  readonly wanting: FileReader<unknown>[];
  /** Set once it is known who wants the content. */
  content: PassingFile | undefined;
  head: Uint8Array;
  /** Whether those who tell by content were asked. */
  sniffed: boolean;
  /** Whether it is read when the layer has ended. */
  readonly held: boolean;
}

/**
 * What is done with the entries of one layer as they pass: every one is logged, wanted files are captured and read.
 */
export class LayerVisitor implements TarVisitor, Disposable {
  readonly #readers: readonly FileReader<unknown>[];
  readonly #index: ReaderIndex;
  readonly #sniffers: Sniffers;
  readonly #digest: Digest;
  readonly #memory: CaptureMemory;
  readonly #spools = new SpoolFiles();
  readonly #limits: RootfsLimits;
  readonly #log = new EntryLogWriter();
  readonly #facts: RecordedFact[] = [];
  readonly #problems: RecordedProblem[] = [];
  readonly #links: [number, number][] = [];
  readonly #unheld: LinkedRead[] = [];
  readonly #kept = new Map<string, Kept>();
  readonly #held: HeldFiles;
  #keptBytes = 0;
  #whiteouts = 0;
  #passing: Passing | undefined;

  constructor(readers: readonly FileReader<unknown>[], { digest, budget, limits }: LayerVisitorOptions) {
    this.#readers = readers;
    this.#index = new ReaderIndex(readers);
    this.#sniffers = new Sniffers(readers);
    this.#digest = digest;
    this.#memory = new CaptureMemory(budget);
    this.#limits = limits;
    this.#held = new HeldFiles(readers, limits.maxHeldFiles);
  }

  entry(entry: TarEntry): boolean {
    const path = normalizeEntryPath(entry.path);
    if (path === undefined) {
      this.#report(
        "ENTRY_PATH_INVALID",
        `the entry ${JSON.stringify(entry.path.slice(0, 200))} lies outside the image`,
      );
      return false;
    }
    const whiteout = parseWhiteout(path);
    if (whiteout !== undefined) {
      this.#hide(whiteout, path);
      return false;
    }
    const { type, size, mode } = entry;
    if (type === "hardlink") {
      this.#link(path, entry.linkPath);
      return false;
    }
    const kind: LogKind = type === "file" || type === "directory" || type === "symlink" ? type : "other";
    const index = this.#append({ path, kind, size, mode, linkTarget: entry.linkPath });
    return kind === "file" && this.#begin(index, { path, type: "file", size, mode });
  }

  content(piece: Uint8Array): boolean {
    const passing = this.#passing;
    if (passing === undefined) return false;
    if (passing.content === undefined) return this.#sniff(passing, piece);
    if (passing.content.append(piece)) return true;
    this.contentEnd();
    return false;
  }

  contentEnd(): void {
    const passing = this.#passing;
    this.#passing = undefined;
    if (passing?.content === undefined) return;
    const { content, file, index, wanting, held } = passing;
    const { capture, captured } = content;
    if (captured !== undefined && !passing.sniffed && file.size > 0) {
      this.#sniffers.add(wanting, captured.readAt(0, sniffBytes), file);
    }
    const unheld: string[] = [];
    for (const reader of wanting) {
      if (reader.companionOf !== undefined && reader.wants(file)) continue;
      const facts = content.read(reader, this.#digest);
      if (facts === "unheld") unheld.push(reader.id);
      else this.#record(index, reader.id, facts.value);
    }
    if (unheld.length > 0) this.#unheld.push({ entry: index, path: file.path, readers: unheld });
    if (capture === undefined) return;
    if (held) this.#hold({ index, capture, file });
    else this.#keep({ index, capture, file });
  }

  globalRecords(records: ReadonlyMap<string, string>): void {
    const named = ["path", "linkpath", "size", "GNU.sparse.name", "GNU.sparse.map"].filter((key) => records.has(key));
    if (named.length === 0) return;
    this.#report(
      "LAYER_AMBIGUOUS",
      `a global header sets ${named.join(", ")}, which tools apply or ignore at their will`,
    );
  }

  /** Everything the layer gave, once its bytes have ended. */
  finish({ trailingData }: { readonly trailingData: boolean }): LayerRecord {
    this.#readHeld();
    if (trailingData) this.#report("LAYER_AMBIGUOUS", "data follows the end of the layer's tar, which some tools read");
    return {
      digest: this.#digest,
      log: this.#log.finish(),
      entries: this.#log.entries,
      whiteouts: this.#whiteouts,
      facts: this.#facts,
      problems: this.#problems,
      links: this.#links,
      ...(this.#unheld.length === 0 ? {} : { unheld: this.#unheld }),
    };
  }

  [Symbol.dispose](): void {
    this.#passing?.content?.[Symbol.dispose]();
    for (const { capture } of this.#kept.values()) capture[Symbol.dispose]();
    this.#kept.clear();
    this.#held[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#spools[Symbol.dispose]();
  }

  #append(entry: LogEntry): number {
    const index = this.#log.entries;
    this.#log.add(entry);
    const { maxPathBytes } = this.#limits;
    if (this.#log.bytes > maxPathBytes) {
      throw new ScError(
        "IMAGE_LIMIT_EXCEEDED",
        `layer ${this.#digest}: its paths take more than ${maxPathBytes} bytes`,
      );
    }
    this.#forget(entry.path);
    return index;
  }

  #hide(whiteout: Whiteout, path: string): void {
    if (whiteout.kind === "ignored") return;
    if (whiteout.kind === "invalid") {
      this.#report("WHITEOUT_INVALID", `the whiteout ${JSON.stringify(path)} names nothing`);
      return;
    }
    this.#whiteouts++;
    this.#append({ path: whiteout.path, kind: whiteout.kind, size: 0, mode: 0, linkTarget: "" });
  }

  #link(path: string, target: string): void {
    const normal = normalizeEntryPath(target);
    if (normal === undefined || normal === "") {
      this.#report(
        "HARDLINK_BROKEN",
        `a hard link names ${JSON.stringify(target.slice(0, 200))}, outside the image`,
        path,
      );
      return;
    }
    const kept = this.#kept.get(normal);
    const index = this.#append({ path, kind: "hardlink", size: 0, mode: 0, linkTarget: normal });
    if (kept === undefined || normal === path) return;
    this.#links.push([index, kept.index]);
    const file: FileEntry = { ...kept.file, path };
    for (const reader of this.#index.asked(path)) {
      if (!reader.wants(file)) continue;
      this.#record(index, reader.id, readFacts(reader, kept.capture.as(file), { layer: this.#digest }));
    }
  }

  #begin(index: number, file: FileEntry): boolean {
    const asked = this.#index.asked(file.path);
    const sniffing = file.size > 0 && this.#sniffers.any;
    if (asked.length === 0 && !sniffing) return false;
    const wanting = asked.length === 0 ? [] : asked.filter((reader) => reader.wants(file));
    const held = asked.length > 0 && this.#held.concerns(file, asked);
    if (wanting.length === 0 && !sniffing && !held) return false;
    const passing: Passing = { index, file, wanting, content: undefined, head: noBytes, sniffed: false, held };
    this.#passing = passing;
    const { maxMemoryFileBytes, maxFileBytes } = this.#limits;
    // Of a large file it is seen first who else wants it: it is held in parts where all say which they look at.
    const inParts = file.size > maxMemoryFileBytes && file.size <= maxFileBytes && wanting.every(looksAtParts);
    if (!held && (wanting.length === 0 || inParts)) return true;
    return this.#hasRoom(passing) && this.#holdWhole(passing);
  }

  #sniff(passing: Passing, piece: Uint8Array): boolean {
    const { file, wanting, head } = passing;
    const enough = Math.min(sniffBytes, file.size);
    const first = head.length === 0 ? piece : Buffer.concat([head, piece]);
    if (first.length < enough) {
      // The view is the tar reader's.
      passing.head = head.length === 0 ? Buffer.from(piece) : first;
      return true;
    }
    const shown = first.length === enough ? first : first.subarray(0, enough);
    this.#sniffers.add(wanting, shown, file);
    passing.sniffed = true;
    if (wanting.length === 0 || !this.#hasRoom(passing)) return false;
    if (file.size > this.#limits.maxMemoryFileBytes) {
      passing.content = PassingFile.parts(file, wanting, { ...this.#room(), first: shown });
    } else this.#holdWhole(passing);
    return this.content(first);
  }

  #holdWhole(passing: Passing): true {
    passing.content = PassingFile.whole(passing.file, this.#room());
    return true;
  }

  #room(): Pick<CaptureOptions, "memory" | "spools" | "limits"> {
    return { memory: this.#memory, spools: this.#spools, limits: this.#limits };
  }

  /** Whether the content may be held; false, and a problem, when it is too large. */
  #hasRoom({ file, index, wanting }: Passing): boolean {
    const { maxFileBytes } = this.#limits;
    if (file.size <= maxFileBytes) return true;
    this.#passing = undefined;
    const concerned = this.#readers.filter(
      (reader) => wanting.includes(reader) || companionOf(reader, file) !== undefined,
    );
    for (const reader of concerned) {
      const problem: Problem = {
        kind: "problem",
        code: "FILE_TOO_LARGE",
        message: `the file has ${file.size} bytes, at most ${maxFileBytes} are read`,
        path: file.path,
        layer: this.#digest,
        cataloger: reader.id,
        incomplete: true,
      };
      this.#problems.push({ entry: index, problem });
    }
    return false;
  }

  #record(entry: number, reader: string, value: unknown): void {
    if (isProblem(value)) this.#problems.push({ entry, problem: value });
    else if (value !== undefined) this.#facts.push({ entry, reader, value });
  }

  #hold(held: Kept): void {
    if (this.#held.hold(held)) return;
    held.capture[Symbol.dispose]();
    this.#report(
      "COMPANION_LIMIT_EXCEEDED",
      `more than ${this.#limits.maxHeldFiles} files of the layer would have to be read together`,
      held.file.path,
    );
  }

  /** Reads the files that waited for their companions. */
  #readHeld(): void {
    for (const { index, reader, file, companions } of this.#held.reads()) {
      this.#record(index, reader.id, readFacts(reader, file, { layer: this.#digest, companions }));
    }
    for (const { index, problem } of this.#held.apart(this.#digest)) this.#problems.push({ entry: index, problem });
  }

  #keep(kept: Kept): void {
    const { size, path } = kept.file;
    const room = size <= maxKeptFileBytes && this.#keptBytes + size <= this.#limits.maxKeptBytes;
    if (!room || !kept.capture.inMemory) {
      kept.capture[Symbol.dispose]();
      return;
    }
    this.#forget(path);
    this.#kept.set(path, kept);
    this.#keptBytes += size;
  }

  /** What was kept of a path means nothing once a later entry has it. */
  #forget(path: string): void {
    this.#held.forget(path);
    const kept = this.#kept.get(path);
    if (kept === undefined) return;
    this.#kept.delete(path);
    this.#keptBytes -= kept.file.size;
    kept.capture[Symbol.dispose]();
  }

  #report(code: string, message: string, path?: string): void {
    const where = path === undefined ? {} : { path };
    this.#problems.push({
      problem: { kind: "problem", code, message, ...where, layer: this.#digest, incomplete: true },
    });
  }
}

const noBytes = new Uint8Array(0);

/** Whether a reader can do with less than all of a large file. */
function looksAtParts(reader: FileReader<unknown>): boolean {
  return reader.parts !== undefined || reader.scan !== undefined;
}
