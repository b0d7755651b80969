import { basename } from "node:path";
import { Decoder, digestOf, parseJson, ScError } from "@sc/model";
import { attestBlob, signBlob, type Signer } from "@sc/sign";
import { type Blob, bundlePath, readBlob } from "../blob.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connectServices } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { readPredicateFile } from "../predicate-file.ts";
import { openSigning } from "../signing-key.ts";
import { printable } from "../terminal/printable.ts";

/** Signs a file, or what another file states about it, and writes the bundle. */
export async function signFile(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const type = values.text("type");
  const signaturePath = values.text("output-signature");
  if ((type === undefined) !== (values.text("predicate") === undefined)) {
    throw new ScError("CLI_USAGE", "--type and --predicate are only given together");
  }
  if (type !== undefined && signaturePath !== undefined) {
    throw new ScError(
      "CLI_USAGE",
      "--output-signature: the signature of a statement is of no use without the statement",
    );
  }
  const blob = await readBlob(context);
  const path = bundlePath(context, blob.path);
  await using connection = await connectServices(context);
  const bundle = await makeBundle(blob, type, { signer: await openSigning(context, connection), context });
  const files = [path];
  await writeUserFile(path, bundle);
  context.wrote(path);
  if (signaturePath !== undefined) {
    await writeUserFile(signaturePath, Buffer.from(`${signatureIn(bundle)}\n`));
    context.wrote(signaturePath);
    files.push(signaturePath);
  }
  return {
    outcome: "pass",
    report: { file: blob.path, digest: digestOf(blob.bytes), type, bundle: path, signature: signaturePath },
    text: () =>
      files
        .map((file) => `${style.paint("good", style.good)} ${printable(file)}  ${describeFile(file === path, type)}`)
        .join("\n"),
    next: [["verify", `sc blob verify ${blob.path} --key PUBLIC-KEY${type === undefined ? "" : ` --type ${type}`}`]],
  };
}

async function makeBundle(
  { path, bytes }: Blob,
  type: string | undefined,
  { signer, context }: { readonly signer: Signer; readonly context: ActionContext },
): Promise<Uint8Array> {
  const { signal, onProgress, values } = context;
  if (type === undefined) return await signBlob(bytes, signer, { signal, onProgress });
  const predicate = await readPredicateFile(values.required("predicate"), type);
  const name = path === "-" ? {} : { name: basename(path) };
  return await attestBlob(bytes, signer, { type, predicate, ...name, signal, onProgress });
}

function describeFile(isBundle: boolean, type: string | undefined): string {
  if (!isBundle) return "signature, base64";
  return type === undefined ? "bundle with the signature" : `bundle with the statement, ${printable(type)}`;
}

function signatureIn(bundle: Uint8Array): string {
  return new Decoder(parseJson(bundle, "bundle"), "bundle").member("messageSignature").member("signature").string();
}
