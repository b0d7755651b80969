import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { firstOf } from "./cuts.ts";
import { shortText } from "./token.ts";

/** What the specification of a rock states in literals. */
export interface Rockspec {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly licenses: readonly string[];
  readonly summary?: string;
  readonly homepage?: string;
  readonly url?: string;
  /** Names of the rocks that it needs. */
  readonly requires: readonly string[];
}

/** `name = "text"` or `name = [[text]]`, at the margin or within a table; not a text that is put together. */
const assignment =
  /(?:^|[\n{,;])[ \t]*([a-z_]+)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|\[\[([^\]]*)\]\])(?![ \t]*\.\.)/g;

/**
 * What a rockspec says. It is Lua, of which only texts that are assigned to names are understood, and nothing is run; of a
 * name that stands twice the first counts, since those of the rock come before what builds it.
 *
 * @see https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md
 */
export function parseRockspec(text: string): Rockspec {
  const code = text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("--"))
    .join("\n");
  const said = new Map<string, string>();
  for (const [, name = "", ...values] of code.matchAll(assignment)) {
    const value = values.find((one) => one !== undefined);
    if (value !== undefined && !said.has(name)) said.set(name, value);
  }
  const license = shortText(said.get("license"));
  return defined<Rockspec>({
    name: said.get("package"),
    version: said.get("version"),
    licenses: license === undefined ? [] : [license],
    summary: shortText(said.get("summary")),
    homepage: shortText(said.get("homepage")),
    url: shortText(said.get("url")),
    requires: requiresIn(code),
  });
}

/** The first words of the texts in `dependencies = { "lua >= 5.1", … }`; Lua itself is no rock. */
function requiresIn(code: string): readonly string[] {
  const start = /(?:^|\n)[ \t]*dependencies[ \t]*=[ \t]*\{/.exec(code);
  if (start === null) return [];
  const from = start.index + start[0].length;
  const end = code.indexOf("}", from);
  const list = code.slice(from, end === -1 ? from : end);
  const names = Array.from(list.matchAll(/"([^"\n]*)"|'([^'\n]*)'/g), ([, double, single]) =>
    /^[A-Za-z0-9._/-]+/.exec((double ?? single ?? "").trim())?.[0].replace(/^.*\//, ""),
  ).filter((name) => name !== undefined && name !== "" && name !== "lua");
  return firstOf(
    names.filter((name) => name !== undefined),
    limits.maxNames,
    "rocks that one depends on",
  );
}
