import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import { Key, MetaFile, Metadata, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";

/** A TUF repository on loopback, with fresh keys, that gives out one trust root as Sigstore's own mirror does. */
export interface TufMirror extends AsyncDisposable {
  readonly origin: string;
  /** The root metadata that a client begins with. */
  readonly root: string;
}

const expires = "2100-01-01T00:00:00Z";
const specVersion = "1.0.31";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Publishes `trustedRoot` as the target `trusted_root.json`. */
export async function startTufMirror(trustedRoot: string): Promise<TufMirror> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
  const keyID = sha256(Buffer.from(raw));
  const key = new Key({ keyID, keyType: "ed25519", scheme: "ed25519", keyVal: { public: raw } });
  const signed = (part: Root | Snapshot | Targets | Timestamp): Buffer => {
    const metadata = new Metadata(part);
    metadata.sign((data) => new Signature({ keyID, sig: sign(null, data, privateKey).toString("hex") }));
    return Buffer.from(JSON.stringify(metadata.toJSON()));
  };

  const root = new Root({ version: 1, specVersion, expires, consistentSnapshot: true });
  for (const role of ["root", "snapshot", "targets", "timestamp"]) root.addKey(key, role);
  const target = Buffer.from(trustedRoot);
  const targets = new Targets({ version: 1, specVersion, expires });
  targets.addTarget(
    new TargetFile({ path: "trusted_root.json", length: target.length, hashes: { sha256: sha256(target) } }),
  );
  const snapshot = new Snapshot({
    version: 1,
    specVersion,
    expires,
    meta: { "targets.json": new MetaFile({ version: 1 }) },
  });
  const timestamp = new Timestamp({ version: 1, specVersion, expires, snapshotMeta: new MetaFile({ version: 1 }) });
  const rootBytes = signed(root);
  const files = new Map<string, Buffer>([
    ["/1.root.json", rootBytes],
    ["/timestamp.json", signed(timestamp)],
    ["/1.snapshot.json", signed(snapshot)],
    ["/1.targets.json", signed(targets)],
    [`/targets/${sha256(target)}.trusted_root.json`, target],
  ]);

  const server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    root: rootBytes.toString(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
