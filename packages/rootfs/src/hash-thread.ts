import { Buffer } from "node:buffer";
import { Worker } from "node:worker_threads";
import { type Digest, type DigestAlgorithm, parseDigest } from "@sc/model";
import type { ByteHash, HashAlgorithms, LayerHashes } from "./layer-hashes.ts";
import { WorkerGone } from "./worker-pool.ts";

/** Starts a thread that runs a script, given what it finds as its `workerData`. */
export type StartThread = (script: string, workerData: unknown) => Worker;

// Words that both threads see: a number that every change raises, slots filled and slots emptied since the beginning
// (both go round at 32 bits), whether no more is wanted, whether the main thread must be sent a message at the next
// change. Then for each slot its hash and its bytes, or `end`.
const words = { changes: 0, filled: 1, emptied: 2, closed: 3, asleep: 4, slots: 5 };
const end = -1;
// A power of two, for counts go round. Together they stay in the cache of the thread that fills them.
const slotCount = 8;
const slotBytes = 256 * 1024;
const dataStart = 128;

/**
 * The other side of the ring. A script and not a file: it starts sooner than a module of this
 * repository with all that it imports, it can be started wherever this package was bundled to, and it needs nothing but Node.js.
 *
 * It sleeps on the word that every change raises, which it has read before it looked: no change is missed.
 */
const script = `"use strict";
const { createHash } = require("node:crypto");
const { parentPort, workerData } = require("node:worker_threads");
const { memory, words, end, slotCount, slotBytes, dataStart, algorithms } = workerData;
const state = new Int32Array(memory, 0, words.slots + 2 * slotCount);
const hashes = algorithms.map((algorithm) => createHash(algorithm));
for (let count = 0; ; ) {
  const seen = Atomics.load(state, words.changes);
  if (Atomics.load(state, words.closed) === 1) break;
  if (Atomics.load(state, words.filled) === count) {
    Atomics.wait(state, words.changes, seen);
    continue;
  }
  const slot = count & (slotCount - 1);
  const [hash, bytes] = state.subarray(words.slots + 2 * slot, words.slots + 2 * slot + 2);
  if (bytes === end) parentPort.postMessage({ hash, digest: hashes[hash].digest("hex") });
  else hashes[hash].update(new Uint8Array(memory, dataStart + slot * slotBytes, bytes));
  count = (count + 1) | 0;
  Atomics.store(state, words.emptied, count);
  if (Atomics.exchange(state, words.asleep, 0) === 1) parentPort.postMessage({});
}`;

/** What the thread sends: the digest of one of its hashes, or nothing where there is room again. */
interface ThreadMessage {
  readonly hash?: number;
  readonly digest?: string;
}

/**
 * Takes a layer's digests in another thread, while this one inflates and walks.
 *
 * Bytes go there in a bounded ring of shared memory: what is stored is copied into it, and so is content
 * from gzip; zstd is inflated into it. The digests are those that `createLayerHashes` gives. Where the thread
 * cannot start or ends, whatever waits for it throws `WorkerGone`.
 */
export class HashThread implements LayerHashes {
  readonly stored: ByteHash;
  readonly content: ByteHash | undefined;
  readonly #memory = new SharedArrayBuffer(dataStart + slotCount * slotBytes);
  readonly #words = new Int32Array(this.#memory, 0, dataStart / Int32Array.BYTES_PER_ELEMENT);
  readonly #slots = Array.from({ length: slotCount }, (_, slot) =>
    Buffer.from(this.#memory, dataStart + slot * slotBytes, slotBytes),
  );
  readonly #worker: Worker;
  readonly #exited = Promise.withResolvers<void>();
  readonly #digests = new Map<number, string>();
  readonly #sleepers: (() => void)[] = [];
  #failure: WorkerGone | undefined;

  constructor({ stored, content }: HashAlgorithms, start: StartThread = startThread) {
    const algorithms = content === undefined ? [stored] : [stored, content];
    this.stored = this.#hash(0, stored);
    this.content = content === undefined ? undefined : this.#hash(1, content);
    const layout = { words, end, slotCount, slotBytes, dataStart };
    try {
      this.#worker = start(script, { ...layout, memory: this.#memory, algorithms });
    } catch (error) {
      throw new WorkerGone(error);
    }
    const gone = (reason: unknown): void => {
      this.#failure ??= new WorkerGone(reason);
      this.#wake();
    };
    this.#worker
      .on("message", ({ hash, digest }: ThreadMessage) => {
        if (hash !== undefined && digest !== undefined) this.#digests.set(hash, digest);
        this.#wake();
      })
      .on("error", gone)
      .on("exit", (code) => {
        gone(code);
        this.#exited.resolve();
      });
    // It keeps the process alive only while something waits for it.
    this.#worker.unref();
  }

  /** The slot that is filled next. There is room after every call that adds something has resolved. */
  readonly nextOutput = (): Buffer => {
    const room = this.#room();
    if (room === undefined) throw new Error("the ring of hashes is written to before there is room");
    return room;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    Atomics.store(this.#words, words.closed, 1);
    this.#changed();
    this.#worker.ref();
    await this.#exited.promise;
  }

  #hash(hash: number, algorithm: DigestAlgorithm): ByteHash {
    return {
      update: async (bytes) => this.#add(hash, bytes),
      finish: async (): Promise<Digest> => {
        await this.#untilRoom();
        this.#fill(hash, end);
        await this.#until(() => this.#digests.has(hash));
        await this.#untilRoom();
        return parseDigest(`${algorithm}:${this.#digests.get(hash) ?? ""}`, "hashing thread");
      },
    };
  }

  async #add(hash: number, bytes: Uint8Array): Promise<void> {
    if (bytes.buffer === this.#memory) {
      if (bytes.byteOffset !== this.nextOutput().byteOffset)
        throw new Error("a slot of the ring is filled out of turn");
      this.#fill(hash, bytes.length);
    } else {
      for (let at = 0; at < bytes.length; at += slotBytes) {
        const room = await this.#untilRoom();
        const piece = bytes.subarray(at, at + slotBytes);
        room.set(piece);
        this.#fill(hash, piece.length);
      }
    }
    await this.#untilRoom();
  }

  /** Hands the next slot over. */
  #fill(hash: number, bytes: number): void {
    const count = Atomics.load(this.#words, words.filled);
    this.#words.set([hash, bytes], words.slots + 2 * (count & (slotCount - 1)));
    Atomics.store(this.#words, words.filled, (count + 1) | 0);
    this.#changed();
  }

  #changed(): void {
    Atomics.add(this.#words, words.changes, 1);
    Atomics.notify(this.#words, words.changes);
  }

  #room(): Buffer | undefined {
    const count = Atomics.load(this.#words, words.filled);
    const full = ((count - Atomics.load(this.#words, words.emptied)) | 0) === slotCount;
    return full ? undefined : this.#slots[count & (slotCount - 1)];
  }

  async #untilRoom(): Promise<Buffer> {
    for (;;) {
      const room = this.#room();
      if (room !== undefined) return room;
      await this.#until(() => this.#room() !== undefined);
    }
  }

  /** Waits, while other work has its turn, until something is so. Throws `WorkerGone`. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failure !== undefined) throw this.#failure;
      // Said before the last look: what changes after that look sends a message.
      Atomics.store(this.#words, words.asleep, 1);
      if (isSo()) return;
      this.#worker.ref();
      await new Promise<void>((resolve) => this.#sleepers.push(resolve));
      if (this.#sleepers.length === 0) this.#worker.unref();
    }
  }

  #wake(): void {
    for (const sleeper of this.#sleepers.splice(0)) sleeper();
  }
}

function startThread(code: string, workerData: unknown): Worker {
  return new Worker(code, { eval: true, workerData });
}
