import { isJsonObject, type JsonValue } from "@sc/model";
import type { ActionContext, ActionResult } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { printable } from "../terminal/printable.ts";

/** Shows every value that holds, by its path; never a secret. */
export async function showConfiguration(context: ActionContext): Promise<ActionResult> {
  const { files, shown, origins } = await readConfiguration(context);
  const asked = context.values.flag("origin");
  const lines = leaves(shown, []).map(({ path, value }) => {
    const said = `${path}: ${printable(typeof value === "string" ? value : JSON.stringify(value))}`;
    return asked ? `${said}  # ${printable(originOf(path, origins))}` : said;
  });
  return {
    outcome: "pass",
    report: { files, config: shown, ...(asked ? { origins: Object.fromEntries(origins) } : {}) },
    text: () => lines.join("\n"),
  };
}

interface Leaf {
  readonly path: string;
  readonly value: JsonValue;
}

function leaves(value: JsonValue | undefined, path: readonly string[]): readonly Leaf[] {
  if (value === undefined) return [];
  if (!isJsonObject(value)) return [{ path: path.join("."), value }];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, [...path, name]));
}

function originOf(path: string, origins: ReadonlyMap<string, string>): string {
  if (path !== "images") return origins.get(path) ?? "default";
  const said = [...origins].find(([known]) => known === "images" || known.startsWith("services."));
  return said?.[1] ?? "default";
}
