import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { LookupFunction, Socket } from "node:net";
import { describeFailure, timeoutFailure } from "./failure.ts";
import type { HttpHeaders, HttpResponse } from "./message.ts";
import { nodeHttp, nodeHttps, nodeTls } from "./node-http.ts";
import { defaultConnectMilliseconds, type Timeouts, Watchdog } from "./timeouts.ts";

/** One request as it goes over the wire once: nothing is repeated and nothing followed here. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly agent: Agent;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction | undefined;
}

const maxDrainBytes = 64 * 1024;
const writeBytes = 256 * 1024;

/** Sends a request and resolves when the answer's headers are there. Throws the codes of this package's table. */
export async function exchange(wire: WireRequest): Promise<HttpResponse> {
  wire.signal.throwIfAborted();
  return await new Exchange(wire).run();
}

class Exchange {
  readonly #wire: WireRequest;
  readonly #outgoing: ClientRequest;
  readonly #watchdog: Watchdog;
  readonly #abort: () => void;
  #stopped: { readonly error: unknown } | undefined;
  #fail: (error: unknown) => void = () => {};
  #responded = false;

  constructor(wire: WireRequest) {
    this.#wire = wire;
    this.#watchdog = new Watchdog(wire.timeouts, (phase, milliseconds) =>
      this.#stop(timeoutFailure(wire.url, phase, milliseconds)),
    );
    const client = wire.url.protocol === "https:" ? nodeHttps() : nodeHttp();
    this.#outgoing = client.request(wire.url, {
      method: wire.method,
      headers: { ...wire.headers },
      agent: wire.agent,
      // Ends a tunnel that a proxy does not open, which has a socket of its own; the rest is the watchdog's business.
      timeout: wire.timeouts.connectMilliseconds ?? defaultConnectMilliseconds,
      ...(wire.lookup === undefined ? {} : { lookup: wire.lookup }),
    });
    this.#abort = () => this.#stop(wire.signal.reason);
    wire.signal.addEventListener("abort", this.#abort, { once: true });
  }

  async run(): Promise<HttpResponse> {
    try {
      const answer = this.#answer();
      this.#watchdog.watch("connect");
      this.#outgoing.once("socket", (socket) => {
        const connected = (): void => {
          if (this.#watchdog.phase === "connect") this.#watchdog.watch("send");
        };
        if (this.#outgoing.reusedSocket || !(socket.connecting || isHandshaking(socket))) connected();
        else socket.once(this.#wire.url.protocol === "https:" ? "secureConnect" : "connect", connected);
      });
      const sent = this.#send();
      const incoming = await Promise.race([answer, sent.then(() => answer)]);
      this.#responded = true;
      return await this.#open(incoming);
    } catch (error) {
      const failure = this.#failure(error);
      this.#stop(failure);
      this.#release();
      throw failure;
    }
  }

  #answer(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // A request that waits for its proxy has no socket yet, and then says nothing when it is destroyed.
      this.#fail = reject;
      this.#outgoing.once("response", resolve);
      // Also later errors need a listener; after the answer came they are seen by whoever reads the body.
      this.#outgoing.on("error", reject);
      this.#outgoing.once("close", () => reject(new Error("closed")));
    });
  }

  async #send(): Promise<void> {
    const { body } = this.#wire;
    const outgoing = this.#outgoing;
    const finished = (): void => this.#watchdog.watch("headers");
    outgoing.once("finish", () => {
      if (this.#watchdog.phase === "send") finished();
      else outgoing.socket?.once(this.#wire.url.protocol === "https:" ? "secureConnect" : "connect", finished);
    });
    if (body === undefined || (body instanceof Uint8Array && body.byteLength <= writeBytes)) {
      outgoing.end(body);
      return;
    }
    try {
      await this.#write(body instanceof Uint8Array ? pieces(body) : body);
    } catch (error) {
      // What the source throws is its own affair: it is passed on as it is.
      this.#stop(error);
      throw error;
    }
  }

  async #write(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    const outgoing = this.#outgoing;
    for await (const chunk of chunks) {
      if (this.#responded || this.#stopped !== undefined || outgoing.destroyed) return;
      if (!outgoing.write(chunk)) await this.#drained();
      if (this.#watchdog.phase === "send") this.#watchdog.watch("send");
    }
    outgoing.end();
  }

  // A source that is slow is not the server's fault: the clock runs only while the socket takes nothing.
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#outgoing.off("drain", done).off("close", done).off("response", done);
        resolve();
      };
      this.#outgoing.once("drain", done).once("close", done).once("response", done);
    });
  }

  async #open(incoming: IncomingMessage): Promise<HttpResponse> {
    incoming.on("error", () => {
      // Read from the body's iterator; unheard it would end the process.
    });
    const headers = flatten(incoming);
    const body = this.#read(incoming);
    const empty = this.#wire.method === "HEAD" || [204, 304].includes(incoming.statusCode ?? 0);
    if (empty || headers["content-length"] === "0") {
      // A body that nobody will read must still end for its connection to be used again, and by the next request.
      const closed = new Promise((resolve) => this.#outgoing.once("close", resolve));
      incoming.resume();
      if (!this.#outgoing.writableFinished) this.#outgoing.destroy();
      if (!this.#outgoing.closed) await closed;
      this.#release();
      return {
        url: this.#wire.url,
        status: incoming.statusCode ?? 0,
        headers,
        body: nothing(),
        [Symbol.asyncDispose]: noop,
      };
    }
    this.#watchdog.rest();
    return {
      url: this.#wire.url,
      status: incoming.statusCode ?? 0,
      headers,
      body,
      [Symbol.asyncDispose]: async () => {
        await drain(body).catch(noop);
        // A generator that was never begun runs no `finally` of its own.
        this.#release();
        if (!incoming.complete) this.#outgoing.destroy();
      },
    };
  }

  async *#read(incoming: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (this.#stopped !== undefined) throw this.#stopped.error;
        this.#watchdog.watch("body");
        const next = await chunks.next();
        this.#watchdog.rest();
        if (next.done === true) break;
        yield next.value;
      }
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#release();
      if (!incoming.complete || !this.#outgoing.writableFinished) this.#outgoing.destroy();
    }
  }

  #failure(error: unknown): unknown {
    if (this.#stopped !== undefined) return this.#stopped.error;
    return describeFailure(error, this.#wire.url, this.#watchdog.phase);
  }

  #stop(error: unknown): void {
    this.#stopped ??= { error };
    this.#release();
    this.#outgoing.destroy();
    this.#fail(error);
  }

  #release(): void {
    this.#watchdog.end();
    this.#wire.signal.removeEventListener("abort", this.#abort);
  }
}

async function noop(): Promise<void> {}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

function* pieces(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += writeBytes) yield bytes.subarray(at, at + writeBytes);
}

async function drain(body: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxDrainBytes) break;
  }
}

function isHandshaking(socket: Socket): boolean {
  return "encrypted" in socket && socket instanceof nodeTls().TLSSocket && socket.getProtocol() === null;
}

function flatten(incoming: IncomingMessage): HttpHeaders {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(incoming.headers)) {
    // No cookie is kept: this client has no memory a server could write.
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}
