import type { Worker } from "node:worker_threads";
import { type Digest, type ProgressListener, ScError } from "@sc/model";
import { HashThread } from "./hash-thread.ts";
import type { LayerSource } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { contentAlgorithmOf, type LayerWalker, type LayerWalkerOptions } from "./layer-walker.ts";
import { canHashBeside, WorkerGone, type WorkerPool } from "./worker-pool.ts";
import type { FromWorker, ToWorker, WalkRequest } from "./worker-messages.ts";

/** Compressed bytes that may be on their way to a worker. */
const windowBytes = 8 * 2 ** 20;

/** What a walker in workers needs to know. */
export interface WorkerWalkerOptions extends LayerWalkerOptions {
  readonly onProgress: ProgressListener | undefined;
  /** Compressed bytes of the layers that are not done yet. */
  readonly left: ReadonlyMap<Digest, number>;
  /** Walks layers in this thread. */
  inProcess(parts: Pick<LayerWalkerOptions, "openHashes">): LayerWalker;
}

/**
 * A walker that reads each layer whole in a worker, several at once. A layer so large that the others would be done
 * long before it is walked in this thread, while another takes its digests.
 *
 * Where workers cannot run, layers are read in this thread and a notice says so once.
 */
export class WorkerWalker implements LayerWalker {
  readonly #pool: WorkerPool;
  readonly #fallback: LayerWalker;
  readonly #beside: LayerWalker;
  readonly #options: WorkerWalkerOptions;

  constructor(pool: WorkerPool, options: WorkerWalkerOptions) {
    this.#pool = pool;
    this.#fallback = options.inProcess({});
    this.#beside = options.inProcess({ openHashes: (algorithms) => new HashThread(algorithms) });
    this.#options = options;
  }

  async layer(layer: LayerSource): Promise<LayerRecord> {
    if (this.#holdsUp(layer)) return this.#walkBeside(async (walker) => walker.layer(layer));
    const answer = await this.#ask(layer, {});
    if (answer?.type === "record") return answer.record;
    return this.#fallback.layer(layer);
  }

  async linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
    if (this.#holdsUp(layer)) return this.#walkBeside(async (walker) => walker.linked(layer, reads));
    const answer = await this.#ask(layer, { reads });
    if (answer?.type === "linked") return answer.facts;
    return this.#fallback.linked(layer, reads);
  }

  /** Whether one thread would still be at this layer long after the others have shared the rest. */
  #holdsUp({ descriptor: { digest, size } }: LayerSource): boolean {
    if (this.#pool.broken || this.#pool.beside || !canHashBeside(this.#pool, size)) return false;
    let others = 0;
    for (const [other, bytes] of this.#options.left) if (other !== digest) others += bytes;
    // Half as large again: below it a thread more than there are cores costs what it saves.
    return size > (1.5 * others) / (this.#pool.count - 1);
  }

  /** Walks in this thread while another takes the digests; alone in this thread where that cannot be. */
  async #walkBeside<Result>(walk: (walker: LayerWalker) => Promise<Result>): Promise<Result> {
    this.#pool.beside = true;
    try {
      return await walk(this.#beside);
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      this.#reportOnce(error);
    } finally {
      this.#pool.beside = false;
    }
    return walk(this.#fallback);
  }

  async #ask(layer: LayerSource, part: Pick<WalkRequest, "reads">): Promise<FromWorker | undefined> {
    return await this.#pool.inTurn(async () => await this.#askNow(layer, part));
  }

  async #askNow(layer: LayerSource, part: Pick<WalkRequest, "reads">): Promise<FromWorker | undefined> {
    if (this.#pool.broken) return undefined;
    const { limits, budget, signal } = this.#options;
    signal?.throwIfAborted();
    const file = layer.file === undefined ? {} : { file: layer.file };
    const request: WalkRequest = {
      type: "walk",
      descriptor: layer.descriptor,
      contentAlgorithm: contentAlgorithmOf(layer, this.#options),
      limits,
      budget: budget.shared,
      ...file,
      ...part,
    };
    let worker: Worker | undefined;
    let done = false;
    try {
      worker = this.#pool.take();
      const answer = await converse(worker, request, { layer, signal });
      done = true;
      return answer;
    } catch (error) {
      if (!(error instanceof WorkerGone)) throw error;
      this.#reportOnce(error);
      return undefined;
    } finally {
      await this.#pool.putBack(worker, done);
    }
  }

  #reportOnce(error: WorkerGone): void {
    if (this.#pool.broken) return;
    this.#pool.broken = true;
    this.#options.onProgress?.({
      type: "notice",
      level: "warning",
      code: "WORKERS_UNAVAILABLE",
      message: `layers are read in the main thread, because a worker thread ended: ${error.message}`,
    });
  }
}

interface Conversation {
  readonly layer: LayerSource;
  readonly signal: AbortSignal | undefined;
}

/** Sends a layer to a worker and gives its answer. Throws the layer's error, `WorkerGone`, or the signal's reason. */
async function converse(worker: Worker, request: WalkRequest, { layer, signal }: Conversation): Promise<FromWorker> {
  const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
  const flow = new Flow();
  const gone = (reason: unknown): void => reject(new WorkerGone(reason));
  const message = (answer: FromWorker): void => {
    if (answer.type === "taken") flow.taken(answer.bytes);
    else if (answer.type === "error") reject(errorOf(answer.error));
    else resolve(answer);
  };
  const abort = (): void => reject(signal?.reason);
  worker.on("message", message).on("error", gone).on("exit", gone);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    send(worker, request);
    if (request.file === undefined) stream(worker, layer, flow).catch(reject);
    return await promise;
  } finally {
    flow.stop();
    signal?.removeEventListener("abort", abort);
    worker.off("message", message).off("error", gone).off("exit", gone);
  }
}

async function stream(worker: Worker, layer: LayerSource, flow: Flow): Promise<void> {
  for await (const chunk of await layer.open()) {
    await flow.room();
    if (flow.stopped) return;
    // Copied before it is transferred: the chunk may be a part of what its source still needs.
    const bytes = new Uint8Array(chunk);
    flow.sent(bytes.length);
    send(worker, { type: "chunk", bytes }, [bytes.buffer]);
  }
  if (!flow.stopped) send(worker, { type: "end" });
}

function send(worker: Worker, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer);
}

function errorOf({ code, message, hint, facts }: Extract<FromWorker, { type: "error" }>["error"]): Error {
  if (code === undefined) return new ScError("WORKER_FAILED", `a worker thread could not read a layer: ${message}`);
  return new ScError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(facts === undefined ? {} : { facts }),
  });
}

/** Bytes that are on their way, so that no more are than fit the window. */
class Flow {
  stopped = false;
  #bytes = 0;
  #wake: (() => void) | undefined;

  sent(bytes: number): void {
    this.#bytes += bytes;
  }

  taken(bytes: number): void {
    this.#bytes -= bytes;
    this.#wake?.();
  }

  stop(): void {
    this.stopped = true;
    this.#wake?.();
  }

  async room(): Promise<void> {
    while (this.#bytes > windowBytes && !this.stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
