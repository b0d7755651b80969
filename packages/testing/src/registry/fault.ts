/** What goes wrong with one answer. */
export type FaultEffect =
  /** Answers with this instead; the request is not carried out. */
  | {
      readonly type: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Closes the connection without a word; the request is not carried out. */
  | { readonly type: "reset" }
  /** Carries the request out, then closes the connection without a word. */
  | { readonly type: "lose-answer" }
  /** Takes this many bytes of the request's body, carries it out with those, and closes the connection. */
  | { readonly type: "drop-request"; readonly afterBytes: number }
  /** Says the full Content-Length, sends this many bytes of the body, closes the connection. */
  | { readonly type: "drop"; readonly afterBytes: number }
  /** Sends only this many bytes and a Content-Length that agrees with them. */
  | { readonly type: "truncate"; readonly toBytes: number }
  /** Flips one bit of one byte of the body; from the end when negative. */
  | { readonly type: "corrupt"; readonly atByte: number }
  /** Adds bytes behind the body, the Content-Length agreeing. */
  | { readonly type: "append"; readonly bytes: Uint8Array }
  /** Replaces headers, or removes them where the value is `undefined`. */
  | { readonly type: "headers"; readonly headers: Readonly<Record<string, string | undefined>> }
  /** Sends the headers and this many bytes, then nothing more until the client leaves. */
  | { readonly type: "stall"; readonly afterBytes: number }
  /** Sends the body again and again, without a Content-Length, until the client leaves. */
  | { readonly type: "endless" };

/** A fault, and which requests it befalls. */
export interface Fault {
  /** Default: any. */
  readonly method?: string;
  /** Tested against the path with its query. */
  readonly path: RegExp;
  /** How many matching requests it lets pass first. Default: 0. */
  readonly skip?: number;
  /** How many requests it befalls after those. Default: every one. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** A fault at work: how often it struck. */
export interface InjectedFault {
  readonly fault: Fault;
  seen: number;
  struck: number;
}

/** The first of the faults that befalls a request, counted; `undefined` when it is spared. */
export function strike(faults: readonly InjectedFault[], method: string, target: string): FaultEffect | undefined {
  for (const injected of faults) {
    const { fault } = injected;
    if (fault.method !== undefined && fault.method !== method) continue;
    if (!fault.path.test(target)) continue;
    injected.seen += 1;
    const due = injected.seen > (fault.skip ?? 0) && injected.struck < (fault.times ?? Number.POSITIVE_INFINITY);
    if (!due) continue;
    injected.struck += 1;
    return fault.effect;
  }
  return undefined;
}
