import { ScError } from "@sc/model";

/** The annotations in texts of the form `key=value`. Throws `CLI_USAGE`. */
export function readAnnotations(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => readNamedValue(text, "annotation")));
}

/** The two halves of a text of the form `name=value`; the value may hold more of the sign. Throws `CLI_USAGE`. */
export function readNamedValue(text: string, option: string): readonly [name: string, value: string] {
  const equals = text.indexOf("=");
  if (equals >= 1) return [text.slice(0, equals), text.slice(equals + 1)];
  throw new ScError("CLI_USAGE", `--${option}: wanted name=value, got ${JSON.stringify(text.slice(0, 100))}`);
}
