import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "./client.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function closedPort(): Promise<string> {
  const { url } = await serve((_, response) => response.end());
  await opened.pop()?.();
  return url;
}

function client(options: HttpClientOptions): HttpClient {
  const created = createHttpClient(options);
  opened.push(async () => await created[Symbol.asyncDispose]());
  return created;
}

describe("a failure", () => {
  const retry = { tries: 1 };

  test("to resolve, to connect, or to speak HTTP has a code and a hint of its own", async () => {
    const server = await serve((request) => void request.socket.end("SSH-2.0-OpenSSH\r\n\r\n"));
    const url = await closedPort();
    const http = client({ retry });
    for (const [target, code] of [
      ["http://does-not-exist.invalid/", "DNS_FAILED"],
      [url, "CONNECTION_REFUSED"],
      [server.url, "RESPONSE_MALFORMED"],
      [server.url.replace("http:", "https:"), "TLS_FAILED"],
    ] as const) {
      await expect(http.request({ url: target }), target).rejects.toMatchObject({ code, hint: expect.any(String) });
    }
  });

  test("of a plain HTTP server asked over TLS hints at plain http", async () => {
    const server = await serve((_, response) => response.end());
    const url = server.url.replace("http:", "https:");
    await expect(client({ retry }).request({ url })).rejects.toMatchObject({
      hint: expect.stringContaining("--plain-http"),
    });
  });

  test("a header that is larger than any real one is refused", async () => {
    const server = await serve((_, response) => response.writeHead(200, { "x-big": "a".repeat(100_000) }).end());
    await expect(client({ retry }).request({ url: server.url })).rejects.toMatchObject({ code: "RESPONSE_MALFORMED" });
  });
});
