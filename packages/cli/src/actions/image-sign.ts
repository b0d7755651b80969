import { shortDigest } from "@sc/model";
import { type SigningResult, sign } from "@sc/pipeline";
import { readAnnotations } from "../annotations.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { keepRefused } from "../keep-refused.ts";
import { namedImages } from "../named-images.ts";
import { storages } from "../options/signing.ts";
import { isChainAsked, signChain } from "../sign-chain.ts";
import { openSigningOrGenerate } from "../signing-key.ts";
import { cutMiddle, printable } from "../terminal/printable.ts";

/**
 * Signs every image. With a signature alone the first failure ends the run, and what was signed before is said; where
 * more is asked for, by the chain of `sc secure`.
 */
export async function signImages(context: ActionContext): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  const images = namedImages(context);
  const annotations = readAnnotations(values.texts("annotation"));
  await using connection = await connect(context, images);
  const signer = await openSigningOrGenerate(context, connection);
  if (isChainAsked(context)) return await signChain(context, { images, connection, signer });
  const results: SigningResult[] = [];
  for (const image of images) {
    const result = await keepRefused(context, () =>
      sign(image, signer, {
        connection,
        signal,
        onProgress,
        annotations,
        recursive: values.flag("recursive"),
        storage: values.choice("storage", storages),
        artifactRepository: values.text("artifact-repository"),
        now: context.now(),
      }),
    );
    context.wrote(`signature of ${image}`);
    results.push(result);
  }
  return {
    outcome: "pass",
    report: { images: results.map(({ name, descriptor, records }) => ({ name, digest: descriptor.digest, records })) },
    text: () => results.map((result) => describe(result, style)).join("\n"),
    next: [["verify", `sc image verify --image ${images[0] ?? "REF"} --key PUBLIC-KEY`]],
  };
}

function describe({ name, descriptor, records }: SigningResult, style: ActionContext["style"]): string {
  const lines = records.map(({ form, state, manifest, tag }) => {
    const place = tag === undefined ? shortDigest(manifest) : cutMiddle(tag, 40, style.ellipsis);
    return `  ${form.padEnd(7)} ${state === "present" ? "was there already" : "written"}  ${printable(place)}`;
  });
  const title = `${printable(name)} @${shortDigest(descriptor.digest)}`;
  return [`${style.paint("good", style.good)} ${title}  signed`, ...lines].join("\n");
}
