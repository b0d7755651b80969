import { shortDigest } from "@sc/model";
import { verifyAttestation } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { describeSigner } from "../signer-text.ts";
import { printable } from "../terminal/printable.ts";
import { signerPolicy } from "../verifying.ts";

/** Verifies the statements of one type about an image. Throws `NO_SIGNATURES` where there is none. */
export async function verifyAttestations(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  const policy = await signerPolicy(context);
  await using connection = await connect(context, [image]);
  const { descriptor, predicateTypes, statements } = await verifyAttestation(
    image,
    { ...policy, predicateType: values.required("type") },
    { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") },
  );
  const [first] = statements;
  const predicateType = predicateTypes.join(" ");
  const bytes = Buffer.from(`${JSON.stringify(first?.statement.predicate, undefined, 2)}\n`);
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, bytes);
    context.wrote(path);
  }
  const signers = statements.map(({ facts: { signer } }) => describeSigner(signer));
  return {
    outcome: "pass",
    ...(path === undefined && !values.flag("json") ? { document: bytes } : {}),
    report: {
      image,
      digest: descriptor.digest,
      predicateType,
      statements: statements.map(({ manifest, facts, statement }) => ({ manifest, signature: facts, statement })),
      output: path,
    },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(image)} @${shortDigest(descriptor.digest)}`,
        `  type      ${printable(predicateType)}`,
        ...signers.map((signer) => `  signed    by ${signer}`),
      ].join("\n"),
  };
}
