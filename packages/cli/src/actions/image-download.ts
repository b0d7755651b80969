import { digestOf, ScError } from "@sc/model";
import { findAttachments } from "@sc/pipeline";
import { type Attachment, resolvePredicateType } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";

/** Writes what is attached to an image, one document a line. Throws `NO_SIGNATURES` where there is none of the kind. */
export async function download(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  const [kind = "signature"] = values.positionals;
  const type = values.text("predicate-type");
  const wanted = type === undefined ? undefined : resolvePredicateType(type).uri;
  await using connection = await connect(context, [image]);
  const options = { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") };
  const { digest, attachments } = await findAttachments(image, options);
  const found = attachments.filter(
    (one) => one.kind === kind && (wanted === undefined || one.predicateType === wanted),
  );
  if (found.length === 0) {
    throw new ScError(
      "NO_SIGNATURES",
      `${image}: no ${kind}${type === undefined ? "" : ` of type ${type}`} is attached`,
    );
  }
  const bytes = Buffer.from(found.map((one) => `${lineOf(one)}\n`).join(""));
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, bytes);
    context.wrote(path);
  }
  return {
    outcome: "pass",
    ...(path === undefined && !values.flag("json") ? { document: bytes } : {}),
    report: {
      image,
      digest,
      kind,
      found: found.map(({ bytes: content, ...one }) => ({ ...one, digest: digestOf(content), size: content.length })),
      output: path,
    },
    text: () => `${style.warning} ${printable(path ?? "")}  ${formatCount(found.length, kind)}, not verified`,
  };
}

/** The document on one line; a signature under a tag with what stands beside it, by cosign's own names. */
function lineOf({ kind, form, bytes, annotations }: Attachment): string {
  const text = Buffer.from(bytes).toString();
  if (kind !== "signature" || form === "bundle") return oneLine(text);
  const entry = annotations["dev.sigstore.cosign/bundle"];
  return JSON.stringify({
    Base64Signature: annotations["dev.cosignproject.cosign/signature"] ?? "",
    Payload: Buffer.from(bytes).toString("base64"),
    Cert: annotations["dev.sigstore.cosign/certificate"] ?? null,
    Chain: annotations["dev.sigstore.cosign/chain"] ?? null,
    Bundle: entry === undefined ? null : readJson(entry),
  });
}

// Documents that are no JSON (SPDX tag-value, XML) are written as they are.
function oneLine(text: string): string {
  const value = readJson(text);
  return value === undefined ? text.trimEnd() : JSON.stringify(value);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
