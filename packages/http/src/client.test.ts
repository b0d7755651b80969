import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { hasCode, type Progress } from "@sc/model";
import { afterEach, describe, expect, test } from "vitest";
import { readBody } from "./body.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "./client.ts";
import type { Clock } from "./clock.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

interface Server {
  readonly url: string;
  readonly seen: Seen[];
  readonly sockets: Set<Socket>;
  readonly connections: () => number;
}

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function serve(answer: Answer, host = "127.0.0.1"): Promise<Server> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  server.on("connection", (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  opened.push(async () => {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    seen,
    sockets,
    connections: () => connections,
  };
}

/** A clock that notes how long it was asked to sleep, and does not. */
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
const failing = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toSatisfy((error) => hasCode(error, code), code);
};
const closed = async (server: Server): Promise<void> => {
  await Promise.all(
    [...server.sockets].map(async (socket) => await new Promise((resolve) => socket.once("close", resolve))),
  );
};

describe("a request", () => {
  test("resolves with status, headers and the body's bytes", async () => {
    const server = await serve((_, response) =>
      response.writeHead(418, { "X-A": "1", "set-cookie": "a=b" }).end("short"),
    );
    const response = await client().request({ url: `${server.url}/pot` });
    expect(response.status).toBe(418);
    expect(response.headers["x-a"]).toBe("1");
    expect(response.headers["set-cookie"]).toBeUndefined();
    expect(await text(readBody(response, { maxBytes: 100 }))).toBe("short");
    expect(server.seen[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("uses a connection again once its answer has been read or disposed of", async () => {
    const server = await serve((_, response) => response.writeHead(200, { "content-length": "1" }).end("x"));
    const http = client();
    for (let round = 0; round < 5; round += 1) {
      await readBody(await http.request({ url: server.url }), { maxBytes: 1 });
      await http.request({ url: server.url, method: "HEAD" });
      await (await http.request({ url: server.url }))[Symbol.asyncDispose]();
      await readBody(await http.request({ url: server.url, method: "PUT", body: "y" }), { maxBytes: 1 });
    }
    expect(server.seen).toHaveLength(20);
    expect(server.connections()).toBe(1);
  });

  test("sends a stream with the length it was given, and bytes with their own", async () => {
    const got: string[] = [];
    const server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        got.push(`${request.headers["content-length"]} ${body.length}`);
        response.end();
      });
    });
    const stream = (async function* () {
      for (let piece = 0; piece < 5; piece += 1) yield Buffer.alloc(100_000, "a");
    })();
    await client().request({ url: server.url, method: "PUT", body: stream, headers: { "content-length": "500000" } });
    await client().request({ url: server.url, method: "PUT", body: Buffer.alloc(3_000_000) });
    await client().request({ url: server.url, method: "POST", body: "" });
    expect(got).toEqual(["500000 500000", "3000000 3000000", "0 0"]);
  });

  test("fails with the source's own error when the body's source fails", async () => {
    const server = await serve((request, response) => request.on("end", () => response.end()).resume());
    const stream = (async function* () {
      yield Buffer.alloc(10);
      throw new RangeError("no more");
    })();
    const sending = client().request({ url: server.url, method: "PUT", body: stream });
    await expect(sending).rejects.toBeInstanceOf(RangeError);
  });

  test("whose answer comes before its body is sent stops taking from the source", async () => {
    const server = await serve((_, response) => response.writeHead(413, { "content-length": "0" }).end());
    let taken = 0;
    const endless = (async function* () {
      for (;;) {
        taken += 1;
        yield Buffer.alloc(100_000);
        await new Promise(setImmediate);
      }
    })();
    const sending = client().request({ url: server.url, method: "PUT", body: endless });
    expect((await sending).status).toBe(413);
    const before = taken;
    await closed(server);
    expect(taken).toBeLessThan(before + 5);
  });

  test("offline throws OFFLINE and opens no socket (OCI-5)", async () => {
    const server = await serve((_, response) => response.end());
    await failing(client({ offline: true }).request({ url: server.url }), "OFFLINE");
    expect(server.connections()).toBe(0);
  });

  test("refuses an address that is not plain http or https", async () => {
    for (const url of ["ftp://a/", "nonsense", "https://user:secret@host/", "file:///etc/passwd"]) {
      const request = client().request({ url });
      await failing(request, "URL_INVALID");
      await expect(request).rejects.not.toThrow(/secret/);
    }
  });

  test("of a closed client throws CLIENT_CLOSED, also while it is under way", async () => {
    const server = await serve(() => {});
    const http = client();
    const waiting = http.request({ url: server.url });
    const settled = failing(waiting, "CLIENT_CLOSED");
    while (server.seen.length === 0) await new Promise(setImmediate);
    await http[Symbol.asyncDispose]();
    await settled;
    await closed(server);
    await failing(http.request({ url: server.url }), "CLIENT_CLOSED");
  });
});

describe("a retry", () => {
  test("happens twice at most, with pauses that grow, and gives the last answer (OCI-5)", async () => {
    const server = await serve((_, response) => response.writeHead(503).end("busy"));
    const http = client();
    const notices: string[] = [];
    const onProgress = (told: Progress): unknown =>
      notices.push(told.type === "request" ? `${told.method} ${told.url} ${told.status}` : told.type);
    const response = await http.request({ url: `${server.url}?token=hunter2`, onProgress });
    expect(await text(readBody(response, { maxBytes: 10 }))).toBe("busy");
    expect(server.seen).toHaveLength(3);
    expect(http.slept).toEqual([187.5, 375]);
    const asked = expect.stringMatching(/^GET http.* 503$/);
    expect(notices).toEqual([asked, "notice", asked, "notice", asked]);
    expect(notices.join(" ")).not.toContain("hunter2");
  });

  test("waits as long as Retry-After says", async () => {
    let tries = 0;
    const server = await serve((_, response) => {
      tries += 1;
      if (tries === 1) response.writeHead(429, { "retry-after": "3" }).end();
      else if (tries === 2) response.writeHead(503, { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" }).end();
      else response.end("ok");
    });
    const http = client();
    expect(await text(readBody(await http.request({ url: server.url }), { maxBytes: 2 }))).toBe("ok");
    expect(http.slept).toEqual([3000, 9000]);
  });

  test("repeats a request whose connection was cut", async () => {
    let tries = 0;
    const server = await serve((request, response) => {
      tries += 1;
      if (tries < 3) request.socket.destroy();
      else response.end("ok");
    });
    expect(await text(readBody(await client().request({ url: server.url }), { maxBytes: 2 }))).toBe("ok");
    const cut = await serve((request) => request.socket.destroy());
    await failing(client().request({ url: cut.url }), "CONNECTION_LOST");
    expect(cut.seen).toHaveLength(3);
  });

  test("never repeats a POST that was not said to be safe, a PATCH, or a stream", async () => {
    const server = await serve((request, response) => request.on("end", () => response.writeHead(503).end()).resume());
    const http = client();
    const url = server.url;
    await http.request({ url, method: "POST", body: "x" });
    await http.request({ url, method: "PATCH", body: "x" });
    await http.request({ url, method: "GET", retry: false });
    const stream = (async function* () {
      yield Buffer.from("x");
    })();
    await http.request({ url, method: "PUT", body: stream });
    expect(server.seen).toHaveLength(4);
    await http.request({ url, method: "POST", body: "x", retry: true });
    expect(server.seen).toHaveLength(7);
  });

  test("does not happen for answers that another try would not change", async () => {
    const server = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    for (const status of [400, 401, 403, 404, 409, 501]) await client().request({ url: `${server.url}/${status}` });
    expect(server.seen).toHaveLength(6);
  });
});

describe("a body", () => {
  test("is read up to a bound, and refused by its header where that says more", async () => {
    let sent = 0;
    const server = await serve((request, response) => {
      if (request.url === "/declared") response.writeHead(200, { "content-length": "1000000" });
      const timer = setInterval(() => {
        sent += 1;
        response.write(Buffer.alloc(1000));
      });
      response.on("close", () => clearInterval(timer));
    });
    const http = client();
    await failing(
      http.request({ url: server.url }).then((response) => readBody(response, { maxBytes: 5000 })),
      "BODY_TOO_LARGE",
    );
    await failing(
      http.request({ url: `${server.url}/declared` }).then((response) => readBody(response, { maxBytes: 5000 })),
      "BODY_TOO_LARGE",
    );
    expect(sent).toBeLessThan(500);
  });

  test("of exactly the bound is read", async () => {
    const server = await serve((_, response) => response.end("12345"));
    expect(await text(readBody(await client().request({ url: server.url }), { maxBytes: 5 }))).toBe("12345");
  });

  test("that is compressed unasked is refused when read whole and given as it is when streamed", async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip"),
    );
    const http = client();
    await failing(
      http.request({ url: server.url }).then((response) => readBody(response, { maxBytes: 99 })),
      "CONTENT_ENCODING_REFUSED",
    );
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await http.request({ url: server.url })).body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("not gzip");
  });

  test("that ends early throws CONNECTION_LOST after what came", async () => {
    const server = await serve((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => request.socket.destroy());
    });
    let got = "";
    const reading = (async () => {
      for await (const chunk of (await client().request({ url: server.url })).body)
        got += Buffer.from(chunk).toString();
    })();
    await failing(reading, "CONNECTION_LOST");
    expect(got).toBe("half");
  });

  test("that nobody wants to the end closes its connection", async () => {
    const server = await serve((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(10_000)));
      response.on("close", () => clearInterval(timer));
    });
    const http = client();
    for await (const chunk of (await http.request({ url: server.url })).body) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await closed(server);
    await (await http.request({ url: server.url }))[Symbol.asyncDispose]();
    await closed(server);
    expect(server.sockets.size).toBe(0);
  });
});

describe("a timeout", () => {
  const timeouts = { connectMilliseconds: 40, headersMilliseconds: 40, idleMilliseconds: 40 };
  const retry = { tries: 1 };

  test("ends a wait for an answer, naming what was waited for", async () => {
    const server = await serve(() => {});
    const waiting = client({ timeouts, retry }).request({ url: server.url });
    await expect(waiting).rejects.toThrow(/waited for 40 ms for an answer/);
    await failing(waiting, "HTTP_TIMEOUT");
    await closed(server);
  });

  test("ends a body that stands still", async () => {
    const server = await serve((_, response) => void response.write("begin"));
    const response = await client({ timeouts, retry }).request({ url: server.url });
    await failing(readBody(response, { maxBytes: 100 }), "HTTP_TIMEOUT");
    await closed(server);
  });

  test("does not count the time its reader takes", async () => {
    const server = await serve((_, response) => response.end("x".repeat(10)));
    const response = await client({ timeouts: { ...timeouts, idleMilliseconds: 1 }, retry }).request({
      url: server.url,
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await text(readBody(response, { maxBytes: 10 }))).toHaveLength(10);
  });

  test("is retried like any lost connection", async () => {
    const server = await serve(() => {});
    await failing(client({ timeouts }).request({ url: server.url }), "HTTP_TIMEOUT");
    expect(server.seen).toHaveLength(3);
  });
});

describe("an abort", () => {
  test("rejects with the signal's reason and closes the socket, before and within the body", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/body") response.write("begin");
    });
    const http = client();
    for (const path of ["/", "/body"]) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const reading = (async () =>
        await readBody(await http.request({ url: server.url + path, signal: controller.signal }), { maxBytes: 100 }))();
      const settled = expect(reading).rejects.toBe(reason);
      while (!server.seen.some(({ url }) => url === path)) await new Promise(setImmediate);
      controller.abort(reason);
      await settled;
      await closed(server);
    }
  });

  test("that came before the request keeps it from being made", async () => {
    const server = await serve((_, response) => response.end());
    const reason = new Error("enough");
    await expect(client().request({ url: server.url, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.connections()).toBe(0);
  });

  test("ends the pause before a retry", async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    const controller = new AbortController();
    const http = createHttpClient({ retry: { baseMilliseconds: 1_000_000, maxMilliseconds: 1_000_000 } });
    opened.push(async () => await http[Symbol.asyncDispose]());
    const request = http.request({
      url: server.url,
      signal: controller.signal,
      onProgress: (told) => told.type === "notice" && controller.abort(new Error("enough")),
    });
    await expect(request).rejects.toThrow("enough");
  });
});
