import { setImmediate } from "node:timers/promises";
import { Decoder, isScError, parseJson, ScError } from "@sc/model";
import type { Inflate } from "./decompress.ts";
import { canInflateDirectly, createDirectDecoder } from "./direct-inflate.ts";
import { type Slot, SlotRing } from "./slot-ring.ts";

/** What a thread needs to inflate one stream for another thread; it survives being posted. */
export interface InflateRequest {
  readonly compression: "gzip" | "zstd";
  /** What the stream is called in errors. */
  readonly where: string;
  /** The ring that the compressed bytes come by. */
  readonly input: SharedArrayBuffer;
  /** The ring that the inflated bytes go by. */
  readonly output: SharedArrayBuffer;
}

/** Another thread that calls `serveInflation` with what it is sent. */
export interface InflateThread {
  /** Sends it a request. */
  send(request: InflateRequest): void;
  /** Names what is to be called whenever the thread sends the message that `serveInflation` was given to send. */
  onWake(listener: () => void): void;
  /** Rejects when the thread ends or cannot begin; never resolves while it may answer. */
  readonly gone: Promise<never>;
}

// Compressed bytes ahead of the inflating thread: what is read from a disk in a few milliseconds.
const inputSize = { slots: 8, slotBytes: 256 * 1024 };
// Inflated bytes ahead of the walking thread: a reader that takes some milliseconds over a file stops nobody. A slot
// stays in the processor's cache; larger and smaller ones were no faster.
const outputSize = { slots: 16, slotBytes: 256 * 1024 };
// Slots emptied between two turns of the event loop: about a millisecond of work.
const turnSlots = 4;

/**
 * Inflates in another thread, while this one hashes what goes in and walks what comes out.
 *
 * Both ways are bounded rings of shared memory. What comes out, and the error it ends with, is what inflating in this
 * thread gives. Where the thread ends, what `gone` rejects with is thrown. `undefined` where this Node.js cannot do it.
 */
export function inflateBeside(thread: InflateThread): Inflate | undefined {
  if (!canInflateDirectly()) return undefined;
  return async function* inflate(source, { where, compression, signal, meter }) {
    const input = new SlotRing(inputSize);
    const output = new SlotRing(outputSize);
    const stopped = Promise.withResolvers<never>();
    // It is told by the closed rings; that nobody may ask for the reason is no error.
    stopped.promise.catch(() => undefined);
    const close = (): void => {
      input.close();
      output.close();
    };
    const stop = (reason: unknown): void => {
      stopped.reject(reason);
      close();
    };
    const abort = (): void => stop(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      thread.gone.catch(stop);
      thread.onWake(() => {
        input.wake();
        output.wake();
      });
      thread.send({ compression, where, input: input.memory, output: output.memory });
      const feeding = feed(source, input);
      feeding.catch(() => undefined);
      for (let turn = 1; ; turn++) {
        const slot = await output.next();
        if (slot === undefined) return await stopped.promise;
        meter.addInput(slot.note);
        if (slot.kind === "error") throw errorIn(slot);
        // What the source threw, once everything that came before it has come out.
        if (slot.kind !== "data") return await feeding;
        yield slot.bytes;
        output.release();
        if (turn % turnSlots === 0) await setImmediate();
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      close();
    }
  };
}

/** Puts the source into the ring. Throws what the source throws, after the ring was told to stop. */
async function feed(source: AsyncIterable<Uint8Array>, ring: SlotRing): Promise<void> {
  const filler = new SlotFiller(ring);
  try {
    for await (const chunk of source) {
      if (!(await filler.add(chunk))) return;
    }
  } catch (error) {
    await filler.end("stop");
    throw error;
  }
  await filler.end("end");
}

/** Gathers chunks of any length into whole slots. */
class SlotFiller {
  readonly #ring: SlotRing;
  #room: Uint8Array | undefined;
  #used = 0;

  constructor(ring: SlotRing) {
    this.#ring = ring;
  }

  /** False when the ring is closed. */
  async add(chunk: Uint8Array): Promise<boolean> {
    for (let at = 0; at < chunk.length;) {
      this.#room ??= await this.#ring.room();
      if (this.#room === undefined) return false;
      const piece = chunk.subarray(at, at + this.#room.length - this.#used);
      this.#room.set(piece, this.#used);
      this.#used += piece.length;
      at += piece.length;
      if (this.#used === this.#room.length) this.#flush();
    }
    return true;
  }

  async end(kind: "end" | "stop"): Promise<void> {
    if (this.#used > 0) this.#flush();
    if ((await this.#ring.room()) !== undefined) this.#ring.fill(kind, 0);
  }

  #flush(): void {
    this.#ring.fill("data", this.#used);
    this.#room = undefined;
    this.#used = 0;
  }
}

/** Thrown inside the inflating thread when the other one has closed the rings. */
class RingClosed extends Error {}

/**
 * Inflates one stream for another thread, and blocks this one until the stream ends or the other thread closes it.
 *
 * `wake` sends the other thread a message that makes it look again. Throws nothing: what is wrong with the stream goes
 * the way of its bytes.
 */
export function serveInflation({ compression, where, input, output }: InflateRequest, wake: () => void): void {
  const from = new SlotRing(input, wake);
  const to = new SlotRing(output, wake);
  let taken = 0;
  const nextOutput = (): Buffer => {
    const room = to.roomSync();
    if (room === undefined) throw new RingClosed();
    return room;
  };
  const hand = (kind: Slot["kind"], bytes: number): void => {
    to.fill(kind, bytes, taken);
    taken = 0;
  };
  const handAll = (pieces: Iterable<Uint8Array>): void => {
    for (const piece of pieces) hand("data", piece.length);
  };
  try {
    using decoder = createDirectDecoder(compression, { where, nextOutput });
    for (let slot = from.nextSync(); slot !== undefined; slot = from.nextSync()) {
      const { kind, bytes } = slot;
      taken += bytes.length;
      if (kind === "data") handAll(decoder.write(bytes));
      if (kind === "end") handAll(decoder.finish());
      from.release();
      if (kind === "data") continue;
      nextOutput();
      return hand(kind, 0);
    }
  } catch (error) {
    const room = error instanceof RingClosed ? undefined : to.roomSync();
    if (room !== undefined) hand("error", room.write(JSON.stringify(messageOf(error))));
  }
}

function messageOf(error: unknown): Record<string, string | undefined> {
  if (isScError(error)) return { code: error.code, message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}

function errorIn({ bytes }: Slot): Error {
  const error = new Decoder(parseJson(bytes, "inflating thread"), "inflating thread");
  const message = error.member("message").string();
  const code = error.member("code").optional((present) => present.string());
  const hint = error.member("hint").optional((present) => present.string());
  if (code === undefined) return new Error(message);
  return new ScError(code, message, hint === undefined ? {} : { hint });
}
