import { attestAsked, describeAttested } from "../attested.ts";
import { provenanceOf } from "../building.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { openSigning } from "../signing-key.ts";

/** Signs how an image was built. */
export async function attach(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const image = values.required("image");
  await using connection = await connect(context, [image]);
  const signer = await openSigning(context, connection);
  const { type, predicate, platform } = await provenanceOf(context, connection);
  const { name, descriptor, records } = await attestAsked(context, {
    image,
    claim: { type, predicate, signer },
    connection,
  });
  context.wrote(`provenance of ${image}`);
  return {
    outcome: "pass",
    report: { image: name, digest: descriptor.digest, predicateType: type, platform, records },
    text: () => describeAttested({ name, descriptor, records, what: "provenance" }, style),
    next: [["verify", `sc provenance verify --image ${image} --key PUBLIC-KEY --expected-source-uri URI`]],
  };
}
