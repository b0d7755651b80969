import { digestOf, hasCode, shortDigest } from "@sc/model";
import { type Connection, verifyAttestation } from "@sc/pipeline";
import type { SignerPolicy, VerifiedAttestations, VerifiedStatement } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantity.ts";
import { signerPolicy } from "../verifying.ts";

const types = ["cyclonedx", "spdxjson"] as const;

/** Verifies the attested document of an image and writes it. Throws `NO_SIGNATURES` when there is none. */
export async function verifySbom(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const image = values.required("image");
  const policy = await signerPolicy(context);
  await using connection = await connect(context, [image]);
  const wanted = values.choice("type", types);
  const { attestations, statement } = await findSbom(wanted === undefined ? types : [wanted], {
    image,
    policy,
    connection,
    context,
  });
  const bytes = Buffer.from(`${JSON.stringify(statement.statement.predicate, undefined, 2)}\n`);
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, bytes);
    context.wrote(path);
  }
  const { predicateType, descriptor } = attestations;
  const { facts } = statement;
  const by = facts.signer.kind === "key" ? `key ${facts.signer.keyId.slice(0, 19)}` : printable(facts.signer.subject);
  const text = [
    `${style.paint("good", style.good)} ${printable(image)} @${shortDigest(descriptor.digest)}`,
    `  signed    by ${by}`,
    `  type      ${printable(predicateType)}`,
    ...(path === undefined
      ? []
      : [`  written   ${printable(path)}, ${formatBytes(bytes.length)}, ${digestOf(bytes).slice(0, 19)}`]),
  ].join("\n");
  return {
    outcome: "pass",
    // Asked for JSON the answer is who signed what; otherwise without a file the document itself is the result.
    ...(path === undefined && !values.flag("json") ? { document: bytes } : {}),
    report: {
      image,
      digest: descriptor.digest,
      predicateType,
      signature: facts,
      manifest: statement.manifest,
      output: path,
    },
    text: () => text,
  };
}

interface Finding {
  readonly image: string;
  readonly policy: SignerPolicy;
  readonly connection: Connection;
  readonly context: ActionContext;
}

// An image has a document in one format or in several: the first that is there and verifies is taken. What is there
// and does not verify is never passed over in silence.
async function findSbom(
  [type, ...others]: readonly (typeof types)[number][],
  finding: Finding,
): Promise<{ readonly attestations: VerifiedAttestations; readonly statement: VerifiedStatement }> {
  const { image, policy, connection, context } = finding;
  const { values, signal, onProgress } = context;
  const artifactRepository = values.text("artifact-repository");
  try {
    const asked = { ...policy, predicateType: type ?? "cyclonedx" };
    const options = { connection, signal, onProgress, artifactRepository };
    const attestations = await verifyAttestation(image, asked, options);
    const [statement] = attestations.statements;
    if (statement === undefined) throw new TypeError("verified attestations without a statement");
    return { attestations, statement };
  } catch (error) {
    if (others.length === 0 || !hasCode(error, "NO_SIGNATURES")) throw error;
    return await findSbom(others, finding);
  }
}
