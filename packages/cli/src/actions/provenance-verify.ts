import { digestOf, hasCode, ScError, shortDigest } from "@sc/model";
import { findAttachments, verifyAttestation, type VerifyOptions } from "@sc/pipeline";
import {
  type ProvenanceExpectation,
  provenanceTypes,
  type SignerPolicy,
  summarizeVerification,
  type VerifiedAttestations,
  type VerifiedProvenance,
  verifyProvenance,
} from "@sc/sign";
import { readNamedValue } from "../annotations.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { printable } from "../terminal/printable.ts";
import { signerPolicy } from "../verifying.ts";

/** Verifies how an image was built. Throws `NO_SIGNATURES`, `PROVENANCE_MISMATCH`, `BUILDER_UNTRUSTED`. */
export async function verify(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const image = values.required("image");
  const policy = await signerPolicy(context);
  await using connection = await connect(context, [image]);
  const options = { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") };
  const { name, descriptor, statements } = await findProvenance(image, policy, options);
  checkDigest(descriptor.digest, values.text("expected-digest"), image);
  const expected = expectation(context);
  // Every provenance of an accepted signer must hold: one that contradicts is not passed over.
  const [verified] = statements.map((statement) => verifyProvenance(statement, expected));
  if (verified === undefined) throw new TypeError("verified attestations without a statement");
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, Buffer.from(`${JSON.stringify(verified.statement.predicate, undefined, 2)}\n`));
    context.wrote(path);
  }
  await writeSummary(verified, { resourceUri: `${name}@${descriptor.digest}`, expected, context });
  const { source, ref, commit: built, level, builder } = verified;
  return {
    outcome: "pass",
    report: {
      image,
      digest: descriptor.digest,
      level,
      builderId: verified.builderId,
      builder,
      source,
      ref,
      commit: built,
      signature: verified.facts,
      output: path,
      vsa: values.text("vsa"),
    },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(image)} @${shortDigest(descriptor.digest)}  SLSA build level ${level}`,
        `  source    ${printable(source)}${ref === undefined ? "" : ` ${printable(ref)}`}`,
        ...(built === undefined ? [] : [`  commit    ${printable(built)}`]),
        `  builder   ${printable(verified.builderId)}`,
      ].join("\n"),
  };
}

// Unsigned provenance is told as such: anybody who may push can have written it, so that it proves nothing.
async function findProvenance(
  image: string,
  policy: SignerPolicy,
  options: VerifyOptions,
): Promise<VerifiedAttestations & { readonly name: string }> {
  try {
    const found = await verifyAttestation(image, { ...policy, predicateType: provenanceTypes }, options);
    return { ...found, name: found.repository };
  } catch (error) {
    if (!hasCode(error, "NO_SIGNATURES")) throw error;
    const { attachments } = await findAttachments(image, options);
    const unsigned = attachments.filter(
      ({ form, predicateType = "" }) => form === "index" && provenanceTypes.includes(predicateType),
    );
    if (unsigned.length === 0) throw error;
    const message = `${image}: its provenance is BuildKit's, in the index, and nobody signed it`;
    throw new ScError("NO_SIGNATURES", message, {
      cause: error,
      facts: {
        unsigned: unsigned
          .map(({ manifest, predicateType = "" }) => `${shortDigest(manifest)} ${predicateType}`)
          .join(" "),
      },
      hint: "Sign one where the image is built: sc provenance attach. To read this one: sc image download attestation.",
    });
  }
}

const levels = [1, 2, 3] as const;

function expectation({ values }: ActionContext): ProvenanceExpectation {
  const builderId = values.text("expected-builder-id");
  const commit = values.text("expected-commit");
  const branch = values.text("expected-branch");
  const tag = values.text("expected-tag");
  const versionedTag = values.text("expected-versioned-tag");
  const minLevel = levels.find((level) => String(level) === values.text("min-level"));
  const inputs = values.texts("expected-workflow-input").map((text) => readNamedValue(text, "expected-workflow-input"));
  const twice = inputs.find(([name], index) => inputs.findIndex(([other]) => other === name) !== index);
  if (twice !== undefined)
    throw new ScError("CLI_USAGE", `the workflow input ${JSON.stringify(twice[0].slice(0, 100))} is given twice`);
  return {
    source: values.required("expected-source-uri"),
    ...(builderId === undefined ? {} : { builderId }),
    ...(commit === undefined ? {} : { commit }),
    ...(branch === undefined ? {} : { branch }),
    ...(tag === undefined ? {} : { tag }),
    ...(versionedTag === undefined ? {} : { versionedTag }),
    ...(minLevel === undefined ? {} : { minLevel }),
    ...(inputs.length === 0 ? {} : { workflowInputs: Object.fromEntries(inputs) }),
  };
}

interface Summing {
  readonly resourceUri: string;
  readonly expected: object;
  readonly context: ActionContext;
}

async function writeSummary(verified: VerifiedProvenance, { resourceUri, expected, context }: Summing): Promise<void> {
  const { values } = context;
  const path = values.text("vsa");
  const verifierId = values.text("verifier-id");
  if (path === undefined) return;
  if (verifierId === undefined) {
    throw new ScError("CLI_USAGE", "--verifier-id is missing: a summary is worth as much as who made it", {
      hint: "Give the URI that whoever reads the summary knows this verifier by.",
    });
  }
  const policy = { uri: "urn:sc:provenance-verify:1", digest: digestOf(Buffer.from(JSON.stringify(expected))) };
  const { predicate } = summarizeVerification(verified, { verifierId, resourceUri, policy, now: context.now() });
  await writeUserFile(path, Buffer.from(`${JSON.stringify(predicate, undefined, 2)}\n`));
  context.wrote(path);
}

function checkDigest(got: string, wanted: string | undefined, image: string): void {
  if (wanted === undefined || wanted === got) return;
  throw new ScError("PROVENANCE_MISMATCH", `${image}: resolves to another digest`, {
    facts: { image: got, expected: JSON.stringify(wanted.slice(0, 200)) },
  });
}
