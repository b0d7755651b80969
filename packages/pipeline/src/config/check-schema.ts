import { nearest, ScError } from "@sc/model";
import { z } from "zod";
import { formatPath } from "./format-path.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** How many things that are wrong beside the first are told. */
const maxTold = 10;

/**
 * The document's value by a schema. Throws `CONFIG_INVALID` with file, line, column and path of the first thing that is
 * wrong, and for an unknown field the nearest known one; what else is wrong is among its facts.
 */
export function checkSchema<Value>(schema: z.ZodType<Value>, document: Pick<YamlDocument, "value" | "place">): Value {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues.map(innermost).flatMap((issue) => errorsOf(issue, schema, document));
  if (first === undefined) throw new ScError("CONFIG_INVALID", `${document.place([])}: not a configuration`);
  if (others.length === 0) throw first;
  const told = others
    .slice(0, maxTold)
    .map(({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`));
  const rest = others.length > maxTold ? [`and ${others.length - maxTold} more`] : [];
  throw new ScError(first.code, first.message, {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    facts: { also: [...told, ...rest].join("\n") },
  });
}

function errorsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  document: Pick<YamlDocument, "place">,
): readonly ScError[] {
  const { path } = issue;
  if (issue.code !== "unrecognized_keys") {
    return [new ScError("CONFIG_INVALID", `${document.place(path)}: ${formatPath(path)}: ${reasonOf(issue)}`)];
  }
  return issue.keys.map((key) => unknownField([...path, key], knownFields(schema, path), document));
}

/** The error for a field that does not exist. */
export function unknownField(
  path: readonly PropertyKey[],
  known: readonly string[],
  document: Pick<YamlDocument, "place">,
): ScError {
  const near = nearest(String(path.at(-1)), known);
  return new ScError("CONFIG_INVALID", `${document.place(path)}: ${formatPath(path)}: there is no such field`, {
    hint: near === undefined ? `Known here: ${known.join(", ")}` : `Did you mean: ${near}`,
  });
}

// Of a choice between a boolean and a mapping, the branch that got furthest says what is wrong.
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flat().find(({ path, code }) => path.length > 0 || code === "unrecognized_keys");
  return inner === undefined ? issue : { ...innermost(inner), path: [...issue.path, ...inner.path] };
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union") return "wanted another kind of value";
  // "received undefined" is how JavaScript says that it is not there.
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined"))
    return `is missing: wanted ${issue.expected}`;
  return issue.message.replace(/^Invalid (?:input|option|string): /, "");
}

function knownFields(root: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = root;
  for (const step of path) {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[String(step)];
    else if (inner instanceof z.ZodArray) schema = inner.element;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType;
  }
  const found = unwrapped(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
      inner = inner.unwrap();
    else if (inner instanceof z.ZodUnion)
      inner = inner.options.find((option: unknown) => option instanceof z.ZodObject);
    else return inner;
  }
}
