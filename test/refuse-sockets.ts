import dgram from "node:dgram";
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import tls from "node:tls";

// Loaded before everything else in a process of its own, and in each of its threads: whatever would open a socket or
// look up a name is written down and refused.
const record = process.env["REFUSED_SOCKETS"] ?? "";

function refuse(what: string): () => never {
  return () => {
    appendFileSync(record, `${what}\n`);
    throw new Error(`refused by the test: ${what}`);
  };
}

net.Socket.prototype.connect = refuse("net.Socket.connect");
net.connect = refuse("net.connect");
net.createConnection = refuse("net.createConnection");
tls.connect = refuse("tls.connect");
dgram.createSocket = refuse("dgram.createSocket");
for (const holder of [dns, dns.promises]) {
  for (const name of ["lookup", "resolve", "resolve4", "resolve6", "resolveAny", "resolveSrv", "resolveTxt"] as const) {
    Object.assign(holder, { [name]: refuse(`dns.${name}`) });
  }
}
syncBuiltinESMExports();
