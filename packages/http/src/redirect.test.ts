import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readBody } from "./body.ts";
import { createHttpClient, type HttpClient } from "./client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function serve(answer: Answer): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function client(): HttpClient {
  const http = createHttpClient({ retry: { tries: 1 } });
  opened.push(async () => await http[Symbol.asyncDispose]());
  return http;
}

const text = async (bytes: Promise<Uint8Array>): Promise<string> => Buffer.from(await bytes).toString();
const failing = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toMatchObject({ code });
};

const redirectTo =
  (location: string): Answer =>
  (_, response) =>
    response.writeHead(302, { location }).end("moved");

describe("a redirect", () => {
  test("takes no credential to another origin: not to another port, not back again (OCI-4, oras-go GHSA-vh4v)", async () => {
    let origin = "";
    const other = await serve((request, response) => {
      if (request.url === "/back") response.writeHead(307, { location: `${origin}/end` }).end();
      else response.end("content");
    });
    const first = await serve((request, response) => {
      if (request.url === "/end") response.end("end");
      else response.writeHead(307, { location: `${other.url}${request.url}` }).end();
    });
    origin = first.url;
    const headers = {
      Authorization: "Bearer secret",
      cookie: "a=b",
      "proxy-authorization": "Basic x",
      "x-vault-token": "secret",
      accept: "a/b",
      range: "bytes=0-1",
    };
    const http = client();
    expect(await text(readBody(await http.request({ url: `${first.url}/content`, headers }), { maxBytes: 10 }))).toBe(
      "content",
    );
    await readBody(await http.request({ url: `${first.url}/back`, headers }), { maxBytes: 10 });
    for (const request of [...other.seen, ...first.seen.filter(({ url }) => url === "/end")]) {
      expect(request.headers).not.toMatchObject({ authorization: expect.anything() });
      expect(JSON.stringify(request.headers)).not.toMatch(/secret|cookie|proxy-auth/);
      expect(request.headers).toMatchObject({ accept: "a/b", range: "bytes=0-1" });
    }
    expect(other.seen).toHaveLength(2);
  });

  test("keeps a credential within its origin", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/a") response.writeHead(301, { location: "b" }).end();
      else response.end("ok");
    });
    const response = await client().request({ url: `${server.url}/a`, headers: { authorization: "Bearer t" } });
    expect(response.url.pathname).toBe("/b");
    expect(server.seen[1]?.headers.authorization).toBe("Bearer t");
  });

  test("localhost and 127.0.0.1 are two origins", async () => {
    const server = await serve((request, response) => {
      if (request.url === "/a")
        response.writeHead(302, { location: `http://localhost:${new URL(server.url).port}/b` }).end();
      else response.end("ok");
    });
    await client().request({ url: `${server.url}/a`, headers: { authorization: "Bearer t" } });
    expect(server.seen[1]?.headers.authorization).toBeUndefined();
  });

  test("is followed five times and no more", async () => {
    const server = await serve(redirectTo("/again"));
    await failing(client().request({ url: server.url }), "TOO_MANY_REDIRECTS");
    expect(server.seen).toHaveLength(6);
  });

  test("to a metadata service or another scheme is refused, and nothing is asked there", async () => {
    for (const target of ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://[fe80::1]/"]) {
      const server = await serve(redirectTo(target));
      await failing(client().request({ url: server.url }), "REDIRECT_REFUSED");
    }
  });

  test("of a POST is an answer like any other; 307 repeats its bytes, a stream is never repeated", async () => {
    const bodies: string[] = [];
    const server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        bodies.push(`${request.method} ${request.url} ${body}`);
        const status = Number(request.url?.slice(1));
        if (status > 0) response.writeHead(status, { location: "/end" });
        response.end();
      });
    });
    const http = client();
    expect((await http.request({ url: `${server.url}/302`, method: "POST", body: "x" })).status).toBe(302);
    expect((await http.request({ url: `${server.url}/307`, method: "POST", body: "x" })).status).toBe(200);
    expect((await http.request({ url: `${server.url}/307`, redirect: "manual" })).status).toBe(307);
    const stream = (async function* () {
      yield Buffer.from("s");
    })();
    expect((await http.request({ url: `${server.url}/308`, method: "PUT", body: stream })).status).toBe(308);
    expect(bodies).toEqual(["POST /302 x", "POST /307 x", "POST /end x", "GET /307 ", "PUT /308 s"]);
  });

  test("a request for an address that a server named goes to no internal address (go-containerregistry nextLocation)", async () => {
    const named = client().request({ url: "http://169.254.169.254/", namedBy: new URL("http://127.0.0.1/") });
    await failing(named, "REDIRECT_REFUSED");
  });

  test("a request for an address that a server named goes to no name that leads to this machine", async () => {
    const server = await serve((_, response) => response.end("internal"));
    const url = server.url.replace("127.0.0.1", "localhost");
    await failing(client().request({ url, namedBy: new URL("http://registry.example/") }), "REDIRECT_REFUSED");
    await client().request({ url, namedBy: new URL("http://127.0.0.1:5000/") });
    expect(server.seen).toHaveLength(1);
  });
});
