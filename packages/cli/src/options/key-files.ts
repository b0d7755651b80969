import type { OptionDefinition } from "../command.ts";

/** Where a key pair is written; both commands that write one name the files alike. */
export function keyFileOptions(prefix: string): readonly OptionDefinition[] {
  return [
    {
      name: "output-key-prefix",
      kind: "text",
      placeholder: "PREFIX",
      default: prefix,
      summary: "path of both files without their ending",
    },
    { name: "force", kind: "flag", onlyHere: true, summary: "overwrite files that are there: their key is lost" },
  ];
}
