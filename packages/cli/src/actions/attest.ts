import { attestAsked, describeAttested } from "../attested.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readPredicateFile } from "../predicate-file.ts";
import { openSigning } from "../signing-key.ts";

/** Signs what a file states about an image. */
export async function attestFile(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const image = values.required("image");
  const path = values.required("predicate");
  const type = values.required("type");
  const predicate = await readPredicateFile(path, type);
  await using connection = await connect(context, [image]);
  const signer = await openSigning(context, connection);
  const { name, descriptor, records } = await attestAsked(context, {
    image,
    claim: { type, predicate, signer },
    connection,
    recursive: values.flag("recursive"),
  });
  context.wrote(`attestation of ${image}`);
  return {
    outcome: "pass",
    report: { image: name, digest: descriptor.digest, type, records },
    text: () => describeAttested({ name, descriptor, records, what: type }, style),
    next: [["verify", `sc verify-attestation --image ${image} --type ${type} --key PUBLIC-KEY`]],
  };
}
