import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import type { ToWorker } from "./worker-messages.ts";

/** Workers that read layers. */
export interface WorkerOptions {
  /** Starts a worker whose entry calls `serveLayers` with the same readers. */
  readonly create: () => Worker;
  /** How many run at once. Default: one per core. */
  readonly count?: number;
  /** Compressed bytes from which a layer alone has a thread that takes its digests. Default: 32 MiB. */
  readonly minBesideBytes?: number;
}

// Hashing them, and what comes out of them, takes several times as long as starting a thread.
const defaultMinBesideBytes = 32 * 2 ** 20;

// A thread that was asked to end does so within the piece it is at; one that does not is none of ours.
const closeMilliseconds = 1000;

/** A worker that ended, or could not begin, for reasons that have nothing to do with the layer. */
export class WorkerGone extends Error {
  constructor(reason: unknown) {
    super(reason instanceof Error ? reason.message : `it ended with code ${String(reason)}`);
  }
}

/**
 * Workers for the layers of one image or, kept by the caller, of several: a worker costs more to start than a small
 * layer to read. None is started before it is needed; `count` bounds how many read at once, whoever asks. All end with
 * the pool.
 */
export class WorkerPool implements WorkerOptions, AsyncDisposable {
  readonly create: () => Worker;
  readonly count: number;
  readonly minBesideBytes: number;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Whether the main thread walks a layer while another hashes it: one at a time, or they would hold each other up. */
  beside = false;
  /** Set once a worker ended by itself: from then on layers are read without workers. */
  broken = false;

  constructor({ create, count, minBesideBytes = defaultMinBesideBytes }: WorkerOptions) {
    this.create = create;
    this.count = concurrencyOf(count);
    this.minBesideBytes = minBesideBytes;
  }

  /** Runs work when fewer than `count` others run. */
  async inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.count) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits takes over this one's turn.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** A worker that is idle, or a new one. Throws `WorkerGone`. */
  take(): Worker {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    try {
      const worker = this.create();
      this.#all.add(worker);
      // One that ends while it is idle is not given out again, and ends nobody's process.
      worker.on("error", () => undefined).on("exit", () => this.#forget(worker));
      return worker;
    } catch (error) {
      throw new WorkerGone(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Keeps a worker for the next layer, or ends one that may still be at the last. */
  async putBack(worker: Worker | undefined, done: boolean): Promise<void> {
    if (worker === undefined) return;
    if (done) {
      this.#idle.push(worker);
      return;
    }
    // Until it has ended the pool has it: whoever closes the pool waits for it too.
    await endThread(worker);
    this.#all.delete(worker);
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map(endThread));
    this.#all.clear();
    this.#idle.length = 0;
  }
}

/**
 * Lets a worker end by itself. To end it from outside, wherever it is, is left for one that does not listen: a worker
 * that is terminated while it starts or is within native code can take the process with it (nodejs/node#56312).
 */
async function endThread(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return;
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  worker.once("exit", () => resolve());
  const message: ToWorker = { type: "close" };
  worker.postMessage(message, []);
  const timer = setTimeout(() => void worker.terminate(), closeMilliseconds);
  await exited;
  clearTimeout(timer);
}

/** How many layers can be read at once. */
export function concurrencyOf(count: number | undefined): number {
  return Math.max(1, count ?? availableParallelism());
}

/** Whether a layer of so many bytes is worth a thread that takes its digests. */
export function canHashBeside(
  { count, minBesideBytes = defaultMinBesideBytes }: WorkerOptions,
  bytes: number,
): boolean {
  return concurrencyOf(count) > 1 && bytes >= minBesideBytes;
}
