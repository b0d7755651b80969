import { createDigest, type Digest, type Inventory } from "@sc/model";
import { detectCi, findFormat, writeSbom } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { writeUserFile } from "./files.ts";
import type { Output } from "./outputs.ts";
import { printable } from "./terminal/printable.ts";
import { formatBytes } from "./terminal/quantity.ts";
import { version } from "./version.ts";

/** A document that was written to a file, as the JSON of a command says it. */
interface WrittenDocument {
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** The documents that are in files, and the one for standard output, which is made as it is taken. */
export interface WrittenDocuments {
  readonly written: readonly WrittenDocument[];
  readonly document?: AsyncIterable<Uint8Array>;
}

/**
 * Writes an inventory in every format asked for, chunk by chunk: however many packages it has, no document is in memory
 * whole. A file is there whole or not at all. `configuration` names the options that decided what the inventory holds.
 * Throws `FILE_UNWRITABLE`.
 */
export async function writeDocuments(
  inventory: Inventory,
  outputs: readonly Output[],
  { context, configuration }: { readonly context: ActionContext; readonly configuration?: string | undefined },
): Promise<WrittenDocuments> {
  const { sourceDate: timestamp, variables } = context.environment;
  const options = { timestamp, tool: { name: "sc", version }, configuration, build: detectCi(variables) };
  const written: WrittenDocument[] = [];
  let document: AsyncIterable<Uint8Array> | undefined;
  for (const { format, path } of outputs) {
    const measured = new MeasuredChunks(writeSbom(inventory, format, options), context.signal);
    if (path === undefined) document = measured.chunks();
    else {
      await writeUserFile(path, measured.chunks());
      context.wrote(path);
      written.push({ format, path, bytes: measured.bytes, digest: measured.digest() });
    }
  }
  return document === undefined ? { written } : { written, document };
}

/** A line for people about a file that was written. */
export function describeDocument(one: WrittenDocument, style: ActionContext["style"]): string {
  const { title } = findFormat(one.format);
  return `${style.paint("good", style.good)} ${printable(one.path)}  ${title}, ${formatBytes(one.bytes)}, ${one.digest.slice(0, 19)}`;
}

/** Chunks that are counted and hashed as they pass. */
class MeasuredChunks {
  bytes = 0;
  readonly #source: Iterable<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #digest = createDigest();

  constructor(source: Iterable<Uint8Array>, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (const chunk of this.#source) {
      this.#signal.throwIfAborted();
      this.bytes += chunk.length;
      this.#digest.update(chunk);
      yield chunk;
    }
  }

  /** The digest of all chunks; once they have been taken, and once only. */
  digest(): Digest {
    return this.#digest.finish();
  }
}
