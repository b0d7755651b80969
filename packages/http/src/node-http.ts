import type http from "node:http";
import type https from "node:https";
import type tls from "node:tls";

// Node's own clients. Not imported: an import makes an ES module of everything that `node:http` exports, WebSocket
// among it, and so loads all of Node's undici, 30 ms of processor time in every start of a program. And not before they
// are used: TLS takes 18 ms of every program that imports this package and asks nobody.

/** Node's client for `http:`. */
export function nodeHttp(): typeof http {
  return process.getBuiltinModule("node:http");
}

/** Node's client for `https:`. */
export function nodeHttps(): typeof https {
  return process.getBuiltinModule("node:https");
}

/** Node's TLS. */
export function nodeTls(): typeof tls {
  return process.getBuiltinModule("node:tls");
}
