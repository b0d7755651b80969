import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import { Key, MetaFile, Metadata, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";

/** What a TUF mirror gives out. */
export interface TufRelease {
  /** Of timestamp, snapshot and targets. 1 by default. */
  readonly version?: number;
  /** When timestamp, snapshot and targets expire. */
  readonly expires?: string;
  /** The targets by name. */
  readonly targets: Readonly<Record<string, string>>;
  /** Gives other bytes for the targets than are signed for, of the same length. */
  readonly corrupt?: boolean;
  /** Signs with keys that the root does not name. */
  readonly foreign?: boolean;
}

/** A TUF repository on loopback, with fresh keys, as Sigstore's own mirror keeps it. */
export interface TufMirror extends AsyncDisposable {
  readonly origin: string;
  /** The root metadata that a client begins with; two keys must sign a new one. */
  readonly root: string;
  /** The paths that were asked for. */
  readonly requests: string[];
  /** Gives out something else from now on. */
  publish(release: TufRelease): void;
  /** Puts a second root beside the first, signed by so many of the keys, that gives the other roles a new key. */
  rotateRoot(signers: 1 | 2): void;
  /** Answers every request to a path that contains the text with bytes without end. */
  endless: string | undefined;
}

interface TufKey {
  readonly privateKey: KeyObject;
  readonly key: Key;
}

const later = "2100-01-01T00:00:00Z";
const specVersion = "1.0.31";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function newKey(): TufKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
  const keyID = sha256(Buffer.from(raw));
  return { privateKey, key: new Key({ keyID, keyType: "ed25519", scheme: "ed25519", keyVal: { public: raw } }) };
}

function signed(part: Root | Snapshot | Targets | Timestamp, by: readonly TufKey[]): Buffer {
  const metadata = new Metadata(part);
  for (const { key, privateKey } of by) {
    const make = (data: Buffer): Signature =>
      new Signature({ keyID: key.keyID, sig: sign(null, data, privateKey).toString("hex") });
    metadata.sign(make, true);
  }
  return Buffer.from(JSON.stringify(metadata.toJSON()));
}

function rootOf(version: number, rootKeys: readonly TufKey[], online: TufKey): Root {
  const one = { keyids: [], threshold: 1 };
  const root = Root.fromJSON({
    _type: "root",
    spec_version: specVersion,
    version,
    expires: later,
    consistent_snapshot: true,
    keys: {},
    roles: { root: { keyids: [], threshold: 2 }, snapshot: one, targets: one, timestamp: one },
  });
  for (const { key } of rootKeys) root.addKey(key, "root");
  for (const role of ["snapshot", "targets", "timestamp"]) root.addKey(online.key, role);
  return root;
}

/** Publishes `trustedRoot` as the target `trusted_root.json`. */
export async function startTufMirror(trustedRoot: string): Promise<TufMirror> {
  const rootKeys = [newKey(), newKey()];
  let online = newKey();
  const rootBytes = signed(rootOf(1, rootKeys, online), rootKeys);
  const files = new Map<string, Buffer>([["/1.root.json", rootBytes]]);
  const requests: string[] = [];

  const publish = ({ version = 1, expires = later, targets: wanted, corrupt, foreign }: TufRelease): void => {
    const by = [foreign === true ? newKey() : online];
    const targets = new Targets({ version, specVersion, expires });
    for (const [path, text] of Object.entries(wanted)) {
      const bytes = Buffer.from(text);
      const hash = sha256(bytes);
      targets.addTarget(new TargetFile({ path, length: bytes.length, hashes: { sha256: hash } }));
      files.set(`/targets/${hash}.${path}`, corrupt === true ? Buffer.alloc(bytes.length, "x") : bytes);
    }
    const meta = { "targets.json": new MetaFile({ version }) };
    files.set(
      "/timestamp.json",
      signed(new Timestamp({ version, specVersion, expires, snapshotMeta: new MetaFile({ version }) }), by),
    );
    files.set(`/${version}.snapshot.json`, signed(new Snapshot({ version, specVersion, expires, meta }), by));
    files.set(`/${version}.targets.json`, signed(targets, by));
  };
  publish({ targets: { "trusted_root.json": trustedRoot } });

  const mirror = { endless: undefined as string | undefined };
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    if (mirror.endless !== undefined && path.includes(mirror.endless)) {
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(65_536, "x"), more);
      };
      response.writeHead(200);
      more();
      return;
    }
    const file = files.get(path);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    root: rootBytes.toString(),
    requests,
    publish,
    rotateRoot(signers) {
      online = newKey();
      files.set("/2.root.json", signed(rootOf(2, rootKeys, online), rootKeys.slice(0, signers)));
    },
    get endless() {
      return mirror.endless;
    },
    set endless(path) {
      mirror.endless = path;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
