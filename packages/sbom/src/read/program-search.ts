import type { Buffer } from "node:buffer";
import type { FileEntry, FileScan } from "@sc/rootfs";
import { isExecutable } from "./executable.ts";
import { codeParts } from "./executable-parts.ts";
import { noteUnsearched, PassingSearch, TextSearch } from "./find-text.ts";
import type { KnownProgram } from "./known-program.ts";
import { programsNamed, versionFileNamed } from "./known-programs.ts";

/** Which program a file is. */
export interface KnownBinary {
  readonly name: string;
  readonly version: string;
  readonly cpe: readonly [vendor: string, product: string];
}

/** Code of so many bytes need not be searched: less is not worth telling from what is around it. */
const minSkippedBytes = 1_048_576;
/** A file of text that holds a version holds it here. */
const versionFileBytes = 1024;

/**
 * Tells which program a file is while it passes: the first of those of its name, by the first of its patterns, that fits
 * anywhere in the file. What comes later in that order is not looked for once something before it was found.
 */
export class ProgramSearch implements FileScan<KnownBinary> {
  readonly #file: FileEntry;
  readonly #search: PassingSearch;
  #candidates: Candidate[] | undefined;
  #stated: KnownBinary | undefined;

  constructor(file: FileEntry) {
    this.#file = file;
    const { size } = file;
    this.#search = new PassingSearch({
      size,
      look: (window, from, to) => this.#look(window, from, to),
      skip: (first) => codeParts(first, size).filter(({ start, end }) => end - start >= minSkippedBytes),
    });
  }

  push(piece: Uint8Array): boolean {
    return this.#search.push(piece);
  }

  finish(): KnownBinary | undefined {
    this.#search.finish();
    const candidates = this.#candidates ?? [];
    if (this.#stated !== undefined || candidates.length === 0) return this.#stated;
    noteUnsearched(this.#file.size);
    for (const { program, search } of candidates) {
      const version = search.finish();
      if (version !== undefined) return { name: program.name, version, cpe: program.cpe };
    }
    return undefined;
  }

  #look(window: Buffer, from: number, to: number): boolean {
    // The first window begins where the file does.
    this.#candidates ??= this.#begin(window);
    for (const [index, { search }] of this.#candidates.entries()) {
      search.look(window, from, to);
      if (search.found) this.#candidates.length = index + 1;
    }
    return this.#candidates.some(({ search }) => search.open);
  }

  #begin(window: Buffer): Candidate[] {
    const known = versionFileNamed(this.#file.path);
    const version = known?.pattern.exec(window.toString("latin1", 0, versionFileBytes))?.[1];
    if (known !== undefined && version !== undefined) {
      this.#stated = { name: known.name, version, cpe: known.cpe };
      return [];
    }
    const executable = isExecutable(window);
    return programsNamed(this.#file.path)
      .filter(({ plain }) => executable || plain === true)
      .map((program) => ({ program, search: new PatternSearch(program) }));
  }
}

interface Candidate {
  readonly program: KnownProgram;
  readonly search: PatternSearch;
}

/** Looks for what tells one program. */
class PatternSearch {
  readonly #required: TextSearch | undefined;
  readonly #patterns: TextSearch[];

  constructor({ requires, patterns }: KnownProgram) {
    this.#required = requires === undefined ? undefined : new TextSearch({ literal: requires, pattern: /([^])/ });
    this.#patterns = patterns.map((pattern) => new TextSearch(pattern));
  }

  /** Whether the file is this program, by some pattern. */
  get found(): boolean {
    return this.#isThere && this.#patterns.some(({ found }) => found !== undefined);
  }

  /** Whether looking further can change anything. */
  get open(): boolean {
    return this.#isThere ? this.#patterns.some(({ open }) => open) : this.#required?.open === true;
  }

  look(window: Buffer, from: number, to: number): void {
    if (this.#required?.open === true) this.#required.look(window, from, to);
    for (const [index, search] of this.#patterns.entries()) {
      if (search.open) search.look(window, from, to);
      if (search.found !== undefined) this.#patterns.length = index + 1;
    }
  }

  /** The version by the first pattern that fits. */
  finish(): string | undefined {
    if (this.#required !== undefined && this.#required.finish() === undefined) return undefined;
    for (const search of this.#patterns) {
      const version = search.finish();
      if (version !== undefined) return version;
    }
    return undefined;
  }

  get #isThere(): boolean {
    return this.#required === undefined || this.#required.found !== undefined;
  }
}
