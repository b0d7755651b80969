import { findScheme, type KeyReferenceOptions } from "./key-reference.ts";
import type { PublicKey } from "./public-key.ts";
import type { Signer } from "./signer.ts";
import { signerSchemes } from "./signers/index.ts";

/**
 * The signer that a key reference names: a path, `env://NAME`. Throws `KEY_REFERENCE_UNSUPPORTED`, `KEY_NOT_FOUND`,
 * `KEY_INVALID`, `KEY_PASSWORD_WRONG`, `KEY_PAIR_MISMATCH`; the last two, where the public half is given, when something
 * is first signed.
 */
export async function openSigner(reference: string, options: KeyReferenceOptions = {}): Promise<Signer> {
  return await findScheme(reference, signerSchemes).openSigner(reference, options);
}

/**
 * The public keys that a key reference names: those of a file, of every file in a directory, at an `https://` address.
 * Throws what `openSigner` throws, and what requests throw.
 */
export async function readPublicKeys(
  reference: string,
  options: KeyReferenceOptions = {},
): Promise<readonly PublicKey[]> {
  return await findScheme(reference, signerSchemes).readPublicKeys(reference, options);
}
