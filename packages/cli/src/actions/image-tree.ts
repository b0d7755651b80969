import { digestOf, shortDigest } from "@sc/model";
import { formatPlatform, type ImageTree, parseReference } from "@sc/oci";
import { Connection, findAttachments, pinReference, readTree } from "@sc/pipeline";
import type { Attachment } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";

/** Shows everything that belongs to an image as a tree. */
export async function showTree(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const image = values.required("image");
  await using connected = await connect(context, [image]);
  // What stands attached is read as a tree and by what it says: a registry is asked for each thing once.
  await using connection = new Connection({ remembering: connected });
  const tree = await readTree(image, { connection, signal, onProgress });
  const reference = parseReference(image);
  const attachments: Attachment[] = [];
  for (const node of subjectsIn(tree)) {
    const pinned = pinReference(reference, node.descriptor.digest);
    attachments.push(...(await findAttachments(pinned, { connection, signal, onProgress })).attachments);
  }
  return {
    outcome: "pass",
    report: { image, tree, attachments: attachments.map(attachmentReport) },
    text: () =>
      [
        `${printable(image)} @${shortDigest(tree.descriptor.digest)}`,
        ...branches(tree, "", { style, attachments }),
        lastLine(tree, attachments),
      ].join("\n"),
  };
}

function lastLine(tree: ImageTree, attachments: readonly Attachment[]): string {
  if (attachments.length > 0) return "nothing of this is verified: sc image verify does that";
  return subjectsIn(tree).some((node) => node.referrers.length + node.attached.length > 0)
    ? "no signature, attestation or SBOM is attached"
    : "nothing is attached";
}

/** The image, and those of an index, that have anything attached; an index may hold BuildKit's attestations itself. */
function subjectsIn(tree: ImageTree): readonly ImageTree[] {
  const own = tree.referrers.length + tree.attached.length + tree.entries.length > 0 ? [tree] : [];
  return [...own, ...tree.entries.flatMap(subjectsIn)];
}

function attachmentReport({ bytes, ...attachment }: Attachment): object {
  return { ...attachment, digest: digestOf(bytes), size: bytes.length };
}

interface Drawn {
  readonly style: Style;
  readonly attachments: readonly Attachment[];
}

function branches(node: ImageTree, indent: string, drawn: Drawn): readonly string[] {
  const { style } = drawn;
  const [tee, corner, bar] = style.unicode ? ["├── ", "└── ", "│   "] : ["|-- ", "`-- ", "|   "];
  const children = [...node.entries, ...node.referrers, ...node.attached];
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    const start = `${indent}${last ? corner : tee}`;
    const below = indent + (last ? "    " : (bar ?? ""));
    const [name, place] = describeNode(child);
    const room = Math.max(style.columns - start.length - place.length - 2, 12);
    const line = `${start}${cutMiddle(name, room, style.ellipsis)}  ${style.paint("dim", place)}`;
    const held = drawn.attachments.filter(({ manifest }) => manifest === child.descriptor.digest);
    const more = child.referrers.length + child.attached.length > 0 ? (bar ?? "") : "    ";
    const claims = held.flatMap((one) => claimLines(one, style));
    return [line].concat(
      claims.map((text) => `${below}${more}${style.paint("dim", text)}`),
      branches(child, below, drawn),
    );
  });
}

/** What an attachment says of itself: by whom, and where and when a log took it. Nothing of it is verified. */
function claimLines(
  { kind, form, predicateType, claimedIdentity, logEntries, problem }: Attachment,
  style: Style,
): readonly string[] {
  const type = kind !== "signature" && form !== "bundle" && predicateType !== undefined ? `${predicateType}  ` : "";
  const by = kind === "sbom" || form === "index" ? "not signed" : "by a key";
  const who = claimedIdentity === undefined ? by : `by ${claimedIdentity.subject}`;
  const log = logEntries.map(({ logIndex, integratedTime }) => {
    const time = integratedTime === undefined ? "" : `, ${integratedTime.slice(0, 16).replace("T", " ")} UTC`;
    return `log entry ${logIndex}${time}`;
  });
  const lines = problem === undefined ? [type + who, ...log] : [`cannot be read: ${problem}`];
  return lines.map((line) => cutMiddle(printable(line), Math.max(style.columns - 12, 20), style.ellipsis));
}

/** What a node is, and where: the second is never cut. */
function describeNode(node: ImageTree): readonly [string, string] {
  const { descriptor, manifest, platform, relation, tag } = node;
  const place = `@${shortDigest(descriptor.digest)}  ${formatBytes(contentBytes(node))}`;
  if (manifest === undefined) return [printable(descriptor.mediaType), `${place}  not there`];
  if (relation === "entry") return [platform === undefined ? "image" : printable(formatPlatform(platform)), place];
  if (relation === "attached") return [attachedName(tag), place];
  const type = manifest.artifactType ?? descriptor.artifactType ?? manifest.mediaType;
  const predicate = manifest.annotations?.["dev.sigstore.bundle.predicateType"];
  if (predicate === undefined) return [printable(type), place];
  const bundle = type.startsWith("application/vnd.dev.sigstore.bundle") ? "bundle" : printable(type);
  return [`${bundle}  ${printable(predicate)}`, place];
}

/** How large what a manifest names is; the manifest itself is some hundred bytes and says nothing. */
function contentBytes({ descriptor, manifest }: ImageTree): number {
  if (manifest?.kind !== "manifest") return descriptor.size;
  return [manifest.config, ...manifest.layers].reduce((sum, { size }) => sum + size, 0);
}

function attachedName(tag: string | undefined): string {
  if (tag?.endsWith(".sig") === true) return "signatures (cosign tag)";
  if (tag?.endsWith(".att") === true) return "attestations (cosign tag)";
  return tag?.endsWith(".sbom") === true ? "SBOM (cosign tag)" : "attached by tag";
}
