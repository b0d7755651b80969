import { shortDigest } from "@sc/model";
import { attest, type Claim, type Connection, type SigningResult } from "@sc/pipeline";
import type { Signer } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { keepRefused } from "./keep-refused.ts";
import { storages } from "./options/signing.ts";
import { cutMiddle, printable } from "./terminal/printable.ts";
import type { Style } from "./terminal/style.ts";

/** What attesting an image came to, for people: the image, and a line for every form that is stored. */
export function describeAttested(
  { name, descriptor, records, what }: SigningResult & { readonly what: string },
  style: Style,
): string {
  const lines = records.map(({ form, state, manifest, tag }) => {
    const place = tag === undefined ? shortDigest(manifest) : cutMiddle(tag, 40, style.ellipsis);
    return `  ${form.padEnd(7)} ${state === "present" ? "was there already" : "signed, written"}  ${printable(place)}`;
  });
  const title = `${printable(name)} @${shortDigest(descriptor.digest)}`;
  return [`${style.paint("good", style.good)} ${title}  ${printable(what)} attested`, ...lines].join("\n");
}

/** What is attested about which image, and by whom. */
interface AskedAttestation {
  readonly image: string;
  readonly claim: Claim & { readonly signer: Signer };
  readonly connection: Connection;
  /** About every image that an index names, too. */
  readonly recursive?: boolean;
}

/** Attests an image as the options say; what no form of storage takes is kept in a file. Throws what `attest` throws. */
export async function attestAsked(
  context: ActionContext,
  { image, claim, connection, recursive = false }: AskedAttestation,
): Promise<SigningResult> {
  const { values, signal, onProgress } = context;
  const options = {
    connection,
    signal,
    onProgress,
    recursive,
    storage: values.choice("storage", storages),
    artifactRepository: values.text("artifact-repository"),
    now: context.now(),
  };
  return await keepRefused(context, () => attest(image, claim, options));
}
