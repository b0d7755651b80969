import { nearest, ScError } from "@sc/model";
import type { OptionValues } from "./option-values.ts";

/** A form of the result and the file it goes to; without a file to standard output. */
export interface Output {
  readonly format: string;
  readonly path?: string;
}

/**
 * What `--format` and `--output` ask for: `FORMAT`, `FORMAT=FILE`, and a file for the one format without. `--output`
 * takes `FORMAT=FILE` as well, as syft does. Throws `CLI_USAGE` for a format that is not known or two results for one
 * place.
 */
export function readOutputs(values: OptionValues, known: readonly string[]): readonly Output[] {
  const given = values.texts("output");
  const isForm = (text: string): boolean => known.some((format) => text.startsWith(`${format}=`));
  const forms = given.filter(isForm);
  const files = given.filter((text) => !isForm(text));
  const [file] = files;
  if (files.length > 1) {
    throw new ScError("CLI_USAGE", `${values.origin("output")} names ${files.length} files, wanted one`, {
      hint: "Give each a form: --format FORMAT=FILE.",
    });
  }
  if (file !== undefined && known.includes(file)) {
    throw new ScError("CLI_USAGE", `${values.origin("output")} takes a file, and ${JSON.stringify(file)} is a form`, {
      hint: `Write --format ${file}, or --output ./${file} for a file of that name.`,
    });
  }
  // The form that holds where nothing is said does not come besides those that are named.
  const asked = values.isGiven("format") || forms.length === 0 || file !== undefined ? values.texts("format") : [];
  const outputs = [...asked, ...forms].map((text): Output => {
    const equals = text.indexOf("=");
    const format = equals === -1 ? text : text.slice(0, equals);
    if (!known.includes(format)) throw unknownFormat(format, known, values.origin("format"));
    if (equals !== -1) return { format, path: text.slice(equals + 1) };
    return file === undefined ? { format } : { format, path: file };
  });
  const places = outputs.map(({ path = "standard output" }) => path);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice !== undefined) {
    throw new ScError("CLI_USAGE", `two results are to go to ${JSON.stringify(twice)}`, {
      hint: "Give each a file: --format FORMAT=FILE.",
    });
  }
  if (file !== undefined && !places.includes(file)) {
    throw new ScError("CLI_USAGE", "--output is given, but every format has a file of its own");
  }
  return outputs;
}

function unknownFormat(format: string, known: readonly string[], origin: string): ScError {
  const near = nearest(format, known);
  const list = known.join(", ");
  return new ScError("CLI_USAGE", `${origin}: ${JSON.stringify(format.slice(0, 100))} is not one of ${list}`, {
    hint: near === undefined ? "Write one of them." : `Did you mean: ${near}`,
  });
}
