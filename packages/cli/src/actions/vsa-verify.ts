import { isScError, ScError } from "@sc/model";
import { verifyAttestation } from "@sc/pipeline";
import {
  type ProvenanceEvidence,
  type SignerPolicy,
  type SummaryExpectation,
  type VerifiedSummary,
  verifyBundle,
  verifySummary,
} from "@sc/sign";
import { maxBundleBytes } from "../blob.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readUserFile, writeUserFile } from "../files.ts";
import { describeSigner } from "../signer-text.ts";
import { printable } from "../terminal/printable.ts";
import { signerPolicy } from "../verifying.ts";

/** What the summaries are about, and those whose signature and subject hold. */
interface SignedSummaries {
  readonly about: string;
  /** What the resource is called where the options do not say. */
  readonly resourceUri: string | undefined;
  readonly evidence: readonly ProvenanceEvidence[];
}

/** Verifies summaries of an image, or one in a file. Throws `NO_SIGNATURES`, `SUMMARY_MISMATCH`, `SUMMARY_INVALID`. */
export async function verifySummaries(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const policy = await signerPolicy(context);
  const path = values.text("attestation");
  if ((path === undefined) === (values.text("image") === undefined))
    throw new ScError("CLI_USAGE", "wanted either --image or --attestation");
  const { about, resourceUri, evidence } =
    path === undefined ? await attachedSummaries(context, policy) : await summaryFile(path, policy, context);
  const wanted = values.text("resource-uri") ?? resourceUri;
  if (wanted === undefined) throw new ScError("CLI_USAGE", "--resource-uri is missing: a file does not say what it is");
  const policyUri = values.text("policy-uri");
  const found = acceptedSummary(evidence, {
    verifierId: values.required("verifier-id"),
    resourceUri: wanted,
    levels: values.texts("verified-level"),
    ...(policyUri === undefined ? {} : { policyUri }),
  });
  const output = values.text("output");
  if (output !== undefined) {
    await writeUserFile(output, Buffer.from(`${JSON.stringify(found.statement.predicate, undefined, 2)}\n`));
    context.wrote(output);
  }
  const { verifierId, policyUri: by, levels, timeVerified, facts } = found;
  return {
    outcome: "pass",
    report: {
      subject: about,
      verifierId,
      resourceUri: found.resourceUri,
      policyUri: by,
      levels,
      timeVerified,
      signature: facts,
      output,
    },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(about)}  passed ${printable(levels.join(" "))}`,
        `  verifier  ${printable(verifierId)}, at ${printable(timeVerified)}`,
        `  policy    ${printable(by)}`,
        `  signed    by ${describeSigner(facts.signer)}`,
      ].join("\n"),
  };
}

async function attachedSummaries(context: ActionContext, policy: SignerPolicy): Promise<SignedSummaries> {
  const { values, signal, onProgress } = context;
  const image = values.required("image");
  if (values.texts("subject-digest").length > 0)
    throw new ScError("CLI_USAGE", "--subject-digest is for a file: the image's own digest is what counts");
  await using connection = await connect(context, [image]);
  const { repository, descriptor, statements } = await verifyAttestation(
    image,
    { ...policy, predicateType: "vsa" },
    { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") },
  );
  return { about: image, resourceUri: `${repository}@${descriptor.digest}`, evidence: statements };
}

async function summaryFile(path: string, policy: SignerPolicy, { values }: ActionContext): Promise<SignedSummaries> {
  const digests = values.texts("subject-digest");
  const [first] = digests;
  if (first === undefined)
    throw new ScError("CLI_USAGE", "--subject-digest is missing: what the file's summary must be about");
  const bytes = await readUserFile(path, { maxBytes: maxBundleBytes });
  const evidence = digests.map((digest) => verifyBundle(bytes, { named: namedDigest(digest) }, policy));
  // One statement about all of them.
  return { about: first, resourceUri: undefined, evidence: evidence.slice(0, 1) };
}

function namedDigest(text: string): { readonly algorithm: string; readonly value: string } {
  const [, algorithm, value] = /^([\w-]+):(\S+)$/.exec(text) ?? [];
  if (algorithm !== undefined && value !== undefined) return { algorithm, value };
  throw new ScError("CLI_USAGE", `--subject-digest: wanted algorithm:value, got ${JSON.stringify(text.slice(0, 100))}`);
}

// Several verifiers may have summed up the same image: one that is as expected is enough.
function acceptedSummary(evidence: readonly ProvenanceEvidence[], expected: SummaryExpectation): VerifiedSummary {
  const refusals: ScError[] = [];
  for (const one of evidence) {
    try {
      return verifySummary(one, expected);
    } catch (error) {
      if (!isScError(error)) throw error;
      refusals.push(error);
    }
  }
  throw refusals[0] ?? new TypeError("verified attestations without a statement");
}
