import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hasCode } from "@sc/model";
import { afterEach, describe, expect, test } from "vitest";
import { readBody } from "./body.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "./client.ts";
import type { Clock } from "./clock.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Server {
  readonly url: string;
  readonly seen: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  readonly sockets: () => number;
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function serve(answer: Answer): Promise<Server> {
  const seen: Server["seen"] = [];
  let sockets = 0;
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets += 1;
    socket.on("close", () => (sockets -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, sockets: () => sockets };
}

/** A clock that notes how long it was asked to sleep and does not. */
function stillClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    random: () => 0.5,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
    },
  };
}

function client(options: HttpClientOptions = {}): HttpClient & { readonly slept: number[] } {
  const clock = stillClock();
  const created = createHttpClient({ clock, ...options });
  opened.push(async () => await created[Symbol.asyncDispose]());
  return Object.assign(created, { slept: clock.slept });
}

const text = async (bytes: Promise<Uint8Array>): Promise<string> => Buffer.from(await bytes).toString();

describe("a request", () => {
  test("resolves with status, headers and the body's bytes", async () => {
    const server = await serve((_, response) => response.writeHead(418, { "X-A": "1" }).end("short and stout"));
    const response = await client().request({ url: `${server.url}/pot` });
    expect(response.status).toBe(418);
    expect(response.headers["x-a"]).toBe("1");
    expect(await text(readBody(response, { maxBytes: 100 }))).toBe("short and stout");
  });

  test("uses a connection again once its answer has been read", async () => {
    let connections = 0;
    const server = await serve((_, response) => response.end("x"));
    const http = client();
    for (let round = 0; round < 5; round += 1) {
      await readBody(await http.request({ url: server.url }), { maxBytes: 1 });
      await http.request({ url: server.url, method: "HEAD" });
      connections = Math.max(connections, server.sockets());
    }
    expect(connections).toBe(1);
  });

  test("offline throws OFFLINE and opens no socket", async () => {
    const server = await serve((_, response) => response.end());
    await expect(client({ offline: true }).request({ url: server.url })).rejects.toSatisfy((e) =>
      hasCode(e, "OFFLINE"),
    );
    expect(server.seen).toHaveLength(0);
  });
});

describe("a retry", () => {
  test("happens twice at most and doubles its pause", async () => {
    const server = await serve((_, response) => response.writeHead(503).end("busy"));
    const http = client();
    const response = await http.request({ url: server.url });
    expect(response.status).toBe(503);
    expect(await text(readBody(response, { maxBytes: 10 }))).toBe("busy");
    expect(server.seen).toHaveLength(3);
    expect(http.slept).toEqual([187.5, 375]);
  });
});
