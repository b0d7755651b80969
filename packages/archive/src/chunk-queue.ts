/** Chunks between one producer and one consumer, in order; knows how many bytes wait. */
export class ChunkQueue {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #onTaken: (() => void) | undefined;

  /** Bytes that wait to be taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Has a function called after every take. */
  onTaken(listener: () => void): void {
    this.#onTaken = listener;
  }

  /** Appends a chunk. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#wake?.();
  }

  /** Says that no more chunks come. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Makes the next take throw; the first failure stays. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** The next chunk when there is one; `undefined` at the end. Throws what `fail` was given, before older chunks. */
  async take(): Promise<Uint8Array | undefined> {
    while (this.#failure === undefined && this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.length;
      this.#onTaken?.();
    }
    return chunk;
  }
}
