import type { Call, JsonObject } from "@sc/model";
import type { Signature } from "./signer.ts";

/** A signature and what it is over, as a witness sees it. */
export interface WitnessedSignature {
  /** The bytes the signature is over. */
  readonly signedBytes: Uint8Array;
  readonly signature: Signature;
  /** The envelope, where the signed bytes are one's encoding. */
  readonly envelope?: { readonly payloadType: string; readonly payload: Uint8Array };
}

/** What witnesses give: proofs that the signature was there at a time. */
export interface Testimony {
  /** Entries of transparency logs in protobuf JSON, as bundles hold them. */
  readonly logEntries: readonly JsonObject[];
  /** RFC 3161 responses. */
  readonly timestamps: readonly Uint8Array[];
}

/** Whoever can prove later that a signature was made by now: a transparency log, a timestamp authority. */
export interface Witness {
  /** Shows the signature to the witness. */
  testify(signed: WitnessedSignature, call?: Call): Promise<Testimony>;
}

/** Shows a signature to all witnesses at once: they depend on nothing but the signature. */
export async function collectTestimony(
  witnesses: readonly Witness[],
  signed: WitnessedSignature,
  call: Call,
): Promise<Testimony> {
  const all = await Promise.all(witnesses.map((witness) => witness.testify(signed, call)));
  return {
    logEntries: all.flatMap(({ logEntries }) => logEntries),
    timestamps: all.flatMap(({ timestamps }) => timestamps),
  };
}
