import type { Phase } from "./failure.ts";

/** How long each part of an exchange may stand still, in milliseconds. */
export interface Timeouts {
  /** From the request to an open, authenticated connection, through the proxy if there is one. 20 000 by default. */
  readonly connectMilliseconds?: number;
  /** From the last byte of the request to the answer's headers. 60 000 by default: registries hash before they answer. */
  readonly headersMilliseconds?: number;
  /** Between two chunks of a body, in either direction, while this side is ready. 60 000 by default. */
  readonly idleMilliseconds?: number;
}

/** How long a connection may take where nothing else is said. */
export const defaultConnectMilliseconds = 20_000;

/** Watches that the phase an exchange is in goes on, and calls `expire` once when it does not. */
export class Watchdog {
  readonly #limits: Readonly<Record<Phase, number>>;
  readonly #expire: (phase: Phase, milliseconds: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #phase: Phase = "connect";
  #resting = false;

  constructor(timeouts: Timeouts, expire: (phase: Phase, milliseconds: number) => void) {
    const {
      connectMilliseconds = defaultConnectMilliseconds,
      headersMilliseconds = 60_000,
      idleMilliseconds = 60_000,
    } = timeouts;
    this.#limits = {
      connect: connectMilliseconds,
      send: idleMilliseconds,
      headers: headersMilliseconds,
      body: idleMilliseconds,
    };
    this.#expire = expire;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Begins, or begins again, to count the time of a phase. */
  watch(phase: Phase): void {
    this.#resting = false;
    if (this.#timer !== undefined && this.#phase === phase) {
      // Called for every chunk: making a timer anew would cost more than the chunk.
      this.#timer.refresh();
      return;
    }
    this.end();
    this.#phase = phase;
    this.#timer = setTimeout(() => {
      if (!this.#resting) this.#expire(phase, this.#limits[phase]);
    }, this.#limits[phase]);
  }

  /** Stops counting until the next `watch`: it is this side that takes its time. */
  rest(): void {
    this.#resting = true;
  }

  /** Stops counting for good. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
