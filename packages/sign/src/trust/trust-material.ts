import type { TrustMaterial } from "@sigstore/verify";
import { ScError } from "@sc/model";
import type { TrustRoot } from "./trust-root.ts";

// Beside the roots, not in them: what embeds this package sees no type of another.
const materials = new WeakMap<TrustRoot, TrustMaterial>();

/** Keeps the authorities of a root as the verifier takes them. */
export function keepMaterial(root: TrustRoot, material: TrustMaterial): TrustRoot {
  materials.set(root, material);
  return root;
}

/** The authorities of a root. Throws `TRUSTED_ROOT_INVALID` for one that was not decoded here. */
export function materialOf(root: TrustRoot): TrustMaterial {
  const material = materials.get(root);
  if (material !== undefined) return material;
  throw new ScError("TRUSTED_ROOT_INVALID", `${root.description}: a copy of a trust root, which nobody checked`, {
    hint: "Give the value that decodeTrustRoot or refreshTrustRoot returned, not a copy of it.",
  });
}
