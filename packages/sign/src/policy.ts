import { ScError } from "@sc/model";
import { checkIdentityPolicy, type IdentityPolicy } from "./identity.ts";
import { signLimits } from "./limits.ts";
import type { PublicKey } from "./public-key.ts";
import type { TrustRoot } from "./trust/trust-root.ts";

/** By whom something must be signed: by one of these keys, or by one of these identities. */
export interface SignerPolicy {
  /** Any one of these keys. Exclusive with `identities`. */
  readonly keys?: readonly PublicKey[];
  /** Any one of these identities, by a certificate of an authority of the trust root. */
  readonly identities?: readonly IdentityPolicy[];
  /** The authorities that are believed; needed for identities, and for what a log or a timestamp says about a key. */
  readonly trustRoot?: TrustRoot;
  /**
   * Whether an entry in a transparency log is demanded. Of identities it is, where the trust root has a log; of keys
   * only when this is set.
   */
  readonly requireLogEntry?: boolean;
  /**
   * By how many different operators' logs it must be vouched for: two logs or keys of one operator count once, and
   * operators that the trust root does not name count as one. 1 where a log entry is demanded and nothing is said.
   */
  readonly minLogOperators?: number;
  /** By how many different operators' timestamp authorities it must be, counted in the same way. */
  readonly minTimestampOperators?: number;
  /** Refuses what was signed longer ago, or at no proven time: an old image put back under its name is still signed. */
  readonly maxAgeSeconds?: number;
  /** The present, against which signatures from the future are told. */
  readonly now?: Date;
}

/**
 * Checks that a policy asks for somebody and can be asked. An empty list is refused: it would be a policy without
 * content. Throws `POLICY_INVALID`.
 */
export function checkSignerPolicy(policy: SignerPolicy): void {
  const { keys, identities, trustRoot } = policy;
  if ((keys === undefined) === (identities === undefined)) {
    throw invalid("wanted either keys or identities", "Say by whose key or by which identity it must be signed.");
  }
  if (keys?.length === 0 || identities?.length === 0) throw invalid("the list of accepted signers is empty");
  if ((keys?.length ?? 0) > signLimits.maxKeys) throw invalid(`more than ${signLimits.maxKeys} keys`);
  for (const identity of identities ?? []) checkIdentityPolicy(identity);
  const { maxAgeSeconds } = policy;
  checkOperatorCounts(policy);
  if (maxAgeSeconds !== undefined && !(maxAgeSeconds > 0)) throw invalid("the greatest age is not a positive number");
  if (trustRoot === undefined) checkWithoutTrustRoot(policy);
}

function checkOperatorCounts({ minLogOperators = 1, minTimestampOperators = 1 }: SignerPolicy): void {
  for (const count of [minLogOperators, minTimestampOperators]) {
    if (Number.isSafeInteger(count) && count > 0) continue;
    throw invalid("the least number of operators is not a positive whole number");
  }
}

function checkWithoutTrustRoot(policy: SignerPolicy): void {
  const { keys, identities, requireLogEntry, maxAgeSeconds, minLogOperators, minTimestampOperators } = policy;
  if (minLogOperators !== undefined || minTimestampOperators !== undefined)
    throw invalid("operators can be told apart only by a trust root", "Give a trusted root.");
  if (maxAgeSeconds !== undefined)
    throw invalid("a greatest age needs a trust root to prove the time", "Give a trusted root.");
  if (identities !== undefined) throw invalid("identities need a trust root", "Give a trusted root.");
  if (requireLogEntry === true) throw invalid("a log entry was demanded without a trust root", "Give a trusted root.");
  if (keys?.some(({ validity }) => validity !== undefined) === true) {
    throw invalid("a key with a validity needs a trust root to prove the time", "Give a trusted root.");
  }
}

function invalid(what: string, hint?: string): ScError {
  return new ScError("POLICY_INVALID", `verification policy: ${what}`, hint === undefined ? {} : { hint });
}
