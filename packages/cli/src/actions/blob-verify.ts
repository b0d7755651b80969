import { type Digest, digestOf, isDigest, ScError } from "@sc/model";
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
  const [named = ""] = values.positionals;
  // A file of such a name is still meant by "./sha256:…".
  const blob = isDigest(named) ? { path: named, digest: named } : await readWhole(context);
  const { facts, statement } = await verifyEither(blob, policy, context);
  const path = values.text("output");
  if (path !== undefined) {
    if (statement === undefined) throw new ScError("CLI_USAGE", "--output is for what a statement says: give --type");
    await writeUserFile(path, Buffer.from(`${JSON.stringify(statement.predicate, undefined, 2)}\n`));
    context.wrote(path);
  }
  return {
    outcome: "pass",
    report: { file: blob.path, digest: blob.digest, signature: facts, statement, output: path },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(blob.path)}  ${statement === undefined ? "signed" : printable(statement.predicateType)}`,
        `  by        ${describeSigner(facts.signer)}`,
        ...(facts.signedAt === undefined ? [] : [`  at        ${facts.signedAt}`]),
        `  checked   ${facts.checks.join(` ${style.dot} `)}`,
      ].join("\n"),
  };
}

/** What is verified: a file's bytes, or the digest alone of a file that is elsewhere. */
type Verifiable = (Blob | { readonly path: string }) & { readonly digest: Digest };

async function readWhole(context: ActionContext): Promise<Verifiable> {
  const blob = await readBlob(context);
  return { ...blob, digest: digestOf(blob.bytes) };
}

async function verifyEither(blob: Verifiable, policy: SignerPolicy, context: ActionContext): Promise<VerifiedBundle> {
  const { values } = context;
  const predicateType = values.text("type");
  const signature = values.text("signature");
  if (!("bytes" in blob)) {
    const bundle = values.text("bundle");
    if (predicateType === undefined || bundle === undefined || signature !== undefined) {
      throw new ScError(
        "CLI_USAGE",
        "of a file only the digest is given: wanted --bundle and --type, and no --signature",
        {
          hint: "A signature of the file itself needs its bytes: name the file.",
        },
      );
    }
    const bytes = await readUserFile(bundle, { maxBytes: maxBundleBytes });
    return verifyBlobAttestation(bytes, { digest: blob.digest }, { ...policy, predicateType });
  }
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
