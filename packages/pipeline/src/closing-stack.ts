/**
 * What has to be closed in the end, the last opened first; each is closed also where closing another fails. What
 * `AsyncDisposableStack` is in newer JavaScript: Node.js 22 has none.
 */
export class ClosingStack implements AsyncDisposable {
  readonly #open: AsyncDisposable[];

  constructor(open: readonly AsyncDisposable[] = []) {
    this.#open = [...open];
  }

  /** Takes something over to be closed, and gives it back. */
  use<Opened extends AsyncDisposable>(opened: Opened): Opened {
    this.#open.push(opened);
    return opened;
  }

  /** Hands everything over: what is returned closes it, and this one nothing any more. */
  move(): ClosingStack {
    return new ClosingStack(this.#open.splice(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const last = this.#open.pop();
    if (last === undefined) return;
    try {
      await last[Symbol.asyncDispose]();
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }
}
