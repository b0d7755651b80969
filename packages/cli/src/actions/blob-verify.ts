import { digestOf, ScError } from "@sc/model";
import {
  decodeSignatureFile,
  type SignerPolicy,
  type VerifiedBundle,
  verifyBlob,
  verifyBlobAttestation,
  verifyBlobSignature,
} from "@sc/sign";
import { type Blob, findBundle, maxBundleBytes, readBlob } from "../blob.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { readUserFile, writeUserFile } from "../files.ts";
import { describeSigner } from "../signer-text.ts";
import { printable } from "../terminal/printable.ts";
import { signerPolicy } from "../verifying.ts";

/** Signatures and certificates are small; more is another file. */
const maxSignatureBytes = 64 * 1024;

/** Verifies who signed a file, or what somebody stated about it. Throws the reason why not. */
export async function verifyFile(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const policy = await signerPolicy(context);
  const blob = await readBlob(context);
  const { facts, statement } = await verifyEither(blob, policy, context);
  const path = values.text("output");
  if (path !== undefined) {
    if (statement === undefined) throw new ScError("CLI_USAGE", "--output is for what a statement says: give --type");
    await writeUserFile(path, Buffer.from(`${JSON.stringify(statement.predicate, undefined, 2)}\n`));
    context.wrote(path);
  }
  return {
    outcome: "pass",
    report: { file: blob.path, digest: digestOf(blob.bytes), signature: facts, statement, output: path },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(blob.path)}  ${statement === undefined ? "signed" : printable(statement.predicateType)}`,
        `  by        ${describeSigner(facts.signer)}`,
        ...(facts.signedAt === undefined ? [] : [`  at        ${facts.signedAt}`]),
        `  checked   ${facts.checks.join(` ${style.dot} `)}`,
      ].join("\n"),
  };
}

async function verifyEither(blob: Blob, policy: SignerPolicy, context: ActionContext): Promise<VerifiedBundle> {
  const { values } = context;
  const predicateType = values.text("type");
  const signature = values.text("signature");
  if (signature !== undefined) {
    if (predicateType !== undefined || values.text("bundle") !== undefined) {
      throw new ScError("CLI_USAGE", "--signature excludes --bundle and --type");
    }
    const bytes = decodeSignatureFile(await readUserFile(signature, { maxBytes: maxSignatureBytes }));
    return verifyBlobSignature({ signature: bytes }, blob.bytes, policy);
  }
  const bundle = await readUserFile(await findBundle(context, blob.path), { maxBytes: maxBundleBytes });
  if (predicateType === undefined) return verifyBlob(bundle, blob.bytes, policy);
  return verifyBlobAttestation(bundle, { bytes: blob.bytes }, { ...policy, predicateType });
}
