import { ScError, shortDigest } from "@sc/model";
import { verifyAttestation } from "@sc/pipeline";
import { provenanceTypes, verifyProvenance } from "@sc/sign";
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
  const { descriptor, statements } = await verifyAttestation(
    image,
    { ...policy, predicateType: provenanceTypes },
    { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") },
  );
  checkDigest(descriptor.digest, values.text("expected-digest"), image);
  const builderId = values.text("expected-builder-id");
  const commit = values.text("expected-commit");
  const expected = {
    source: values.required("expected-source-uri"),
    ...(builderId === undefined ? {} : { builderId }),
    ...(commit === undefined ? {} : { commit }),
  };
  // Every provenance of an accepted signer must hold: one that contradicts is not passed over.
  const [verified] = statements.map((statement) => verifyProvenance(statement, expected));
  if (verified === undefined) throw new TypeError("verified attestations without a statement");
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, Buffer.from(`${JSON.stringify(verified.statement.predicate, undefined, 2)}\n`));
    context.wrote(path);
  }
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

function checkDigest(got: string, wanted: string | undefined, image: string): void {
  if (wanted === undefined || wanted === got) return;
  throw new ScError("PROVENANCE_MISMATCH", `${image}: resolves to another digest`, {
    facts: { image: got, expected: JSON.stringify(wanted.slice(0, 200)) },
  });
}
