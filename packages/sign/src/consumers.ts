import { type PublicKey, signingHash } from "./public-key.ts";
import type { VerifiedSignature } from "./verify-image.ts";

/** A tool that verifies signatures of images, and what has to be said for it to accept these. */
export interface Consumer {
  readonly name: string;
  /** The form it reads. */
  readonly form: "bundle" | "tag";
  /** Its own option or setting that is needed besides the key or the identity; absent when none is. */
  readonly needs?: string;
}

interface Reader extends Consumer {
  /** What it needs where no transparency log has the signature; `undefined` where it asks for none. */
  readonly withoutLog?: string;
  /** How it is told another hash than SHA-256, which a key on P-384 or P-521 signs with; `undefined` where it cannot be. */
  readonly hash?: string;
}

// What each reads by itself. Of the bundle form the policy controller reads attestations alone; containers/image, which
// podman, skopeo and CRI-O share, reads tags alone.
const readers: readonly Reader[] = [
  { name: "cosign 3", form: "bundle", withoutLog: "--insecure-ignore-tlog", hash: "--signature-digest-algorithm" },
  {
    name: "cosign 2.6",
    form: "bundle",
    needs: "--new-bundle-format",
    withoutLog: "--insecure-ignore-tlog",
    hash: "--signature-digest-algorithm",
  },
  {
    name: "Kyverno",
    form: "bundle",
    needs: "type: SigstoreBundle",
    withoutLog: "ignoreTlog: true",
    hash: "signatureAlgorithm:",
  },
  { name: "cosign 2", form: "tag", withoutLog: "--insecure-ignore-tlog", hash: "--signature-digest-algorithm" },
  { name: "skopeo, podman", form: "tag", needs: "use-sigstore-attachments: true" },
  { name: "Kyverno", form: "tag", withoutLog: "ignoreTlog: true", hash: "signatureAlgorithm:" },
  { name: "policy-controller", form: "tag", hash: "hashAlgorithm:" },
];

/**
 * The tools that verify an image by what is stored of it, each once, by the form that needs less. Told from what was
 * verified: what is stored and does not hold is of use to nobody. `keys` are those it was verified by.
 */
export function listConsumers(
  signatures: readonly VerifiedSignature[],
  keys: readonly PublicKey[] = [],
): readonly Consumer[] {
  const found = new Map<string, Consumer>();
  for (const { name, form, needs, withoutLog, hash } of readers) {
    const readable = signatures.filter((signature) => signature.form === form);
    const hashes = readable.map((signature) => otherHash(signature, keys));
    // One by SHA-256 is enough; of the rest only who can be told the hash makes use.
    const plain = hashes.length > 0 && hashes.includes(undefined);
    const stored = plain || hash !== undefined ? readable : [];
    if (stored.length === 0) continue;
    const logged = stored.some(({ facts }) => facts.logEntries.length > 0);
    const all = [needs, plain ? undefined : `${hash} ${hashes[0]}`, logged ? undefined : withoutLog].filter(
      (one) => one !== undefined,
    );
    const known = found.get(name);
    if (known !== undefined && (known.needs === undefined || all.length > 0)) continue;
    found.set(name, { name, form, ...(all.length === 0 ? {} : { needs: all.join(" ") }) });
  }
  return [...found.values()];
}

/** The hash that a signature was made with, where it is not SHA-256. */
function otherHash({ facts: { signer } }: VerifiedSignature, keys: readonly PublicKey[]): string | undefined {
  const key = signer.kind === "key" ? keys.find(({ id }) => id === signer.keyId) : undefined;
  const hash = key === undefined ? undefined : signingHash(key.key);
  return hash === "sha256" ? undefined : hash;
}
