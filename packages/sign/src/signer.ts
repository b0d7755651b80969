import { type KeyObject, sign } from "node:crypto";
import { type Call, ScError } from "@sc/model";
import { describePublicKey, type PublicKey, signingHash } from "./public-key.ts";
import type { Witness } from "./witness.ts";

/** What a verifier needs besides the signature: the key, or the certificate that an authority gave for it. */
export type SigningMaterial =
  | { readonly kind: "key"; readonly publicKey: PublicKey }
  | {
      readonly kind: "certificate";
      /** The signing certificate in DER. */
      readonly certificate: Uint8Array;
    };

/** A signature and by what it was made. */
export interface Signature {
  /** ECDSA as ASN.1 DER, Ed25519 and RSA (PKCS#1 v1.5) raw. */
  readonly bytes: Uint8Array;
  readonly material: SigningMaterial;
}

/** Whoever can sign: a key in memory, a key store, an identity for which an authority gives a certificate. */
export interface Signer {
  /** The key it always signs with, where there is one: by it a signature made earlier is recognised. */
  readonly publicKey?: PublicKey;
  /** To whom every signature is shown before it is stored. */
  readonly witnesses?: readonly Witness[];
  /** Signs the payload's bytes as they are. */
  sign(payload: Uint8Array, call?: Call): Promise<Signature>;
}

/** What a signer with a key is made with. */
export interface KeySignerOptions {
  /** To whom every signature is shown: nobody when not said. */
  readonly witnesses?: readonly Witness[];
}

/** A signer with a private key in memory. Throws `KEY_INVALID` for a kind of key that is not accepted. */
export function createKeySigner(key: KeyObject, { witnesses = [] }: KeySignerOptions = {}): Signer {
  if (key.type !== "private")
    throw new ScError("KEY_INVALID", `signing key: wanted a private key, got a ${key.type} one`);
  const publicKey = describePublicKey(key, "signing key");
  return {
    publicKey,
    witnesses,
    sign(payload: Uint8Array, call: Call = {}): Promise<Signature> {
      call.signal?.throwIfAborted();
      const bytes = sign(signingHash(key), payload, key);
      return Promise.resolve({ bytes, material: { kind: "key", publicKey } });
    },
  };
}

/**
 * A signer whose private key is opened when something is first signed, once for all; until then it is known by its public
 * half. What opens it throws for any other key.
 */
export function createDeferredSigner(publicKey: PublicKey, open: (call: Call) => Promise<Signer>): Signer {
  let opened: Promise<Signer> | undefined;
  const openOnce = async (call: Call): Promise<Signer> => {
    const opening = (opened ??= open(call));
    try {
      return await opening;
    } catch (error) {
      // Whoever signs next may not have been interrupted.
      if (opened === opening) opened = undefined;
      throw error;
    }
  };
  return { publicKey, sign: async (payload, call = {}) => await (await openOnce(call)).sign(payload, call) };
}
