import { digestAlgorithm, digestHex, digestOf } from "@sc/model";
import { openImage } from "@sc/pipeline";
import { provenanceOf } from "../building.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { writeUserFile } from "../files.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes } from "../terminal/quantity.ts";

/** Writes the unsigned statement of how an image was built. */
export async function generate(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  await using connection = await connect(context, [image]);
  await using opened = await openImage(image, { connection, signal, onProgress });
  const { digest } = opened.image.index ?? opened.image.descriptor;
  const { type, predicate, platform } = await provenanceOf(context, connection);
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: opened.source.repository, digest: { [digestAlgorithm(digest)]: digestHex(digest) } }],
    predicateType: type,
    predicate,
  };
  const bytes = Buffer.from(`${JSON.stringify(statement, undefined, 2)}\n`);
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, bytes);
    context.wrote(path);
  }
  return {
    outcome: "pass",
    ...(path === undefined && !values.flag("json") ? { document: bytes } : {}),
    report: { image: opened.name, digest, predicateType: type, platform, statement, output: path },
    text: () =>
      `${style.paint("good", style.good)} ${printable(path ?? "")}  ${type}, built on ${platform}, ${formatBytes(bytes.length)}, ${digestOf(bytes).slice(0, 19)}`,
    next: [["attach", `sc provenance attach --image ${image} --key KEY`]],
  };
}
