import { shortDigest } from "@sc/model";
import { copyImage } from "@sc/pipeline";
import { parsePlatform } from "@sc/oci";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantity.ts";

/** Copies one image with what refers to it. */
export async function copy(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const [from = "", to = ""] = values.positionals;
  const platform = values.text("platform");
  await using connection = await connect(context, [from, to]);
  const result = await copyImage(from, to, {
    connection,
    signal,
    onProgress,
    platform: platform === undefined ? undefined : parsePlatform(platform),
    referrers: !values.flag("no-referrers"),
  });
  context.wrote(to);
  const { descriptor, manifests, blobs, bytes, referrers, foreign, digestKept } = result;
  return {
    outcome: "pass",
    report: { from, to, digest: descriptor.digest, manifests, blobs, bytes, referrers, foreign, digestKept },
    text: () =>
      [
        `${style.paint("good", style.good)} ${printable(to)} @${shortDigest(descriptor.digest)}`,
        `  manifests  ${manifests.copied} copied, ${manifests.present} there already, ${referrers.length} of them referrers`,
        `  blobs      ${blobs.copied} copied (${formatBytes(bytes)}), ${blobs.mounted} mounted, ${blobs.present} there already`,
        ...(foreign.length === 0
          ? []
          : [`  ${style.warning} ${formatCount(foreign.length, "foreign layer")} not copied`]),
        ...(digestKept ? [] : [`  ${style.warning} a docker archive keeps no manifest: the digest is not kept`]),
      ].join("\n"),
  };
}
