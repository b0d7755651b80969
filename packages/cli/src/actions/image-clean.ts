import { shortDigest } from "@sc/model";
import { cleanImage, findAttachments } from "@sc/pipeline";
import type { Attachment, AttachmentKind } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { attachmentKinds } from "../options/attachments.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";

/** Removes what is attached to an image, or without `--yes` only says what that would be, which ends in 3. */
export async function clean(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  const type = values.choice("type", ["all", ...attachmentKinds]) ?? "all";
  const kinds: readonly AttachmentKind[] = type === "all" ? attachmentKinds : [type];
  await using connection = await connect(context, [image]);
  const options = { connection, signal, onProgress, artifactRepository: values.text("artifact-repository") };
  const removed = values.flag("yes");
  const found = removed ? await cleanImage(image, { ...options, kinds }) : await findAttachments(image, options);
  const attachments = found.attachments.filter(({ kind, form }) => kinds.includes(kind) && form !== "index");
  if (removed && attachments.length > 0) context.wrote(`removal of ${formatCount(attachments.length, "attachment")}`);
  const count = formatCount(attachments.length, "attachment");
  const done = removed || attachments.length === 0;
  return {
    outcome: done ? "pass" : "violation",
    // Nothing was done: a pipeline that forgot to agree must not take this for a clean image.
    ...(done ? {} : { exitCode: 3 }),
    report: {
      image,
      digest: found.digest,
      removed,
      attachments: attachments.map(({ kind, form, manifest, tag, predicateType }) => ({
        kind,
        form,
        manifest,
        tag,
        predicateType,
      })),
    },
    text: () =>
      [
        `${printable(image)} @${shortDigest(found.digest)}`,
        ...attachments.map((one) => `  ${describe(one, style)}`),
        removed
          ? `${style.good} ${count} removed`
          : `${style.warning} ${done ? "nothing is attached" : `${count} would go: --yes removes`}`,
      ].join("\n"),
  };
}

function describe({ kind, form, manifest, tag, predicateType }: Attachment, style: Style): string {
  const place = tag === undefined ? `@${shortDigest(manifest)}` : cutMiddle(tag, 30, style.ellipsis);
  const type = predicateType === undefined || kind === "signature" ? "" : `  ${printable(predicateType)}`;
  return `${kind.padEnd(11)}  ${form.padEnd(6)}  ${place}${type}`;
}
