import { LineCounter, parseDocument } from "yaml";
import { nearest, ScError, severities } from "@sc/model";
import { z } from "zod";

/** The most bytes a configuration file may have: the largest real ones have some kilobytes. */
const maxConfigBytes = 1024 * 1024;

const gate = z.enum(severities).exclude(["unknown", "none"]);

const ignoreRule = z.strictObject({
  id: z.string().min(1).describe("The vulnerability, by its own id or an alias"),
  package: z.string().min(1).optional().describe("Only in the package of this name"),
  path: z.string().min(1).optional().describe("Only where the package was found in this file"),
  reason: z.string().min(1).describe("Why it does not count"),
  expires: z.iso.date().optional().describe("The last day the rule holds"),
});

const scan = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false).describe("Whether a scan that cannot be made fails the run"),
  failOn: gate.optional().describe("The severity from which on a finding fails the run"),
  warnOn: gate.optional().describe("The severity from which on a finding is warned of"),
  ignore: z.array(ignoreRule).default([]),
  output: z
    .strictObject({ local: z.string().min(1) })
    .optional()
    .describe("A folder for the report"),
});

const signing = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false),
  privateKey: z.string().min(1).optional().describe("A path or key reference"),
  publicKey: z
    .string()
    .min(1)
    .optional()
    .describe("What the signature is verified with; the private key's own unless given"),
  password: z.string().optional().describe("A text or ${secret:NAME}"),
  verify: z.strictObject({ enabled: z.boolean().default(true) }).optional(),
});

const sbom = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false),
  format: z.string().min(1).default("cyclonedx-json"),
  attach: z
    .union([z.boolean(), z.strictObject({ enabled: z.boolean().default(true), sign: z.boolean().default(true) })])
    .default(true),
  output: z.strictObject({ local: z.string().min(1) }).optional(),
});

const security = z.strictObject({
  enabled: z.boolean().default(false),
  scan: scan.prefault({}),
  signing: signing.prefault({}),
  sbom: sbom.prefault({}),
});

const file = z.strictObject({ security });

const ignoreFile = z.strictObject({ ignore: z.array(ignoreRule) });

/** What the `security:` block says, defaults filled in. Section 7 of the requirements; what is not served is refused. */
export interface SecurityConfig {
  readonly enabled: boolean;
  readonly scan: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly failOn?: Gate | undefined;
    readonly warnOn?: Gate | undefined;
    readonly ignore: readonly IgnoreRule[];
    readonly output?: { readonly local: string } | undefined;
  };
  readonly signing: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly privateKey?: string | undefined;
    readonly publicKey?: string | undefined;
    readonly password?: string | undefined;
    readonly verify?: { readonly enabled: boolean } | undefined;
  };
  readonly sbom: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly format: string;
    readonly attach: boolean | { readonly enabled: boolean; readonly sign: boolean };
    readonly output?: { readonly local: string } | undefined;
  };
}

/** A severity that a gate may name. */
export type Gate = "low" | "medium" | "high" | "critical";

/** A finding that is accepted, with why and until when. */
export interface IgnoreRule {
  readonly id: string;
  readonly package?: string | undefined;
  readonly path?: string | undefined;
  readonly reason: string;
  readonly expires?: string | undefined;
}

/**
 * The configuration in a YAML text. `where` names the file in errors. Throws `CONFIG_INVALID` with line, path and, for
 * an unknown field, the nearest known one.
 */
export function parseSecurityConfig(text: string, where: string): SecurityConfig {
  return parseStrictly(file, text, where).security;
}

/** The rules in the YAML text of an ignore file. Throws `CONFIG_INVALID`. */
export function parseIgnoreRules(text: string, where: string): readonly IgnoreRule[] {
  return parseStrictly(ignoreFile, text, where).ignore;
}

function parseStrictly<Schema extends z.ZodType>(schema: Schema, text: string, where: string): z.output<Schema> {
  if (text.length > maxConfigBytes) {
    throw new ScError("CONFIG_INVALID", `${where}: ${text.length} characters, wanted at most ${maxConfigBytes}`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new ScError("CONFIG_INVALID", `${where}: ${broken.message.split("\n")[0] ?? ""}`);
  const parsed = schema.safeParse(plainValue(document, where));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new ScError("CONFIG_INVALID", `${where}: not a configuration`);
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
  const line = lineOf(document, path, lines);
  throw issueError(issue, schema, `${where}${line === undefined ? "" : `:${line}`}: ${formatPath(path)}`);
}

function plainValue(document: ReturnType<typeof parseDocument>, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new ScError("CONFIG_INVALID", `${where}: aliases that grow without bound, or lead nowhere`, { cause });
  }
}

function issueError(issue: z.core.$ZodIssue, root: z.ZodType, place: string): ScError {
  if (issue.code !== "unrecognized_keys") return new ScError("CONFIG_INVALID", `${place}: ${issue.message}`);
  const near = nearest(issue.keys[0] ?? "", knownFields(root, issue.path));
  return new ScError("CONFIG_INVALID", `${place}: there is no such field`, {
    hint: near === undefined ? `Known here: ${knownFields(root, issue.path).join(", ")}` : `Did you mean: ${near}`,
  });
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the document" : path.map(String).join(".");
}

/** The fields that are allowed at a path of the file. */
function knownFields(root: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = root;
  for (const step of path) {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[String(step)];
    else if (inner instanceof z.ZodArray) schema = inner.element;
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

function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) continue;
    const start: unknown = node.range[0];
    if (typeof start === "number") return lines.linePos(start).line;
  }
  return undefined;
}

/** The JSON Schema of a configuration file, for editors. */
export function securityConfigSchema(): object {
  return z.toJSONSchema(file, { io: "input" });
}
