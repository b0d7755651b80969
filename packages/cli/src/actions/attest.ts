import { isJsonObject, type JsonObject, parseJson } from "@sc/model";
import { attest } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readUserFile } from "../files.ts";
import { storages } from "../options/signing.ts";
import { describeAttested } from "../attested.ts";
import { openSigning } from "../signing-key.ts";

/** The largest predicate that is signed: more than this no verifier reads. */
const maxPredicateBytes = 128 * 1024 * 1024;

/** Signs what a file states about an image. */
export async function attestFile(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const image = values.required("image");
  const path = values.required("predicate");
  const type = values.required("type");
  const predicate = readPredicate(await readUserFile(path, { maxBytes: maxPredicateBytes }), path, type);
  await using connection = await connect(context, [image]);
  const signer = await openSigning(context, connection);
  const { name, descriptor, records } = await attest(
    image,
    { type, predicate, signer },
    {
      connection,
      signal,
      onProgress,
      storage: values.choice("storage", storages),
      artifactRepository: values.text("artifact-repository"),
      now: context.now(),
    },
  );
  context.wrote(`attestation of ${image}`);
  return {
    outcome: "pass",
    report: { image: name, digest: descriptor.digest, type, records },
    text: () => describeAttested({ name, descriptor, records, what: type }, style),
    next: [["verify", `sc verify-attestation --image ${image} --type ${type} --key PUBLIC-KEY`]],
  };
}

// SPDX's tag-value form and custom predicates are text; everything else is an object.
function readPredicate(bytes: Uint8Array, path: string, type: string): JsonObject | string {
  const text = new TextDecoder().decode(bytes);
  if (type === "spdx" || (type === "custom" && !text.trimStart().startsWith("{"))) return text;
  const value = parseJson(bytes, path);
  return isJsonObject(value) ? value : text;
}
