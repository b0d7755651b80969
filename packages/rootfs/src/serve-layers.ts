import type { MessagePort } from "node:worker_threads";
import { isScError } from "@sc/model";
import { MemoryBudget } from "./memory-budget.ts";
import { readFileRange } from "./file-range.ts";
import type { FileReader } from "./file-reader.ts";
import { readLinkedFiles, walkLayer } from "./walk-layer.ts";
import type { ErrorMessage, FromWorker, ToWorker, WalkRequest } from "./worker-messages.ts";

/** The readers of a worker, or how they are loaded once it is told to read a layer. */
export type ServedReaders = readonly FileReader<unknown>[] | (() => Promise<readonly FileReader<unknown>[]>);

/**
 * Makes a worker thread read layers with the given readers: the one line of a worker's entry file.
 *
 * `walkLayers` is told how to start such a worker; its readers must be the same. Readers that are a function are loaded
 * when they are first needed.
 */
export function serveLayers(port: MessagePort, readers: ServedReaders): void {
  let running: Running | undefined;
  const closed = new AbortController();
  port.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "walk":
        running = new Running(port);
        void answer(port, readers, { request: message, running, signal: closed.signal });
        break;
      case "chunk":
        running?.push(message.bytes);
        break;
      case "end":
        running?.push(undefined);
        break;
      case "close":
        closed.abort();
        port.close();
        break;
    }
  });
}

interface Answering {
  readonly request: WalkRequest;
  readonly running: Running;
  readonly signal: AbortSignal;
}

async function answer(
  port: MessagePort,
  served: ServedReaders,
  { request, running, signal }: Answering,
): Promise<void> {
  try {
    const readers = typeof served === "function" ? await served() : served;
    const { descriptor, limits, contentAlgorithm, file, reads } = request;
    const budget = new MemoryBudget(request.budget);
    const options = { descriptor, limits, budget, signal };
    const source = file === undefined ? running : readFileRange(file);
    if (reads !== undefined) {
      const facts = await readLinkedFiles(source, readers, { ...options, reads });
      post(port, { type: "linked", facts });
      return;
    }
    const record = await walkLayer(source, readers, { ...options, contentAlgorithm });
    post(
      port,
      { type: "record", record },
      record.log.map(({ buffer }) => buffer),
    );
  } catch (error) {
    post(port, { type: "error", error: messageOf(error) });
  }
}

function post(port: MessagePort, message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function messageOf(error: unknown): ErrorMessage {
  if (isScError(error)) {
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { code: error.code, message: error.message, facts: error.facts, ...hint };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}

/** The bytes of the layer that is read now, as they are posted. */
class Running implements AsyncIterable<Uint8Array> {
  readonly #port: MessagePort;
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #wake: (() => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  push(chunk: Uint8Array | undefined): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (this.#chunks.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return;
      post(this.#port, { type: "taken", bytes: chunk.length });
      yield chunk;
    }
  }
}
