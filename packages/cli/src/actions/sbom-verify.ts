import { digestOf, hasCode, ScError, shortDigest } from "@sc/model";
import { findAttachments, verifyAttestation, type VerifyOptions } from "@sc/pipeline";
import type { VerifiedAttestations, VerifyAttestationPolicy } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { describeSigner } from "../signer-text.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantity.ts";
import { signerPolicy } from "../verifying.ts";

const types = ["cyclonedx", "spdxjson"] as const;

/** Verifies the attested document of an image and writes it. Throws `NO_SIGNATURES` when there is none. */
export async function verifySbom(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const image = values.required("image");
  const policy = await signerPolicy(context);
  await using connection = await connect(context, [image]);
  const wanted = values.choice("type", types);
  // An image has a document in one format or in several: the first that verifies is taken.
  const { descriptor, statements } = await findDocument(
    image,
    { ...policy, predicateType: wanted ?? types },
    { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") },
  );
  const [statement] = statements;
  if (statement === undefined) throw new TypeError("verified attestations without a statement");
  const bytes = Buffer.from(`${JSON.stringify(statement.statement.predicate, undefined, 2)}\n`);
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, bytes);
    context.wrote(path);
  }
  const { facts } = statement;
  const { predicateType } = statement.statement;
  const text = [
    `${style.paint("good", style.good)} ${printable(image)} @${shortDigest(descriptor.digest)}`,
    `  signed    by ${describeSigner(facts.signer)}`,
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

// A document that nobody signed is told as such: anybody who may push can have written it, so that it proves nothing.
async function findDocument(
  image: string,
  policy: VerifyAttestationPolicy,
  options: VerifyOptions,
): Promise<VerifiedAttestations> {
  try {
    return await verifyAttestation(image, policy, options);
  } catch (error) {
    if (!hasCode(error, "NO_SIGNATURES")) throw error;
    const { attachments } = await findAttachments(image, options);
    const unsigned = attachments.filter(({ kind }) => kind === "sbom");
    if (unsigned.length === 0) throw error;
    throw new ScError("NO_SIGNATURES", `${image}: has an SBOM that nobody signed: it is not verified`, {
      cause: error,
      facts: {
        unsigned: unsigned
          .map(({ tag, manifest, mediaType }) => `${tag === undefined ? shortDigest(manifest) : tag} ${mediaType}`)
          .join("\n"),
      },
      hint: "Attest it where the image is built: sc sbom attach --key. To read this one: sc image download sbom.",
    });
  }
}
