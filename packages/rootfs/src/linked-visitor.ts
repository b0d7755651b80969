import { normalizeEntryPath, type TarEntry, type TarVisitor } from "@sc/archive";
import { type Digest, type Problem } from "@sc/model";
import { FileCapture } from "./capture.ts";
import { CaptureMemory } from "./capture-memory.ts";
import { readFacts } from "./file-reading.ts";
import type { FileEntry } from "./entry.ts";
import type { FileReader } from "./file-reader.ts";
import { HeldFiles } from "./held-files.ts";
import type { LinkedFact, LinkedRead } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { SpoolFiles } from "./spool-files.ts";
import { parseWhiteout } from "./whiteout.ts";

/** What the second pass over a layer needs. */
export interface LinkedVisitorOptions {
  readonly digest: Digest;
  readonly reads: readonly LinkedRead[];
  readonly budget: MemoryBudget;
  readonly limits: RootfsLimits;
}

/** Reads, in a second pass over a layer, the files that turned out to be wanted under other paths. */
export class LinkedVisitor implements TarVisitor, Disposable {
  readonly #facts: LinkedFact[] = [];
  readonly #readers: ReadonlyMap<string, FileReader<unknown>>;
  readonly #reads: ReadonlyMap<number, readonly LinkedRead[]>;
  readonly #options: LinkedVisitorOptions;
  readonly #held: HeldFiles;
  readonly #memory: CaptureMemory;
  readonly #spools = new SpoolFiles();
  #index = 0;
  #passing: { readonly reads: readonly LinkedRead[]; readonly capture: FileCapture; readonly mode: number } | undefined;

  constructor(readers: readonly FileReader<unknown>[], options: LinkedVisitorOptions) {
    this.#options = options;
    this.#memory = new CaptureMemory(options.budget);
    this.#held = new HeldFiles(readers, options.limits.maxHeldFiles);
    this.#readers = new Map(readers.map((reader) => [reader.id, reader]));
    this.#reads = Map.groupBy(options.reads, (read) => read.entry);
  }

  entry(entry: TarEntry): boolean {
    if (!isLogged(entry)) return false;
    const reads = this.#reads.get(this.#index++);
    if (reads === undefined || entry.type !== "file") return false;
    const { limits, digest } = this.#options;
    if (entry.size > limits.maxFileBytes) {
      for (const { path, readers } of reads) {
        const message = `the file has ${entry.size} bytes, at most ${limits.maxFileBytes} are read`;
        const problem: Problem = {
          kind: "problem",
          code: "FILE_TOO_LARGE",
          message,
          path,
          layer: digest,
          incomplete: true,
        };
        this.#facts.push(...readers.map((reader) => ({ path, reader, value: { ...problem, cataloger: reader } })));
      }
      return false;
    }
    this.#passing = {
      reads,
      capture: new FileCapture(entry.size, { limits, memory: this.#memory, spools: this.#spools }),
      mode: entry.mode,
    };
    return true;
  }

  content(piece: Uint8Array): boolean {
    this.#passing?.capture.append(piece);
    return true;
  }

  contentEnd(): void {
    const passing = this.#passing;
    this.#passing = undefined;
    if (passing === undefined) return;
    const { capture, mode } = passing;
    let held = false;
    for (const { entry, path, readers } of passing.reads) {
      const file: FileEntry = { path, type: "file", size: capture.size, mode };
      const concerned = this.#held.concerns(file);
      held = (concerned && this.#held.hold({ index: entry, file, capture })) || held;
      for (const id of readers) {
        const reader = this.#readers.get(id);
        if (reader === undefined || (concerned && reader.companionOf !== undefined)) continue;
        this.#add(path, id, readFacts(reader, capture.as(file), { layer: this.#options.digest }));
      }
    }
    if (!held) capture[Symbol.dispose]();
  }

  /** Reads the files that waited for their companions, once the layer has ended. */
  finish(): readonly LinkedFact[] {
    for (const { reader, file, companions } of this.#held.reads()) {
      this.#add(file.path, reader.id, readFacts(reader, file, { layer: this.#options.digest, companions }));
    }
    for (const { path, reader, problem } of this.#held.apart(this.#options.digest)) this.#add(path, reader, problem);
    return this.#facts;
  }

  [Symbol.dispose](): void {
    this.#passing?.capture[Symbol.dispose]();
    this.#held[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#spools[Symbol.dispose]();
  }

  #add(path: string, reader: string, value: unknown): void {
    if (value !== undefined) this.#facts.push({ path, reader, value });
  }
}

/** Whether the first pass gave the entry an index: the two have to count alike. */
function isLogged(entry: TarEntry): boolean {
  const path = normalizeEntryPath(entry.path);
  if (path === undefined) return false;
  const whiteout = parseWhiteout(path);
  if (whiteout !== undefined) return whiteout.kind === "whiteout" || whiteout.kind === "opaque";
  if (entry.type !== "hardlink") return true;
  const target = normalizeEntryPath(entry.linkPath);
  return target !== undefined && target !== "";
}
