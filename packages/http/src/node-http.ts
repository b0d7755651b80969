import type http from "node:http";
import type https from "node:https";

// Node's own clients. Not imported: an import makes an ES module of everything that `node:http` exports, WebSocket
// among it, and so loads all of Node's undici, 30 ms of processor time in every start of a program.
const plain = process.getBuiltinModule("node:http");
const secure = process.getBuiltinModule("node:https");

/** Keeps connections for `http:`. */
export const HttpAgent: typeof http.Agent = plain.Agent;

/** Keeps connections for `https:`. */
export const HttpsAgent: typeof https.Agent = secure.Agent;

/** Begins a request over `http:`. */
export const requestPlain: typeof http.request = plain.request;

/** Begins a request over `https:`. */
export const requestSecure: typeof https.request = secure.request;
