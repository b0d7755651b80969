import { Decoder, ScError } from "@sc/model";
import { decodeBase64 } from "../base64.ts";
import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";

/** The TUF mirror of Sigstore's public good. */
export const publicGoodMirror = "https://tuf-repo-cdn.sigstore.dev";

/**
 * Sigstore's public-good trust root as it was when `@sigstore/tuf` was released: no network. It stays true for what
 * was signed before; authorities that started later are missing from it.
 */
export async function loadPublicGoodRoot(): Promise<TrustRoot> {
  return decodeTrustRoot(await readSeed("trusted_root.json"), "sigstore public good, embedded");
}

/** A file of the public good as it was then. Throws `TRUSTED_ROOT_INVALID`. */
export async function readSeed(name: "root.json" | "trusted_root.json"): Promise<Uint8Array> {
  const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
  const mirror = new Decoder(seeds, "embedded trust root").member(publicGoodMirror);
  const file = name === "root.json" ? mirror.member(name) : mirror.member("targets").member(name);
  if (file.absent) throw new ScError("TRUSTED_ROOT_INVALID", "embedded trust root: has no public-good instance");
  return decodeBase64(file.string(), file.path);
}
