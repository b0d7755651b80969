import { createPublicKey } from "node:crypto";
import type { RFC3161Timestamp, X509Certificate } from "@sigstore/core";
import type { SignedEntity } from "@sigstore/verify";
import { ScError } from "@sc/model";
import type { SignerPolicy } from "./policy.ts";
import { materialOf } from "./trust/trust-material.ts";
import type { TrustRoot } from "./trust/trust-root.ts";

/**
 * Checks that enough different operators vouch for something whose log entries and timestamps are verified already.
 * Throws `TRANSPARENCY_LOG_INVALID`, `TIMESTAMP_INVALID`.
 */
export function checkOperators(
  entity: SignedEntity,
  { trustRoot, minLogOperators = 0, minTimestampOperators = 0 }: SignerPolicy,
  where: string,
): void {
  if (trustRoot === undefined) return;
  const logs = logOperators(entity, trustRoot).size;
  if (logs < minLogOperators) {
    throw new ScError("TRANSPARENCY_LOG_INVALID", `${where}: in the logs of too few operators`, {
      facts: { wanted: String(minLogOperators), got: String(logs) },
    });
  }
  const timestampers = minTimestampOperators === 0 ? 0 : timestampOperators(entity, trustRoot).size;
  if (timestampers < minTimestampOperators) {
    throw new ScError("TIMESTAMP_INVALID", `${where}: timestamps by too few operators`, {
      facts: { wanted: String(minTimestampOperators), got: String(timestampers) },
    });
  }
}

function logOperators({ tlogEntries }: SignedEntity, root: TrustRoot): ReadonlySet<string> {
  const { tlogs } = materialOf(root);
  return new Set(
    tlogEntries.flatMap(({ logId }) => {
      const at = tlogs.findIndex(({ logID }) => logID.equals(logId.keyId));
      return at < 0 ? [] : [root.operators.logs[at] ?? ""];
    }),
  );
}

function timestampOperators({ timestamps, signature }: SignedEntity, root: TrustRoot): ReadonlySet<string> {
  const { timestampAuthorities } = materialOf(root);
  return new Set(
    timestamps.flatMap((one) => {
      if (one.$case !== "timestamp-authority") return [];
      const at = timestampAuthorities.findIndex(({ certChain: [leaf] }) =>
        leaf === undefined ? false : isBy(one.timestamp, leaf, signature.signature),
      );
      return at < 0 ? [] : [root.operators.timestampAuthorities[at] ?? ""];
    }),
  );
}

// Name and number of a certificate are not enough where two authorities chose the same.
function isBy(timestamp: RFC3161Timestamp, leaf: X509Certificate, signature: Buffer): boolean {
  const { signerSerialNumber, signerIssuer } = timestamp;
  if (!leaf.serialNumber.equals(signerSerialNumber) || !leaf.issuer.equals(signerIssuer)) return false;
  try {
    timestamp.verify(signature, createPublicKey({ key: leaf.publicKey, format: "der", type: "spki" }));
    return true;
  } catch {
    return false;
  }
}
