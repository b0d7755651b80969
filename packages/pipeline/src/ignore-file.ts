import { isScError, ScError } from "@sc/model";
import type { Waiver } from "@sc/policy";
import type { IgnoreRule } from "./config/security-config.ts";

/**
 * The accepted findings in a YAML or JSON text: `ignore:` with a list of id, package, path, reason and expires. Throws
 * `CONFIG_INVALID` with line and path.
 */
export async function parseIgnoreFile(text: string, where: string): Promise<readonly Waiver[]> {
  const { parseIgnoreRules } = await import("./config/read-config.ts");
  try {
    return parseIgnoreRules(text, where).map((rule) => waiverOf(rule, where));
  } catch (cause) {
    if (!isScError(cause) || cause.hint !== undefined) throw cause;
    throw new ScError(cause.code, cause.message, {
      cause,
      hint: "Write ignore: and below it a list of entries with id, reason and expires (YYYY-MM-DD).",
    });
  }
}

/** An ignore rule of a configuration as a waiver, with the file it stands in. */
export function waiverOf(rule: IgnoreRule, source: string): Waiver {
  const { id, package: name, path, reason, expires } = rule;
  return {
    id,
    reason,
    source,
    ...(name === undefined ? {} : { package: name }),
    ...(path === undefined ? {} : { path }),
    ...(expires === undefined ? {} : { expires }),
  };
}
