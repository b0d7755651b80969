import { shortDigest } from "@sc/model";
import type { SigningResult } from "@sc/pipeline";
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
