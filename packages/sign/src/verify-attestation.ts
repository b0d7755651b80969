import {
  type ArtifactSource,
  type Call,
  type Descriptor,
  type Digest,
  digestOf,
  type JsonObject,
  ScError,
} from "@sc/model";
import { type AcceptedCandidate, findVerified } from "./find-verified.ts";
import { checkSignerPolicy, type SignerPolicy } from "./policy.ts";
import { resolvePredicateType } from "./resolve-predicate-type.ts";
import { encodeStatement, type Statement, statementOf } from "./statement.ts";
import type { StorageForm } from "./storage/candidate.ts";
import { type CandidateVerdict, refusal } from "./verdict.ts";
import type { SignatureFacts } from "./signature-facts.ts";
import type { WantedContent } from "./verify-candidate.ts";

/** What an attestation must be like. */
export interface VerifyAttestationPolicy extends SignerPolicy, Call {
  /** The name of a predicate type or its URI; of several any counts. */
  readonly predicateType: string | readonly string[];
  /** Where to look; everywhere by default. */
  readonly storage?: "bundle" | "tag" | "both";
  /** What is expected to be stated: a payload that is this to the byte is verified like any other and not parsed again. */
  readonly expected?: ExpectedStatement | undefined;
}

/** A statement of the type that is asked for, about the image by the name of its repository. */
export interface ExpectedStatement {
  readonly name: string;
  readonly predicate: JsonObject;
}

const verified: unique symbol = Symbol("verified");

/** A statement whose signature holds and that is about the image. Only `verifyAttestation` makes one. */
export interface VerifiedStatement {
  readonly [verified]: "statement";
  readonly statement: Statement;
  /** The signed bytes, for policies that want them as they are. */
  readonly payload: Uint8Array;
  readonly facts: SignatureFacts;
  readonly form: StorageForm;
  /** The manifest it stands in. */
  readonly manifest: Digest;
  /** Every place where the same is stated by the same signer: bundles first, this one the first of all. */
  readonly places: readonly { readonly form: StorageForm; readonly manifest: Digest }[];
}

/** The attestations of the types asked for about an image. */
export interface VerifiedAttestations {
  readonly repository: string;
  readonly descriptor: Descriptor;
  /** The URIs of the types that were looked for. */
  readonly predicateTypes: readonly string[];
  /** At least one; what is stored in both forms stands here once. */
  readonly statements: readonly VerifiedStatement[];
  /** What came of every candidate. */
  readonly verdicts: readonly CandidateVerdict[];
}

/**
 * The attestations of the types asked for about an image that are signed by the policy, from all places. Throws
 * `POLICY_INVALID`, `PREDICATE_INVALID`, `NO_SIGNATURES` when there is none of these types, `VERIFICATION_FAILED` when
 * none of them holds, `SIGN_LIMIT_EXCEEDED`, and what the source throws.
 */
export async function verifyAttestation(
  source: ArtifactSource,
  image: Descriptor,
  policy: VerifyAttestationPolicy,
): Promise<VerifiedAttestations> {
  const { storage = "both", signal, onProgress } = policy;
  checkSignerPolicy(policy);
  const asked = typeof policy.predicateType === "string" ? [policy.predicateType] : policy.predicateType;
  const predicateTypes = asked.map((name) => resolvePredicateType(name).uri);
  if (predicateTypes.length === 0)
    throw new ScError("POLICY_INVALID", "verification policy: no predicate type is named");
  const { repository } = source;
  const { accepted, verdicts } = await findVerified(source, {
    wanted: { subject: image.digest, predicateTypes, policy, repository, expected: expectedOf(image, policy) },
    suffix: "att",
    storage,
    all: true,
    signal,
    onProgress,
  });
  const statements = joinSame(accepted);
  if (statements.length === 0) {
    throw refusal(verdicts, {
      repository,
      digest: image.digest,
      what: `attestation of type ${predicateTypes.join(" or ")}`,
    });
  }
  return { repository, descriptor: image, predicateTypes, statements, verdicts };
}

function expectedOf(
  { digest }: Descriptor,
  { expected, predicateType }: VerifyAttestationPolicy,
): WantedContent["expected"] {
  if (expected === undefined || typeof predicateType !== "string") return undefined;
  const { name, predicate } = expected;
  const content = { subject: digest, name, predicateType: resolvePredicateType(predicateType).uri, predicate };
  return { payload: encodeStatement(content), statement: statementOf(content) };
}

// What is stored in both forms is one statement in two places.
function joinSame(accepted: readonly AcceptedCandidate[]): readonly VerifiedStatement[] {
  const joined = new Map<string, AcceptedCandidate[]>();
  for (const candidate of accepted) {
    if (candidate.content.statement === undefined) continue;
    const { facts, payload } = candidate.content;
    const key = `${digestOf(payload)} ${JSON.stringify(facts.signer)}`;
    joined.set(key, [...(joined.get(key) ?? []), candidate]);
  }
  return [...joined.values()].flatMap(verifiedStatement);
}

function verifiedStatement(same: readonly AcceptedCandidate[]): readonly VerifiedStatement[] {
  return same.slice(0, 1).flatMap(({ form, manifest, content: { statement, payload, facts } }) => {
    if (statement === undefined) return [];
    const places = same.map((place) => ({ form: place.form, manifest: place.manifest }));
    return [{ [verified]: "statement", statement, payload, facts, form, manifest, places }];
  });
}
