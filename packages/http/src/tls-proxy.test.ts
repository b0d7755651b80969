import { createServer as createPlainServer, type IncomingMessage, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { hasCode } from "@sc/model";
import { createAuthority, type TlsIdentity } from "@sc/testing";
import { afterEach, describe, expect, test } from "vitest";
import { readBody } from "./body.ts";
import { createHttpClient, type HttpClient, type HttpClientOptions } from "./client.ts";

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function client(options: HttpClientOptions): HttpClient {
  const created = createHttpClient({ retry: { tries: 1 }, ...options });
  opened.push(async () => await created[Symbol.asyncDispose]());
  return created;
}

interface SecureOptions {
  readonly clientCa?: string;
  readonly maxVersion?: "TLSv1.1";
}

async function serveSecurely(identity: TlsIdentity, { clientCa, maxVersion }: SecureOptions = {}): Promise<string> {
  const server = createServer(
    {
      cert: identity.certificate,
      key: identity.privateKey,
      ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
      ...(maxVersion === undefined ? {} : { maxVersion, minVersion: maxVersion, ciphers: "DEFAULT@SECLEVEL=0" }),
    },
    (request, response) => response.end(`secure ${request.headers["authorization"] ?? "-"}`),
  );
  return `https://localhost:${await listen(server)}`;
}

interface Proxy {
  readonly url: string;
  /** What it was asked: "CONNECT host:port" or "GET url", with its authorization. */
  readonly asked: string[];
  /** Resolves when all tunnels are closed. */
  readonly closed: () => Promise<void>;
}

async function serveProxy(status = 200): Promise<Proxy> {
  const asked: string[] = [];
  const note = (request: IncomingMessage): number =>
    asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
  const server = createPlainServer((request, response) => {
    note(request);
    if (request.url?.endsWith("/away") === true)
      response.writeHead(302, { location: "http://127.0.0.1:9/internal" }).end();
    else response.end("through the proxy");
  });
  const sockets = new Set<Duplex>();
  server.on("connect", (request: IncomingMessage, socket: Duplex) => {
    note(request);
    sockets.add(socket);
    socket.on("error", () => {});
    if (status === 0) {
      socket.on("end", () => socket.end()).resume();
      return;
    }
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} no\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [, port] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    sockets.add(upstream);
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  opened.push(async () => {
    for (const socket of sockets) socket.destroy();
  });
  const closed = async (): Promise<void> => {
    for (const socket of sockets) if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  };
  return { url, asked, closed };
}

const text = async (http: HttpClient, url: string): Promise<string> =>
  Buffer.from(
    await readBody(await http.request({ url, headers: { authorization: "t" } }), { maxBytes: 100 }),
  ).toString();

describe("TLS", () => {
  test("trusts a server by an extra CA, and not without it (OCI-5)", async () => {
    const authority = createAuthority();
    const url = await serveSecurely(authority.issue({}));
    expect(await text(client({ tls: { extraCa: [authority.certificate] } }), url)).toBe("secure t");
    await expect(text(client({}), url)).rejects.toMatchObject({
      code: "TLS_FAILED",
      hint: expect.stringContaining("--registry-ca"),
    });
  });

  test("refuses a certificate for another name, and one that is out of date", async () => {
    const authority = createAuthority();
    const tls = { extraCa: [authority.certificate] };
    const other = await serveSecurely(authority.issue({ names: ["registry.example"] }));
    await expect(text(client({ tls }), other)).rejects.toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("ALTNAME"),
    });
    const old = await serveSecurely(authority.issue({ notAfter: new Date("2021-01-01") }));
    await expect(text(client({ tls }), old)).rejects.toMatchObject({
      code: "TLS_FAILED",
      hint: expect.stringContaining("Renew"),
    });
  });

  test("is at least version 1.2", async () => {
    const authority = createAuthority();
    const url = await serveSecurely(authority.issue({}), { maxVersion: "TLSv1.1" });
    await expect(text(client({ tls: { extraCa: [authority.certificate] } }), url)).rejects.toMatchObject({
      code: "TLS_FAILED",
    });
  });

  test("shows a client certificate to a server that wants one", async () => {
    const authority = createAuthority();
    const clients = createAuthority("Clients");
    const { certificate, privateKey } = clients.issue({ names: ["me"] });
    const url = await serveSecurely(authority.issue({}), { clientCa: clients.certificate });
    const extraCa = [authority.certificate];
    expect(await text(client({ tls: { extraCa, clientCertificate: certificate, clientKey: privateKey } }), url)).toBe(
      "secure t",
    );
    await expect(text(client({ tls: { extraCa } }), url)).rejects.toThrow(/localhost/);
  });

  test("a certificate or key that is none is a configuration error", async () => {
    const request = client({ tls: { clientCertificate: "x", clientKey: "y" } }).request({
      url: "https://localhost:9/",
    });
    await expect(request).rejects.toMatchObject({ code: "TLS_CONFIG_INVALID" });
  });
});

describe("a proxy", () => {
  test("tunnels https with its own credentials, which the server never sees (OCI-5)", async () => {
    const authority = createAuthority();
    const url = await serveSecurely(authority.issue({}));
    const proxy = await serveProxy();
    const address = proxy.url.replace("http://", "http://me:secret@");
    const http = client({ tls: { extraCa: [authority.certificate] }, proxy: { https: address } });
    expect(await text(http, url)).toBe("secure t");
    expect(await text(http, url)).toBe("secure t");
    const basic = Buffer.from("me:secret").toString("base64");
    expect(proxy.asked).toEqual([`CONNECT localhost:${new URL(url).port} Basic ${basic}`]);
  });

  test("is passed over for hosts of NO_PROXY, and asked for plain http by its own option", async () => {
    const proxy = await serveProxy();
    const direct = createPlainServer((_, response) => response.end("direct"));
    const port = await listen(direct);
    const http = client({ proxy: { http: proxy.url, noProxy: "127.0.0.1,.internal.example" } });
    expect(await text(http, `http://127.0.0.1:${port}/`)).toBe("direct");
    expect(await text(http, "http://registry.example/v2/")).toBe("through the proxy");
    expect(proxy.asked).toEqual(["GET http://registry.example/v2/ -"]);
  });

  test("a server reached through it cannot redirect to this machine", async () => {
    const proxy = await serveProxy();
    const http = client({ proxy: { http: proxy.url } });
    await expect(text(http, "http://registry.example/away")).rejects.toMatchObject({ code: "REDIRECT_REFUSED" });
  });

  test("that refuses is told apart from a server that refuses, without its password", async () => {
    const proxy = await serveProxy(407);
    const http = client({ proxy: { https: proxy.url.replace("http://", "http://me:secret@") } });
    const request = text(http, "https://registry.example/");
    await expect(request).rejects.toMatchObject({ code: "PROXY_FAILED", hint: expect.stringContaining("NO_PROXY") });
    await expect(request).rejects.not.toThrow(/secret/);
  });

  test("that never answers ends in a timeout", async () => {
    const proxy = await serveProxy(0);
    const http = client({ proxy: { https: proxy.url }, timeouts: { connectMilliseconds: 50 } });
    await expect(text(http, "https://registry.example/")).rejects.toSatisfy(
      (error) => hasCode(error, "HTTP_TIMEOUT") || hasCode(error, "PROXY_FAILED"),
    );
    await proxy.closed();
  });

  test("that never answers does not keep an abort waiting", async () => {
    const proxy = await serveProxy(0);
    const http = client({ proxy: { https: proxy.url }, timeouts: { connectMilliseconds: 60_000 } });
    const controller = new AbortController();
    const request = http.request({ url: "https://registry.example/", signal: controller.signal });
    const settled = expect(request).rejects.toThrow("enough");
    while (proxy.asked.length === 0) await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    await settled;
  });

  test("that is no http URL is a configuration error that does not quote it", () => {
    for (const https of ["socks5://me:secret@host", "me:secret@host:99999", "http://["]) {
      expect(() => createHttpClient({ proxy: { https } })).toThrow(expect.objectContaining({ code: "PROXY_INVALID" }));
      expect(() => createHttpClient({ proxy: { https } })).not.toThrow(/secret/);
    }
  });
});
