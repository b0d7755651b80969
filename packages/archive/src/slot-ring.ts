import { Buffer } from "node:buffer";

/** What a filled slot of a ring is. */
export type SlotKind =
  /** Bytes, and more may come. */
  | "data"
  /** The stream is complete. */
  | "end"
  /** Nothing more comes, but the stream is not complete: whoever filled the ring knows why. */
  | "stop"
  /** What went wrong, as JSON. */
  | "error";

/** A filled slot, as whoever empties it sees it. */
export interface Slot {
  readonly kind: SlotKind;
  /** Valid until the slot is released. */
  readonly bytes: Buffer;
  /** A number that whoever filled it wrote beside it. */
  readonly note: number;
}

/** How large a ring is. */
export interface RingSize {
  readonly slots: number;
  readonly slotBytes: number;
}

const kinds: readonly SlotKind[] = ["data", "end", "stop", "error"];
// Words of the header: a number that every change raises, slots filled, slots emptied, whether it is closed, the size,
// whether a thread sleeps that must be woken by a message.
const changes = 0;
const filled = 1;
const emptied = 2;
const closed = 3;
const size = 4;
const asleep = 6;
const headerWords = 7;
const slotWords = 3;

/**
 * A bounded queue of bytes between one thread that fills it and one that empties it, in memory both see.
 *
 * Either side closes it, and both are woken: no wait outlasts that. A thread that blocks waits on one word that every
 * change raises; one with other work to do goes on with it and is sent a message, but only when it said that it sleeps.
 * Both look again after they said that they wait, so that no change between the look and the wait is missed.
 */
export class SlotRing {
  /** What the other thread makes its own ring of. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #slots: readonly Buffer[];
  readonly #wakeOther: () => void;
  #sleeper: (() => void) | undefined;

  /**
   * A new ring, or the one that another thread made. `wakeOther` is called when the other thread sleeps and something
   * has changed: it must make that thread call `wake` of its own ring. A thread that only blocks needs none.
   */
  constructor(from: RingSize | SharedArrayBuffer, wakeOther: () => void = () => undefined) {
    this.#wakeOther = wakeOther;
    const fresh = !(from instanceof SharedArrayBuffer);
    this.memory = fresh
      ? new SharedArrayBuffer(4 * (headerWords + from.slots * slotWords) + from.slots * from.slotBytes)
      : from;
    if (fresh) new Int32Array(this.memory, 4 * size, 2).set([from.slots, from.slotBytes]);
    const [slots = 0, slotBytes = 0] = new Int32Array(this.memory, 4 * size, 2);
    this.#words = new Int32Array(this.memory, 0, headerWords + slots * slotWords);
    const start = this.#words.byteLength;
    this.#slots = Array.from({ length: slots }, (_, slot) =>
      Buffer.from(this.memory, start + slot * slotBytes, slotBytes),
    );
  }

  /** Whether one of the threads has closed it. */
  get isClosed(): boolean {
    return Atomics.load(this.#words, closed) === 1;
  }

  /** Ends every wait of both threads; nothing that is in it will be emptied. */
  close(): void {
    Atomics.store(this.#words, closed, 1);
    this.#changed();
    this.wake();
  }

  /** Lets this thread look again, if it sleeps. */
  wake(): void {
    const sleeper = this.#sleeper;
    this.#sleeper = undefined;
    sleeper?.();
  }

  /** Waits, blocking this thread, for a slot to fill; `undefined` once the ring is closed. */
  roomSync(): Buffer | undefined {
    for (;;) {
      const seen = Atomics.load(this.#words, changes);
      const room = this.#room();
      if (this.isClosed || room !== undefined) return this.isClosed ? undefined : room;
      Atomics.wait(this.#words, changes, seen);
    }
  }

  /** As `roomSync`, but other work of this thread has its turn. */
  async room(): Promise<Buffer | undefined> {
    for (;;) {
      const room = this.#room();
      if (this.isClosed || room !== undefined) return this.isClosed ? undefined : room;
      await this.#sleepUnless(() => this.#room() !== undefined);
    }
  }

  /** Hands over the slot that was waited for last, so many bytes of it. */
  fill(kind: SlotKind, bytes: number, note: number = 0): void {
    const count = Atomics.load(this.#words, filled);
    const at = headerWords + (count % this.#slots.length) * slotWords;
    this.#words[at] = kinds.indexOf(kind);
    this.#words[at + 1] = bytes;
    this.#words[at + 2] = note;
    Atomics.store(this.#words, filled, this.#after(count));
    this.#changed();
  }

  /** Waits, blocking this thread, for a filled slot; `undefined` once the ring is closed. */
  nextSync(): Slot | undefined {
    for (;;) {
      const seen = Atomics.load(this.#words, changes);
      const next = this.#next();
      if (this.isClosed || next !== undefined) return this.isClosed ? undefined : next;
      Atomics.wait(this.#words, changes, seen);
    }
  }

  /** As `nextSync`, but other work of this thread has its turn. */
  async next(): Promise<Slot | undefined> {
    for (;;) {
      const next = this.#next();
      if (this.isClosed || next !== undefined) return this.isClosed ? undefined : next;
      await this.#sleepUnless(() => this.#next() !== undefined);
    }
  }

  /** Gives the slot that was emptied last back to be filled again. */
  release(): void {
    Atomics.store(this.#words, emptied, this.#after(Atomics.load(this.#words, emptied)));
    this.#changed();
  }

  // Counts go round at twice the slots: equal counts are an empty ring, counts a whole round apart a full one.

  #after(count: number): number {
    return (count + 1) % (2 * this.#slots.length);
  }

  #room(): Buffer | undefined {
    const count = Atomics.load(this.#words, filled);
    const ahead = count - Atomics.load(this.#words, emptied);
    return Math.abs(ahead) === this.#slots.length ? undefined : this.#slots[count % this.#slots.length];
  }

  #next(): Slot | undefined {
    const count = Atomics.load(this.#words, emptied);
    if (count === Atomics.load(this.#words, filled)) return undefined;
    const slot = count % this.#slots.length;
    const at = headerWords + slot * slotWords;
    const [kind = 0, bytes = 0, note = 0] = this.#words.subarray(at, at + slotWords);
    const whole = this.#slots[slot];
    return whole === undefined ? undefined : { kind: kinds[kind] ?? "error", bytes: whole.subarray(0, bytes), note };
  }

  async #sleepUnless(changed: () => boolean): Promise<void> {
    Atomics.store(this.#words, asleep, 1);
    if (this.isClosed || changed()) return;
    await new Promise<void>((resolve) => {
      this.#sleeper = resolve;
    });
  }

  #changed(): void {
    Atomics.add(this.#words, changes, 1);
    Atomics.notify(this.#words, changes);
    if (Atomics.exchange(this.#words, asleep, 0) === 1) this.#wakeOther();
  }
}
