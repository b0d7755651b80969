const kibibyte = 1024;

/** Memory for wanted files that all threads of the process share. */
export class MemoryBudget {
  /** What other threads are given to share it. */
  readonly shared: SharedArrayBuffer;
  readonly #left: Int32Array;

  /** A budget of so many bytes, or the one that another thread shares. */
  constructor(from: number | SharedArrayBuffer) {
    this.shared = typeof from === "number" ? new SharedArrayBuffer(4) : from;
    this.#left = new Int32Array(this.shared);
    if (typeof from === "number") Atomics.store(this.#left, 0, Math.floor(from / kibibyte));
  }

  /** Takes bytes from the budget; false, and nothing taken, when so many are not left. */
  take(bytes: number): boolean {
    const wanted = Math.ceil(bytes / kibibyte);
    if (Atomics.sub(this.#left, 0, wanted) >= wanted) return true;
    Atomics.add(this.#left, 0, wanted);
    return false;
  }

  /** Gives bytes back that were taken. */
  giveBack(bytes: number): void {
    Atomics.add(this.#left, 0, Math.ceil(bytes / kibibyte));
  }
}
