import { shortDigest } from "@sc/model";
import { formatPlatform, type ImageTree } from "@sc/oci";
import { readTree } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";

/** Shows everything that belongs to an image as a tree. */
export async function showTree(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const image = values.required("image");
  await using connection = await connect(context, [image]);
  const tree = await readTree(image, { connection, signal, onProgress });
  return {
    outcome: "pass",
    report: { image, tree },
    text: () =>
      [`${printable(image)} @${shortDigest(tree.descriptor.digest)}`, ...branches(tree, "", style)].join("\n"),
  };
}

function branches(node: ImageTree, indent: string, style: Style): readonly string[] {
  const [tee, corner, bar] = style.unicode ? ["├── ", "└── ", "│   "] : ["|-- ", "`-- ", "|   "];
  const children = [...node.entries, ...node.referrers, ...node.attached];
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    const start = `${indent}${last ? corner : tee}`;
    const [name, place] = describeNode(child);
    const room = Math.max(style.columns - start.length - place.length - 2, 12);
    const line = `${start}${cutMiddle(name, room, style.ellipsis)}  ${style.paint("dim", place)}`;
    return [line].concat(branches(child, indent + (last ? "    " : (bar ?? "")), style));
  });
}

/** What a node is, and where: the second is never cut. */
function describeNode(node: ImageTree): readonly [string, string] {
  const { descriptor, manifest, platform, relation, tag } = node;
  const place = `@${shortDigest(descriptor.digest)}  ${formatBytes(descriptor.size)}`;
  if (manifest === undefined) return [printable(descriptor.mediaType), `${place}  not there`];
  if (relation === "entry") return [platform === undefined ? "image" : printable(formatPlatform(platform)), place];
  if (relation === "attached") return [attachedName(tag), place];
  const type = manifest.artifactType ?? descriptor.artifactType ?? manifest.mediaType;
  const predicate = manifest.annotations?.["dev.sigstore.bundle.predicateType"];
  if (predicate === undefined) return [printable(type), place];
  const bundle = type.startsWith("application/vnd.dev.sigstore.bundle") ? "bundle" : printable(type);
  return [`${bundle}  ${printable(predicate)}`, place];
}

function attachedName(tag: string | undefined): string {
  if (tag?.endsWith(".sig") === true) return "signatures (cosign tag)";
  return tag?.endsWith(".att") === true ? "attestations (cosign tag)" : "attached by tag";
}
