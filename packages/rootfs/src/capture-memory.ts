import { Buffer } from "node:buffer";
import type { MemoryBudget } from "./memory-budget.ts";

/** Smaller files have memory of their own: they may be kept, in numbers. */
const minReusedBytes = 256 * 1024 + 1;

/**
 * Memory for captured files, out of a budget. A large piece that is given back is kept for the next file: to make its
 * pages anew for each takes more than to fill them.
 */
export class CaptureMemory implements Disposable {
  readonly #budget: MemoryBudget;
  #idle: Buffer<ArrayBuffer> | undefined;
  #open = true;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** At least so many bytes, with whatever was in them before; `undefined` where the budget has not so many left. */
  take(bytes: number): Buffer<ArrayBuffer> | undefined {
    const idle = this.#idle;
    if (bytes >= minReusedBytes && idle !== undefined) {
      this.#idle = undefined;
      if (idle.length >= bytes) return idle;
      this.#release(idle);
    }
    const rounded = bytes < minReusedBytes ? bytes : 2 ** Math.ceil(Math.log2(bytes));
    return this.#allocate(rounded) ?? this.#allocate(bytes) ?? this.#withoutIdle(bytes);
  }

  /** Takes memory back. Nothing may look at it any more. */
  giveBack(memory: Buffer<ArrayBuffer>): void {
    if (this.#open && this.#idle === undefined && memory.length >= minReusedBytes) this.#idle = memory;
    else this.#release(memory);
  }

  /** Runs what needs much memory besides, when no other thread does. */
  alone<Result>(work: () => Result): { readonly result: Result } | undefined {
    return this.#budget.alone(work);
  }

  [Symbol.dispose](): void {
    this.#open = false;
    if (this.#idle !== undefined) this.#release(this.#idle);
    this.#idle = undefined;
  }

  #withoutIdle(bytes: number): Buffer<ArrayBuffer> | undefined {
    if (this.#idle === undefined) return undefined;
    this.#release(this.#idle);
    this.#idle = undefined;
    return this.#allocate(bytes);
  }

  #allocate(bytes: number): Buffer<ArrayBuffer> | undefined {
    return this.#budget.take(bytes) ? Buffer.allocUnsafeSlow(bytes) : undefined;
  }

  #release(memory: Buffer<ArrayBuffer>): void {
    this.#budget.giveBack(memory.length);
    // Given back now and not when garbage is collected: until then the budget would be of bytes that are still held.
    memory.buffer.transfer(0);
  }
}
