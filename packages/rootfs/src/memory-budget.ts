const kibibyte = 1024;
/** Where the words lie that threads share, and what the turn can be: nobody's, somebody's, or waited for in vain. */
const words = { left: 0, turn: 1 };
const turns = { free: 0, taken: 1, lost: 2 };
/** The largest nested archive is read in a few seconds. */
const maxWaitMilliseconds = 30_000;

/** Memory for wanted files that all threads of the process share. */
export class MemoryBudget {
  /** What other threads are given to share it. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** A budget of so many bytes, or the one that another thread shares. */
  constructor(from: number | SharedArrayBuffer) {
    this.shared = typeof from === "number" ? new SharedArrayBuffer(8) : from;
    this.#words = new Int32Array(this.shared);
    if (typeof from === "number") Atomics.store(this.#words, words.left, Math.floor(from / kibibyte));
  }

  /** Takes bytes from the budget; false, and nothing taken, when so many are not left. */
  take(bytes: number): boolean {
    const wanted = Math.ceil(bytes / kibibyte);
    if (Atomics.sub(this.#words, words.left, wanted) >= wanted) return true;
    Atomics.add(this.#words, words.left, wanted);
    return false;
  }

  /** Gives bytes back that were taken. */
  giveBack(bytes: number): void {
    Atomics.add(this.#words, words.left, Math.ceil(bytes / kibibyte));
  }

  /**
   * Runs what needs much memory that is not of the budget, while no other thread runs such a thing; waits for its turn in
   * this thread. `undefined`, and nothing was run, where that took too long, as after a thread that ended in its turn.
   */
  alone<Result>(
    work: () => Result,
    waitMilliseconds: number = maxWaitMilliseconds,
  ): { readonly result: Result } | undefined {
    if (!this.#takeTurn(performance.now() + waitMilliseconds)) return undefined;
    try {
      return { result: work() };
    } finally {
      Atomics.store(this.#words, words.turn, turns.free);
      Atomics.notify(this.#words, words.turn);
    }
  }

  #takeTurn(until: number): boolean {
    for (;;) {
      const turn = Atomics.compareExchange(this.#words, words.turn, turns.free, turns.taken);
      if (turn === turns.free) return true;
      if (turn === turns.lost) return false;
      if (Atomics.wait(this.#words, words.turn, turns.taken, until - performance.now()) !== "timed-out") continue;
      // Nobody waits again for one who does not come back.
      Atomics.compareExchange(this.#words, words.turn, turns.taken, turns.lost);
      return false;
    }
  }
}
