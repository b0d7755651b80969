import { Decoder, ScError } from "@sc/model";
import { decodeBase64 } from "../base64.ts";
import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";

const repository = "https://tuf-repo-cdn.sigstore.dev";

/**
 * Sigstore's public-good trust root as it was when `@sigstore/tuf` was released: no network. It stays true for what
 * was signed before; authorities that started later are missing from it.
 */
export async function loadPublicGoodRoot(): Promise<TrustRoot> {
  const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
  const document = new Decoder(seeds, "embedded trust root");
  const target = document.member(repository).member("targets").member("trusted_root.json");
  if (target.absent) throw new ScError("TRUSTED_ROOT_INVALID", "embedded trust root: has no public-good instance");
  return decodeTrustRoot(decodeBase64(target.string(), target.path), "sigstore public good, embedded");
}
