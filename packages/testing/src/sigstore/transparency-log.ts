import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** One entry as a bundle holds it, in protobuf JSON. */
export interface LoggedEntry {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly integratedTime: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
}

/** A transparency log in memory: a Merkle tree, signed checkpoints and, as Rekor v1, promises. */
export interface TransparencyLog {
  readonly publicKey: KeyObject;
  readonly logId: Buffer;
  /** The name that checkpoints are signed under. */
  readonly origin: string;
  /** Adds an entry and proves that it is in. */
  append(body: object, time: Date): LoggedEntry;
  /** A checkpoint with this text and the log's own signature, whatever it says: as a log that lies. */
  checkpointOf(note: string, name?: string): string;
}

/**
 * A log as Rekor v1 (ECDSA, promises with a time) or v2 (Ed25519, no promise and no time of its own) keeps it.
 *
 * @see RFC 6962 and https://c2sp.org/tlog-checkpoint
 */
export function createTransparencyLog(origin: string, version: 1 | 2): TransparencyLog {
  const { publicKey, privateKey } =
    version === 1 ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  const logId = version === 1 ? sha256(spki) : sha256(Buffer.from(`${origin}\n`), Buffer.from([1]), spki.subarray(-32));
  const leaves: Buffer[] = [];
  const algorithm = version === 1 ? "sha256" : undefined;
  const signed = (content: string): Buffer => sign(algorithm, Buffer.from(content), privateKey);
  return {
    publicKey,
    logId,
    origin,
    checkpointOf(note, name = origin) {
      const signature = Buffer.concat([logId.subarray(0, 4), signed(note)]).toString("base64");
      return `${note}\n\u2014 ${name} ${signature}\n`;
    },
    append(body, time): LoggedEntry {
      const canonical = Buffer.from(canonicalJson(body));
      const index = leaves.push(sha256(Buffer.from([0]), canonical)) - 1;
      const root = rootOf(leaves).toString("base64");
      const note = `${origin}${version === 1 ? " - 1234" : ""}\n${leaves.length}\n${root}\n`;
      const signature = Buffer.concat([logId.subarray(0, 4), signed(note)]).toString("base64");
      const integratedTime = version === 1 ? Math.floor(time.getTime() / 1000) : 0;
      const promise = {
        body: canonical.toString("base64"),
        integratedTime,
        logID: logId.toString("hex"),
        logIndex: index,
      };
      const { kind = "", apiVersion = "" }: { kind?: string; apiVersion?: string } = body;
      return {
        logIndex: String(index),
        logId: { keyId: logId.toString("base64") },
        kindVersion: { kind, version: apiVersion },
        integratedTime: String(integratedTime),
        ...(version === 1
          ? { inclusionPromise: { signedEntryTimestamp: signed(canonicalJson(promise)).toString("base64") } }
          : {}),
        inclusionProof: {
          logIndex: String(index),
          rootHash: root,
          treeSize: String(leaves.length),
          hashes: proofOf(leaves, index).map((hash) => hash.toString("base64")),
          checkpoint: { envelope: `${note}\n\u2014 ${origin} ${signature}\n` },
        },
        canonicalizedBody: canonical.toString("base64"),
      };
    },
  };
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

// The largest power of two below the number of leaves.
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  return sha256(Buffer.from([1]), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function proofOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  return index < split
    ? [...proofOf(leaves.slice(0, split), index), rootOf(leaves.slice(split))]
    : [...proofOf(leaves.slice(split), index - split), rootOf(leaves.slice(0, split))];
}

/** JSON without white space and with sorted members. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}
