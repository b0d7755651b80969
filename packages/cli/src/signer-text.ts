import type { VerifiedSigner } from "@sc/sign";
import { printable } from "./terminal/printable.ts";

/** A signer for people: the beginning of a key's id, or the identity. */
export function describeSigner(signer: VerifiedSigner): string {
  return signer.kind === "key" ? `key ${signer.keyId.slice(0, 19)}` : printable(signer.subject);
}
