import { type Digest, digestOf, ScError } from "@sc/model";
import { type DecodedBundle, decodeBundle } from "./bundle.ts";
import { decodeEnvelope } from "./envelope.ts";
import { envelopeContent, payloadContent } from "./layer-material.ts";
import { signLimits } from "./limits.ts";
import type { SignerPolicy } from "./policy.ts";
import { signPredicate } from "./predicates/sign.ts";
import { decodeSimpleSigning, encodeSimpleSigning, simpleSigningMediaType } from "./simple-signing.ts";
import { decodeStatement, encodeTagEnvelope, findSubject, type Statement, statementMediaType } from "./statement.ts";
import type { BlobReader } from "./storage/budget.ts";
import type { UnverifiedCandidate } from "./storage/candidate.ts";
import { claimedPredicateType } from "./storage/referrer.ts";
import { layerAnnotations } from "./storage/tag.ts";
import { verifyStatementBundle } from "./verify-statement-bundle.ts";
import type { SignatureFacts } from "./signature-facts.ts";
import type { CandidateVerdict } from "./verdict.ts";
import { verifySigned } from "./verify-signed.ts";

/** What a candidate must be about. */
export interface WantedContent {
  readonly subject: Digest;
  /** The URIs of the types that count, at least one. */
  readonly predicateTypes: readonly string[];
  readonly policy: SignerPolicy;
  /** The repository that is being verified: by it a payload without annotations is known before it is fetched. */
  readonly repository: string;
  /** A statement as it would be written: where it is that to the byte, it is not parsed again. */
  readonly expected?: { readonly payload: Uint8Array; readonly statement: Statement } | undefined;
}

/** What a candidate turned out to be: signed by whom, about the image, saying this. */
export interface CandidateContent {
  readonly facts: SignatureFacts;
  /** The signed payload's bytes. */
  readonly payload: Uint8Array;
  /** The statement; absent for cosign's older signatures, which are none. */
  readonly statement?: Statement;
  /** The repository it was signed under, where it says so. */
  readonly repository?: string;
  /** What the signer added. */
  readonly annotations: Readonly<Record<string, string>>;
  /** How many log entries and timestamps a bundle brings along, proven or not. */
  readonly testimonies?: number;
}

/** Reads and verifies one candidate. Throws the reason why it is refused, as `signErrorCodes` names them. */
export async function verifyCandidate(
  candidate: UnverifiedCandidate,
  wanted: WantedContent,
  blobs: BlobReader,
): Promise<CandidateContent> {
  if (candidate.form === "bundle") return await verifyBundleCandidate(candidate, wanted, blobs);
  return candidate.layer.mediaType === simpleSigningMediaType
    ? await verifyPayloadCandidate(candidate, wanted, blobs)
    : await verifyEnvelopeCandidate(candidate, wanted, blobs);
}

async function verifyBundleCandidate(
  { layer, where }: UnverifiedCandidate,
  wanted: WantedContent,
  blobs: BlobReader,
): Promise<CandidateContent> {
  const decoded = decodeBundle(await blobs.read(layer, signLimits.maxEnvelopeBytes), where);
  const { facts, statement, payload } = verifyStatementBundle(decoded, wanted, where);
  const content = about(statement, { facts, payload }, { wanted, where });
  expectEnvelope(decoded, statement, blobs);
  const { tlogEntries, timestampVerificationData } = decoded.bundle.verificationMaterial;
  return { ...content, testimonies: tlogEntries.length + (timestampVerificationData?.rfc3161Timestamps.length ?? 0) };
}

// What was attested in both forms stands under the tag as an envelope of the same signature.
function expectEnvelope({ bundle: { content } }: DecodedBundle, statement: Statement, blobs: BlobReader): void {
  if (content.$case !== "dsseEnvelope") return;
  const { payload, payloadType, signatures } = content.dsseEnvelope;
  const [signature] = signatures;
  if (signature === undefined || payloadType !== statementMediaType) return;
  const envelope = { payload, payloadType, signature: signature.sig, keyId: "" };
  blobs.expect(encodeTagEnvelope(envelope), { envelope, statement });
}

async function verifyEnvelopeCandidate(
  { layer, where }: UnverifiedCandidate,
  wanted: WantedContent,
  blobs: BlobReader,
): Promise<CandidateContent> {
  const claimed = layer.annotations?.[layerAnnotations.predicateType];
  if (claimed !== undefined && !wanted.predicateTypes.includes(claimed)) throw otherType(claimed, wanted, where);
  const bytes = await blobs.read(layer, signLimits.maxEnvelopeBytes);
  const known = blobs.known(layer);
  const envelope = known?.envelope ?? decodeEnvelope(bytes, where);
  const content = envelopeContent(layer, { ...envelope, bytes }, where);
  const facts = verifySigned(content, wanted.policy, where);
  if (envelope.payloadType !== statementMediaType) {
    throw new ScError("STATEMENT_INVALID", `${where}: the payload is not of type ${statementMediaType}`);
  }
  const statement = known?.statement ?? decodeStatement(envelope.payload, where);
  return about(statement, { facts, payload: envelope.payload }, { wanted, where });
}

async function verifyPayloadCandidate(
  { layer, where }: UnverifiedCandidate,
  wanted: WantedContent,
  blobs: BlobReader,
): Promise<CandidateContent> {
  if (!wanted.predicateTypes.includes(signPredicate.uri)) throw otherType(simpleSigningMediaType, wanted, where);
  // The payload of a plain signature is known from the image alone: where its digest is the layer's, it is not fetched.
  const expected = encodeSimpleSigning({ dockerReference: wanted.repository, digest: wanted.subject, annotations: {} });
  const payload = digestOf(expected) === layer.digest ? expected : await blobs.read(layer, signLimits.maxPayloadBytes);
  const facts = verifySigned(payloadContent(layer, payload, where), wanted.policy, where);
  const { digest, dockerReference, annotations } = decodeSimpleSigning(payload, where);
  if (digest !== wanted.subject) {
    throw new ScError("SUBJECT_MISMATCH", `${where}: is for another image`, {
      facts: { image: wanted.subject, signed: `${JSON.stringify(dockerReference.slice(0, 200))} ${digest}` },
    });
  }
  return { facts: withChecks(facts), payload, repository: dockerReference, annotations };
}

function about(
  statement: Statement,
  { facts, payload }: { readonly facts: SignatureFacts; readonly payload: Uint8Array },
  { wanted, where }: { readonly wanted: WantedContent; readonly where: string },
): CandidateContent {
  const subject = findSubject(statement, wanted.subject, where);
  const { predicateType } = statement;
  if (!wanted.predicateTypes.includes(predicateType)) throw otherType(predicateType, wanted, where);
  const annotations: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(subject.annotations ?? {})) {
    if (typeof value === "string") annotations[name] = value;
  }
  return {
    facts: withChecks(facts),
    payload,
    statement,
    ...(subject.name === undefined ? {} : { repository: subject.name }),
    annotations,
  };
}

function withChecks(facts: SignatureFacts): SignatureFacts {
  return { ...facts, checks: [...facts.checks, "subject", "type"] };
}

/** Why a referrer does not count, where the list of referrers already says that it is of another type. */
export function refuseClaimedType(
  descriptor: Parameters<typeof claimedPredicateType>[0],
  wanted: WantedContent,
  where: string,
): Refusal | undefined {
  const claimed = claimedPredicateType(descriptor);
  return claimed === undefined || wanted.predicateTypes.includes(claimed)
    ? undefined
    : refusalOf(claimed, wanted, where);
}

/** What an error says of a candidate, without its stack: most referrers are of another type than is asked for. */
type Refusal = Required<Pick<CandidateVerdict, "code" | "message" | "facts">>;

function refusalOf(got: string, wanted: WantedContent, where: string): Refusal {
  return {
    code: "PREDICATE_TYPE_MISMATCH",
    message: `${where}: is of another type`,
    facts: { type: JSON.stringify(got.slice(0, 200)), wanted: wanted.predicateTypes.join(" ") },
  };
}

function otherType(got: string, wanted: WantedContent, where: string): ScError {
  const { code, message, facts } = refusalOf(got, wanted, where);
  return new ScError(code, message, { facts });
}
