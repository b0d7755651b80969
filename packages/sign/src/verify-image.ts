import { type ArtifactSource, type Call, type Descriptor, type Digest, ScError } from "@sc/model";
import { type AcceptedCandidate, findVerified } from "./find-verified.ts";
import { checkSignerPolicy, type SignerPolicy } from "./policy.ts";
import { signPredicate } from "./predicates/sign.ts";
import type { StorageForm } from "./storage/candidate.ts";
import { type CandidateVerdict, refusal } from "./verdict.ts";
import type { CandidateContent } from "./verify-candidate.ts";
import type { SignatureFacts } from "./signature-facts.ts";

/** What a signature of an image must be like. */
export interface VerifyImagePolicy extends SignerPolicy, Call {
  /** Every one of these must be among what the signer added, with exactly this value. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The repository the image must have been signed under; when not said any will do, since images are mirrored. */
  readonly signedRepository?: string;
  /** Where to look; everywhere by default. */
  readonly storage?: "bundle" | "tag" | "both";
  /** Looks at everything attached, for a full report; otherwise the first signature that holds is enough. */
  readonly all?: boolean;
}

/** One signature of an image that holds. */
export interface VerifiedSignature {
  readonly form: StorageForm;
  /** The manifest it stands in. */
  readonly manifest: Digest;
  readonly facts: SignatureFacts;
  /** The repository it was signed under, where it says so. */
  readonly repository?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const verified: unique symbol = Symbol("verified");

/** An image whose signature holds. Only `verifyImage` makes one. */
export interface VerifiedImage {
  readonly [verified]: "image";
  readonly repository: string;
  readonly descriptor: Descriptor;
  /** At least one. */
  readonly signatures: readonly VerifiedSignature[];
  /** What came of every candidate that was looked at. */
  readonly verdicts: readonly CandidateVerdict[];
}

/**
 * Verifies that an image is signed, by the policy: reads bundles among the referrers and cosign's `.sig` tag, and
 * believes only a statement of type `https://sigstore.dev/cosign/sign/v1` or a simple-signing payload about exactly
 * this digest; a provenance is not a signature. `image` is what a reference was resolved to, once.
 *
 * Throws `POLICY_INVALID`, `NO_SIGNATURES`, `VERIFICATION_FAILED` (a `VerificationError` with the verdict on every
 * candidate), `SIGN_LIMIT_EXCEEDED`, and what the source throws.
 */
export async function verifyImage(
  source: ArtifactSource,
  image: Descriptor,
  policy: VerifyImagePolicy,
): Promise<VerifiedImage> {
  const { storage = "both", all = false, annotations = {}, signedRepository, signal, onProgress } = policy;
  checkSignerPolicy(policy);
  const { repository } = source;
  const { accepted, verdicts } = await findVerified(source, {
    wanted: { subject: image.digest, predicateTypes: [signPredicate.uri], policy, repository },
    suffix: "sig",
    storage,
    all,
    accept: (content, where) => {
      checkAnnotations(content, annotations, where);
      if (signedRepository !== undefined) checkRepository(content, signedRepository, where);
    },
    signal,
    onProgress,
  });
  if (accepted.length === 0) throw refusal(verdicts, { repository, digest: image.digest, what: "signature" });
  const signatures = accepted.map(verifiedSignature);
  return { [verified]: "image", repository, descriptor: image, signatures, verdicts };
}

function verifiedSignature({ form, manifest, content }: AcceptedCandidate): VerifiedSignature {
  const { facts, repository, annotations } = content;
  return { form, manifest, facts, ...(repository === undefined ? {} : { repository }), annotations };
}

function checkAnnotations(
  { annotations }: CandidateContent,
  wanted: Readonly<Record<string, string>>,
  where: string,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    const got = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
    if (got === value) continue;
    const shown = got === undefined ? "nothing" : JSON.stringify(got.slice(0, 100));
    throw new ScError(
      "ANNOTATION_MISMATCH",
      `${where}: annotation ${JSON.stringify(name)}: wanted ${JSON.stringify(value)}, got ${shown}`,
    );
  }
}

function checkRepository({ repository }: CandidateContent, wanted: string, where: string): void {
  if (repository === wanted) return;
  throw new ScError("REFERENCE_MISMATCH", `${where}: is for another repository`, {
    facts: { wanted, signed: repository === undefined ? "none" : JSON.stringify(repository.slice(0, 200)) },
  });
}
