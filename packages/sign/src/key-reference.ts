import type { HttpClient } from "@sc/http";
import { type Call, ScError } from "@sc/model";
import { readPrivateKey } from "./private-key.ts";
import { parsePublicKeys, type PublicKey } from "./public-key.ts";
import { createDeferredSigner, createKeySigner, type Signer } from "./signer.ts";

/** What a key reference may need to be opened. */
export interface KeyReferenceOptions extends Call {
  /** Opens an encrypted private key; may be empty. Never kept and never shown. */
  readonly password?: Uint8Array | undefined;
  /**
   * The public half, where the caller knows it from elsewhere: a private key that is slow to open is then opened when
   * something is first signed, and nothing is signed by a key that is not its other half (`KEY_PAIR_MISMATCH`).
   */
  readonly publicKey?: PublicKey | undefined;
  /** Where `env://NAME` looks: the caller's environment or any part of it. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Fetches `https://` references; without one there are none. */
  readonly client?: HttpClient | undefined;
}

/** One place where keys may be, told by how the reference is written. */
export interface SignerScheme {
  readonly id: string;
  /** How a reference of it is written, for people. */
  readonly form: string;
  claims(reference: string): boolean;
  /** A signer with the private key. Throws `KEY_NOT_FOUND`, `KEY_INVALID`, `KEY_PASSWORD_WRONG`, `KEY_PAIR_MISMATCH`. */
  openSigner(reference: string, options: KeyReferenceOptions): Promise<Signer>;
  /** The public keys there, one or several. Throws `KEY_NOT_FOUND`, `KEY_INVALID`. */
  readPublicKeys(reference: string, options: KeyReferenceOptions): Promise<readonly PublicKey[]>;
}

/** A scheme whose references lead to PEM files. */
export function pemScheme(scheme: {
  readonly id: string;
  readonly form: string;
  readonly claims: (reference: string) => boolean;
  read(reference: string, options: KeyReferenceOptions): Promise<Uint8Array>;
}): SignerScheme {
  return {
    id: scheme.id,
    form: scheme.form,
    claims: scheme.claims,
    async openSigner(reference: string, options: KeyReferenceOptions): Promise<Signer> {
      const { publicKey } = options;
      const where = JSON.stringify(reference);
      const closed = readPrivateKey(await scheme.read(reference, options), where, options);
      const open = async (call: Call): Promise<Signer> => {
        const signer = createKeySigner(await closed.open(call));
        if (publicKey === undefined || signer.publicKey?.id === publicKey.id) return signer;
        throw new ScError("KEY_PAIR_MISMATCH", `${where}: not the private half of the public key that was given`, {
          facts: { "public key": publicKey.id, "private key": signer.publicKey?.id ?? "has none" },
        });
      };
      return publicKey !== undefined && closed.slow ? createDeferredSigner(publicKey, open) : await open(options);
    },
    async readPublicKeys(reference: string, options: KeyReferenceOptions): Promise<readonly PublicKey[]> {
      return parsePublicKeys(await scheme.read(reference, options), JSON.stringify(reference));
    },
  };
}

/** The scheme that serves a reference. Throws `KEY_REFERENCE_UNSUPPORTED`, naming those served. */
export function findScheme(reference: string, schemes: readonly SignerScheme[]): SignerScheme {
  const scheme = schemes.find((candidate) => candidate.claims(reference));
  if (scheme !== undefined) return scheme;
  // Only the scheme is shown: what follows it may carry a token.
  const kind = /^[^:]*:/.exec(reference)?.[0] ?? "";
  const served = schemes.map(({ form }) => form).join(", ");
  throw new ScError("KEY_REFERENCE_UNSUPPORTED", `key reference ${JSON.stringify(kind.slice(0, 40))}…: not served`, {
    hint: `Give the key as ${served}.`,
  });
}
