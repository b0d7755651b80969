import { type Digest, type ErrorDetail, ScError } from "@sc/model";
import type { StorageForm } from "./storage/candidate.ts";
import type { Check, VerifiedSigner } from "./signature-facts.ts";

/** What came of one thing that was attached to the image. */
export interface CandidateVerdict {
  readonly form: StorageForm;
  /** The manifest it stands in; absent when that could not be read. */
  readonly manifest?: Digest;
  readonly accepted: boolean;
  /** What was checked and held, for an accepted one. */
  readonly checks: readonly Check[];
  /** By whom it is, for an accepted one. */
  readonly signer?: VerifiedSigner;
  /** Why it was refused: a code and a sentence. */
  readonly code?: string;
  readonly message?: string;
  /** Labelled details of the refusal. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** A verification that ended with no. Carries what came of every candidate. */
export class VerificationError extends ScError {
  readonly verdicts: readonly CandidateVerdict[];

  constructor(error: ScError, verdicts: readonly CandidateVerdict[]) {
    const detail: ErrorDetail = { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    super(error.code, error.message, detail);
    this.verdicts = verdicts;
  }
}

/** What was looked for, to say that it was not found. */
export interface LookedFor {
  /** registry/repository. */
  readonly repository: string;
  readonly digest: Digest;
  /** In the singular: signature, attestation of type … */
  readonly what: string;
}

// The refusal that tells most comes first: the further a candidate got, the likelier it is the one that was meant.
const tellingCodes = [
  "SUBJECT_MISMATCH",
  "ANNOTATION_MISMATCH",
  "REFERENCE_MISMATCH",
  "IDENTITY_MISMATCH",
  "TIMESTAMP_INVALID",
  "TRANSPARENCY_LOG_INVALID",
  "CERTIFICATE_INVALID",
  "SIGNATURE_MISMATCH",
  "KEY_KIND_MISMATCH",
];

/** The error that says why nothing was accepted: `NO_SIGNATURES` or `VERIFICATION_FAILED`. */
export function refusal(verdicts: readonly CandidateVerdict[], { repository, digest, what }: LookedFor): ScError {
  const image = `${repository}@${digest}`;
  const others = verdicts.filter(({ code }) => code === "PREDICATE_TYPE_MISMATCH");
  const refused = verdicts.filter(({ code }) => code !== "PREDICATE_TYPE_MISMATCH");
  if (refused.length === 0) {
    const error = new ScError("NO_SIGNATURES", `${image}: has no ${what}`, {
      facts: { image, ...(others.length === 0 ? {} : { others: `${others.length} attached, of other types` }) },
      hint: "Sign the image, or name the repository where its signatures are.",
    });
    return new VerificationError(error, verdicts);
  }
  const rank = ({ code = "" }: CandidateVerdict): number => (tellingCodes.indexOf(code) + 20) % 20;
  const [telling] = refused.toSorted((left, right) => rank(left) - rank(right));
  const count = refused.length === 1 ? `1 ${what}, not accepted` : `${refused.length} × ${what}, none accepted`;
  const likely =
    telling?.code === "SUBJECT_MISMATCH"
      ? { likely: "the tag moved after signing, or the image was rebuilt on mirroring" }
      : {};
  const error = new ScError("VERIFICATION_FAILED", `${image}: ${count}: ${telling?.message ?? "unknown"}`, {
    facts: { image, reason: telling?.code ?? "", ...telling?.facts, ...likely },
  });
  return new VerificationError(error, verdicts);
}
