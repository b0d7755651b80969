import { ScError } from "@sc/model";
import type { ActionContext, ArgumentDefinition, OptionDefinition } from "./command.ts";
import { image } from "./options/image.ts";

/** Images by words alone, as well as by `--image`. */
export const imagesArgument: ArgumentDefinition = {
  name: "IMAGE",
  summary: "as --image",
  repeatable: true,
};

/** The images that a command takes by words or by `--image`; of neither it has to say so itself. */
export const imagesOption: OptionDefinition = { ...image, required: false, repeatable: true };

/** Every image that is named, once each, in the order given. Throws `CLI_USAGE` where there is none. */
export function namedImages({ values }: Pick<ActionContext, "values">): readonly string[] {
  // A variable is for where nothing is said on the command line.
  const written = values.origin("image").startsWith("--") || values.positionals.length === 0;
  const named = [...new Set([...(written ? values.texts("image") : []), ...values.positionals])];
  if (named.length > 0) return named;
  throw new ScError("CLI_USAGE", "--image is missing", {
    hint: "Name the image: as a word alone, or with --image REF.",
  });
}
