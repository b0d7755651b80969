import { type SignedEntity, type TrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { ScError } from "@sc/model";
import { keyHint } from "./bundle.ts";
import { readCertificateIdentity } from "./certificate-identity.ts";
import { takeEnvelopeEntries } from "./envelope-entry.ts";
import { checkIdentity } from "./identity.ts";
import { checkLogEntry } from "./log-entry.ts";
import { checkOperators } from "./operators.ts";
import { readParsedIdentity } from "./parsed-certificate.ts";
import type { SignerPolicy } from "./policy.ts";
import type { PublicKey } from "./public-key.ts";
import { judgeEntity, type JudgedEntity, type SignedContent } from "./signed-entity.ts";
import { materialOf } from "./trust/trust-material.ts";
import type { Check, ProvenLogEntry, SignatureFacts, VerifiedSigner } from "./signature-facts.ts";

const noTrust: Omit<TrustMaterial, "publicKey"> = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  tlogs: [],
  ctlogs: [],
};

const clockSkewMilliseconds = 300_000;

/**
 * Who signed this, by the policy. Throws `KEY_KIND_MISMATCH`, `SIGNATURE_MISMATCH`, `CERTIFICATE_INVALID`,
 * `IDENTITY_MISMATCH`, `TRANSPARENCY_LOG_INVALID`, `TIMESTAMP_INVALID`, `BUNDLE_INVALID`.
 *
 * What the signed bytes say is not looked at: that is the caller's part.
 */
export function verifySigned(content: SignedContent, policy: SignerPolicy, where: string): SignatureFacts {
  const material = content.bundle.verificationMaterial.content;
  const byKey = material.$case === "publicKey";
  if (byKey !== (policy.keys !== undefined)) {
    const [got, wanted] = byKey ? ["key", "an identity"] : ["certificate", "a key"];
    throw new ScError("KEY_KIND_MISMATCH", `${where}: signed by ${got}, but ${wanted} was asked for`);
  }
  if (material.$case === "publicKey") return verifyByKeys(content, policy, material.publicKey.hint, where);
  const certificate =
    material.$case === "certificate" ? material.certificate : material.x509CertificateChain.certificates[0];
  if (certificate === undefined) throw new ScError("CERTIFICATE_INVALID", `${where}: no signing certificate`);
  return verifyByCertificate(content, policy, certificate.rawBytes, where);
}

function verifyByKeys(content: SignedContent, policy: SignerPolicy, hint: string, where: string): SignatureFacts {
  const { keys = [], requireLogEntry = false, trustRoot } = policy;
  const hinted = keys.filter((key) => keyHint(key.id) === hint);
  const trusted = trustRoot === undefined ? undefined : materialOf(trustRoot);
  // Without a trust root nothing in entries and timestamps can be proven, so nothing of them is believed or shown.
  const judged = run(() => judgeEntity(content, trusted), where);
  const { entity } = judged;
  // A hint that names one of the keys decides; any other hint is unknown here and every key is tried.
  for (const key of hinted.length > 0 ? hinted : keys) {
    if (judged.match(key.key) === undefined) continue;
    const material = { ...(trusted ?? noTrust), publicKey: () => constrained(key) };
    verifyEntity(judged, content, {
      material,
      where,
      tlogThreshold: requireLogEntry ? 1 : 0,
      ctlogThreshold: 1,
      timestampThreshold: key.validity === undefined ? 0 : 1,
    });
    const times = provenTimes(entity);
    for (const entry of entity.tlogEntries) {
      const der = key.key.export({ format: "der", type: "spki" });
      checkLogEntry(entry, { key: der, logs: material.tlogs, times }, where);
    }
    checkOperators(entity, policy, where);
    return facts(judged, { kind: "key", keyId: key.id }, { policy, where });
  }
  throw new ScError(
    "SIGNATURE_MISMATCH",
    `${where}: not signed by ${keys.length === 1 ? "the key" : "any of the keys"}`,
    {
      facts: { accepted: keys.map(({ id }) => id.slice(0, 19)).join(" ") },
    },
  );
}

function constrained(key: PublicKey): ReturnType<TrustMaterial["publicKey"]> {
  const { start, end } = key.validity ?? {};
  return {
    publicKey: key.key,
    validFor: (time) => (start === undefined || start <= time) && (end === undefined || time <= end),
  };
}

function verifyByCertificate(
  content: SignedContent,
  policy: SignerPolicy,
  certificate: Uint8Array,
  where: string,
): SignatureFacts {
  const { identities = [], trustRoot } = policy;
  if (trustRoot === undefined) throw new ScError("POLICY_INVALID", `${where}: identities need a trust root`);
  const material = materialOf(trustRoot);
  const judged = run(() => judgeEntity(content, material), where);
  const { entity } = judged;
  // An instance whose root has no log proves the time by timestamps alone; a root with a log always demands it.
  verifyEntity(judged, content, {
    material,
    where,
    tlogThreshold: material.tlogs.length > 0 || policy.requireLogEntry === true ? 1 : 0,
    ctlogThreshold: material.ctlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  const times = provenTimes(entity);
  for (const entry of entity.tlogEntries)
    checkLogEntry(entry, { key: certificate, logs: material.tlogs, times }, where);
  checkOperators(entity, policy, where);
  const { key } = entity;
  const identity = run(
    () =>
      key.$case === "certificate"
        ? readParsedIdentity(key.certificate, certificate, where)
        : readCertificateIdentity(certificate, where),
    where,
  );
  const found = facts(judged, { kind: "identity", ...identity }, { policy, where });
  checkIdentity(identity, identities, where);
  return found;
}

interface Thresholds {
  readonly material: TrustMaterial;
  readonly where: string;
  readonly tlogThreshold: number;
  readonly ctlogThreshold: number;
  readonly timestampThreshold: number;
}

function verifyEntity(judged: JudgedEntity, content: SignedContent, thresholds: Thresholds): void {
  const { entity } = judged;
  const { material, where, tlogThreshold, ctlogThreshold, timestampThreshold } = thresholds;
  if (entity.timestamps.length < timestampThreshold) throw untimed(judged, where);
  if (entity.tlogEntries.length < tlogThreshold) throw unlogged(judged, where);
  const rest = run(() => takeEnvelopeEntries(entity, content, { logs: material.tlogs, where }), where);
  const taken = entity.tlogEntries.length - rest.tlogEntries.length;
  const verifier = new Verifier(material, {
    tlogThreshold: Math.max(tlogThreshold - taken, 0),
    ctlogThreshold,
    timestampThreshold,
  });
  run(() => verifier.verify(rest), where);
}

function untimed({ foreign }: JudgedEntity, where: string): ScError {
  const others = foreign.timestamps + foreign.logEntries > 0 ? ": its witnesses are not in the trust root" : "";
  return new ScError("TIMESTAMP_INVALID", `${where}: nothing proves when it was signed${others}`);
}

function unlogged({ foreign }: JudgedEntity, where: string): ScError {
  const others = foreign.logEntries > 0 ? " of the trust root" : "";
  return new ScError("TRANSPARENCY_LOG_INVALID", `${where}: in no transparency log${others}`);
}

function provenTimes({ timestamps }: SignedEntity): readonly Date[] {
  return timestamps.flatMap((timestamp) => {
    if (timestamp.$case === "timestamp-authority") return [timestamp.timestamp.signingTime];
    // Without the log's promise the time of an entry is only claimed (CVE-2026-48816).
    const promised = timestamp.tlogEntry.inclusionPromise !== undefined;
    return promised ? [new Date(Number(timestamp.tlogEntry.integratedTime) * 1000)] : [];
  });
}

function facts(
  { entity, hash: hashOf }: JudgedEntity,
  signer: VerifiedSigner,
  { policy, where }: { readonly policy: SignerPolicy; readonly where: string },
): SignatureFacts {
  const { now = new Date(), maxAgeSeconds } = policy;
  const times = provenTimes(entity).map((time) => time.getTime());
  if (times.some((time) => time > now.getTime() + clockSkewMilliseconds)) {
    throw new ScError("TIMESTAMP_INVALID", `${where}: signed in the future`);
  }
  // Of several times the earliest counts: a later one may have been added to an old signature.
  if (
    maxAgeSeconds !== undefined &&
    !(Math.min(...times) >= now.getTime() - maxAgeSeconds * 1000 && times.length > 0)
  ) {
    throw new ScError("TIMESTAMP_INVALID", `${where}: signed longer ago than is accepted, or at no proven time`);
  }
  const checks: Check[] = ["signature"];
  if (signer.kind === "identity") checks.push("certificate", "identity");
  if (entity.tlogEntries.length > 0) checks.push("transparency-log");
  if (times.length > 0) checks.push("timestamp");
  const hash = hashOf();
  return {
    signer,
    ...(hash === undefined ? {} : { hash }),
    ...(times.length === 0 ? {} : { signedAt: new Date(Math.min(...times)).toISOString() }),
    logEntries: entity.tlogEntries.map(provenEntry),
    checks,
  };
}

// Of version 2 of the interface are the kinds that begin at 0.0.2; intoto had that number in version 1 already.
const laterKinds: ReadonlySet<string> = new Set(["hashedrekord 0.0.2", "dsse 0.0.2"]);

function provenEntry({ logId, logIndex, kindVersion }: SignedEntity["tlogEntries"][number]): ProvenLogEntry {
  const { kind, version } = kindVersion;
  const logVersion = laterKinds.has(`${kind} ${version}`) ? 2 : 1;
  return { logId: logId.keyId.toString("hex"), logIndex, kind, kindVersion: version, logVersion };
}

// The library's errors quote nothing secret, and all that is no VerificationError is a malformed bundle.
function run<Value>(step: () => Value, where: string): Value {
  try {
    return step();
  } catch (cause) {
    if (cause instanceof ScError) throw cause;
    const code = cause instanceof VerificationError ? reasonOf(cause.code) : "BUNDLE_INVALID";
    const what = cause instanceof Error ? cause.message.slice(0, 200) : "cannot be read";
    throw new ScError(code, `${where}: ${what}`, { cause });
  }
}

function reasonOf(code: string): string {
  if (code.startsWith("TLOG_")) return "TRANSPARENCY_LOG_INVALID";
  if (code === "TIMESTAMP_ERROR" || code === "PUBLIC_KEY_ERROR") return "TIMESTAMP_INVALID";
  if (code === "CERTIFICATE_ERROR") return "CERTIFICATE_INVALID";
  return code === "SIGNATURE_ERROR" ? "SIGNATURE_MISMATCH" : "BUNDLE_INVALID";
}
