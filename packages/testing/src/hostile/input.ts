/**
 * Input of one kind that is hard to parse: what makes careless parsers take time square in the length, run out of stack
 * or memory, or give up.
 */
export interface HostileInput {
  /** What is hard in it. */
  readonly name: string;
  /** At most `length` bytes of it, the same in every run; fewer where it is made of whole items or is one short text. */
  bytes(length: number): Uint8Array;
}

/** The same text over and over behind a beginning, cut where the length ends. */
export function repeated(name: string, text: string, start: string = ""): HostileInput {
  return {
    name,
    bytes: (length) => {
      const times = Math.max(0, Math.ceil((length - start.length) / text.length));
      return new TextEncoder().encode((start + text.repeat(times)).slice(0, length)).subarray(0, length);
    },
  };
}

/** What stands around the items of a text. */
export interface Frame {
  readonly start?: string;
  /** Between two items. */
  readonly between?: string;
  readonly end?: string;
}

/** As many whole items as there is room for, each another, in their frame: well-formed where the items are. */
export function listed(name: string, item: (at: number) => string, frame: Frame = {}): HostileInput {
  const { start = "", between = "", end = "" } = frame;
  return {
    name,
    bytes: (length) => {
      const items: string[] = [];
      let left = length - start.length - end.length;
      for (let at = 0; left > 0; at += 1) {
        const text = item(at);
        left -= text.length + between.length;
        if (left >= 0) items.push(text);
      }
      return new TextEncoder().encode(start + items.join(between) + end).subarray(0, length);
    },
  };
}

/** One text of some size, whatever length is asked for. */
export function single(name: string, text: string): HostileInput {
  return { name, bytes: () => new TextEncoder().encode(text) };
}

/** Noise that is no text, the same in every run. */
export function noise(length: number): Uint8Array {
  let state = 42;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 16;
  });
}
