import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/** A proxy on loopback, and what it was asked. */
export interface Tunnel extends AsyncDisposable {
  /** As it stands in HTTPS_PROXY. */
  readonly url: string;
  /** `host:port` of every tunnel that was asked for. */
  readonly asked: string[];
}

/**
 * Starts a proxy that leads every tunnel to one place on loopback, whatever name was asked for: so a registry of any name is
 * reached over TLS, as no registry on loopback is by itself.
 */
export async function startTunnel(to: string): Promise<Tunnel> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    asked.push(request.url ?? "");
    const target = connect(Number(to.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(client);
      client.pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      // A side that leaves takes the other with it; that is no failure of the proxy.
      socket.on("error", () => target.destroy()).on("close", () => (client.destroy(), target.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
