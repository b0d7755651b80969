import { shortDigest } from "@sc/model";
import { attachSbom } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readUserFile } from "../files.ts";
import { keepRefused } from "../keep-refused.ts";
import { isSigningAsked, openSigning } from "../signing-key.ts";
import { storages } from "../options/signing.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";

/** The largest document that is attached: more than this no verifier reads. */
const maxSbomBytes = 128 * 1024 * 1024;

/** Attaches a document to an image, signed where there is a key. */
export async function attach(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  const path = values.required("sbom");
  const bytes = await readUserFile(path, { maxBytes: maxSbomBytes });
  await using connection = await connect(context, [image]);
  const signer = isSigningAsked(context) ? await openSigning(context, connection) : undefined;
  const attached = await keepRefused(context, () =>
    attachSbom(
      image,
      { bytes, where: path },
      {
        connection,
        signal,
        onProgress,
        signer,
        storage: values.choice("storage", storages),
        artifactRepository: values.text("artifact-repository"),
        now: context.now(),
      },
    ),
  );
  context.wrote(`${path} attached to ${image}`);
  const { name, subject, format, records, manifest } = attached;
  return {
    outcome: "pass",
    report: { image: name, digest: subject, format, signed: signer !== undefined, records, manifest },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(path)}  ${format}, attached to ${printable(name)} @${shortDigest(subject)}`,
        ...records.map(({ form, state, manifest: at, tag }) => {
          return `  ${form.padEnd(7)} ${state === "present" ? "was there already" : "signed, written"}  ${tag === undefined ? shortDigest(at) : cutMiddle(tag, 40, style.ellipsis)}`;
        }),
        ...(manifest === undefined
          ? []
          : [`  ${style.paint("warning", style.warning)} unsigned: anyone who may push could have written it`]),
      ].join("\n"),
    next: signer === undefined ? [] : [["verify", `sc sbom verify --image ${image} --key PUBLIC-KEY`]],
  };
}
