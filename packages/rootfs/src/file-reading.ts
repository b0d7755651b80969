import { type Digest, hasCode, type Problem } from "@sc/model";
import type { CapturedFile } from "./entry.ts";
import type { FileReader } from "./file-reader.ts";

/** The facts of one file, or what went wrong; `undefined` when it holds none. */
export function readFacts(
  reader: FileReader<unknown>,
  file: CapturedFile,
  { layer, companions }: { readonly layer: Digest; readonly companions?: ReadonlyMap<string, CapturedFile> },
): unknown {
  return factsOf(() => apart(reader.read(file, companions), file), { path: file.path, layer, cataloger: reader.id });
}

// What is cut out of a text keeps all of it in memory; from here on that is more than to copy the facts of a file costs.
const minApartBytes = 16 * 1024;

/** Facts that hold nothing of the file they were read from but what they say. */
function apart(facts: unknown, { size }: CapturedFile): unknown {
  return size < minApartBytes || facts === undefined ? facts : structuredClone(facts);
}

/** Where facts are read, as problems name it. */
export interface FactsPlace {
  readonly path: string;
  readonly layer: Digest;
  /** The reader's id. */
  readonly cataloger: string;
}

/** What the reading of facts gives; where it throws, the problem that is. */
export function factsOf(read: () => unknown, where: FactsPlace): unknown {
  try {
    const value = read();
    return isProblem(value) ? { ...value, ...where } : value;
  } catch (error) {
    // One hostile file must not end the scan of an image; that it could not be read stays visible.
    const tooLarge = hasCode(error, "FILE_TOO_LARGE");
    const reason = error instanceof Error ? error.message : String(error);
    return {
      kind: "problem",
      code: tooLarge ? "FILE_TOO_LARGE" : "FILE_UNREADABLE",
      message: `the file cannot be read as evidence: ${reason}`,
      ...where,
      incomplete: true,
    } satisfies Problem;
  }
}

/** Whether what a reader gave is a problem. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "problem" && "code" in value;
}
