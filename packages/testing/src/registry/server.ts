import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from "node:https";
import type { Answer, ArrivedRequest } from "./answer.ts";
import { type FaultEffect, type InjectedFault, strike } from "./fault.ts";

/** One request as it came, nothing redacted, with what was answered. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the request's body that arrived. */
  bodyBytes: number;
  /** 0 until answered, and when the connection was closed without an answer. */
  status: number;
  /** Bytes of the body that were answered. */
  answeredBytes: number;
}

/** A server on loopback that answers by a function of the whole request and keeps a record. */
export interface RecordingServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly host: string;
  readonly requests: RecordedRequest[];
}

/** What a recording server is made of. */
export interface RecordingServerOptions {
  readonly answer: (request: ArrivedRequest) => Answer;
  readonly faults: readonly InjectedFault[];
  readonly tls?: TlsOptions | undefined;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startServer({ answer, faults, tls }: RecordingServerOptions): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const listener: RequestListener = (incoming, response) => {
    serve({ incoming, response, requests, faults, answer }).catch(() => {
      // The client has left, which tests do on purpose; there is nobody to tell.
      response.destroy();
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const host = `127.0.0.1:${port}`;
  return {
    origin: `${tls === undefined ? "http" : "https"}://${host}`,
    host,
    requests,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = Promise.withResolvers<void>();
      server.close(() => {
        closed.resolve();
      });
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

interface Serving {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly requests: RecordedRequest[];
  readonly faults: readonly InjectedFault[];
  readonly answer: (request: ArrivedRequest) => Answer;
}

async function serve({ incoming, response, requests, faults, answer }: Serving): Promise<void> {
  const method = incoming.method ?? "";
  const target = incoming.url ?? "/";
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const record: RecordedRequest = { method, target, headers, bodyBytes: 0, status: 0, answeredBytes: 0 };
  requests.push(record);
  const effect = strike(faults, method, target);
  const body = await readBody(incoming, effect?.type === "drop-request" ? effect.afterBytes : undefined);
  record.bodyBytes = body.length;
  if (effect?.type === "reset") {
    response.destroy();
    return;
  }
  const url = new URL(target, "http://registry.invalid");
  const path = decodeURIComponent(url.pathname);
  const request = { method, path, query: url.searchParams, headers: incoming.headers, body };
  const given = effect?.type === "status" ? answerFault(effect) : answer(request);
  send({ response, record, method }, distort(given, effect), effect);
}

async function readBody(incoming: IncomingMessage, atMostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the request, and with it the connection.
    if (bytes >= atMostBytes) return Buffer.concat(chunks).subarray(0, atMostBytes);
  }
  return Buffer.concat(chunks);
}

function answerFault({ status, headers, body }: Extract<FaultEffect, { type: "status" }>): Answer {
  return { status, headers: headers ?? {}, body: Buffer.from(body ?? "") };
}

function distort(answer: Answer, effect: FaultEffect | undefined): Answer {
  const body = answer.body ?? new Uint8Array();
  if (effect?.type === "truncate") return { ...answer, body: body.subarray(0, effect.toBytes) };
  if (effect?.type === "append") return { ...answer, body: Buffer.concat([body, effect.bytes]) };
  if (effect?.type === "corrupt") return { ...answer, body: flipBit(body, effect.atByte) };
  if (effect?.type === "headers") return { ...answer, headers: replaceHeaders(answer.headers, effect.headers) };
  return answer;
}

function replaceHeaders(
  headers: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...headers, ...changes }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function flipBit(body: Uint8Array, atByte: number): Uint8Array {
  const changed = Uint8Array.from(body);
  const index = atByte < 0 ? changed.length + atByte : atByte;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

interface Sending {
  readonly response: ServerResponse;
  readonly record: RecordedRequest;
  readonly method: string;
}

function send({ response, record, method }: Sending, answer: Answer, effect: FaultEffect | undefined): void {
  if (effect?.type === "lose-answer" || effect?.type === "drop-request") {
    response.destroy();
    return;
  }
  const body = answer.body ?? new Uint8Array();
  record.status = answer.status;
  if (effect?.type === "endless") {
    response.writeHead(answer.status, answer.headers);
    record.answeredBytes = Number.POSITIVE_INFINITY;
    repeat(response, body.length > 0 ? body : Buffer.alloc(65_536));
    return;
  }
  if (answer.status === 204 || answer.status === 304) {
    response.writeHead(answer.status, answer.headers).end();
    return;
  }
  response.writeHead(answer.status, { "content-length": String(body.length), ...answer.headers });
  if (method === "HEAD") response.end();
  else record.answeredBytes = sendBody(response, body, effect);
}

function sendBody(response: ServerResponse, body: Uint8Array, effect: FaultEffect | undefined): number {
  if (effect?.type !== "stall" && effect?.type !== "drop") {
    response.end(body);
    return body.length;
  }
  const sent = body.subarray(0, effect.afterBytes);
  response.flushHeaders();
  if (effect.type === "stall") response.write(sent);
  else response.write(sent, () => response.socket?.destroySoon());
  return sent.length;
}

/** Writes the same bytes for ever, at the pace the client reads them. */
function repeat(response: ServerResponse, bytes: Uint8Array): void {
  response.on("error", () => response.destroy());
  const more = (): void => {
    while (!response.destroyed && response.write(bytes)) {
      // The buffer takes more.
    }
  };
  response.on("drain", more);
  more();
}
