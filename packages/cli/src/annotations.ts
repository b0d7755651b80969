import { ScError } from "@sc/model";

/** The annotations in texts of the form `key=value`. Throws `CLI_USAGE`. */
export function readAnnotations(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 1) {
        throw new ScError("CLI_USAGE", `--annotation: wanted key=value, got ${JSON.stringify(text.slice(0, 100))}`);
      }
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
