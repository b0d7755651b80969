import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes, exitCodes } from "@sc/cli";
import { documentFormats } from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import { ecosystems, reports } from "@sc/scan";

/** `docs/errors.md`: every code of the table that `sc help CODE` reads. */
export function formatErrorReference(): string {
  const rows = Object.entries(errorCodes)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([code, { exit, summary, hint = "" }]) =>
        `| \`SC-${code.replaceAll("_", "-")}\` | ${exit} | ${cell(summary)} | ${cell(hint)} |`,
    );
  return page(
    "# Errors",
    "Written from the tables of the packages; a test holds it to them. `sc help CODE` shows a row, `--json` carries the code with underscores and",
    "without `SC-`. Where the place an error is thrown at knows better what to do, its message says that instead of the last column.",
    "",
    "| code | exit | means | what to do |",
    "|---|---|---|---|",
    ...rows,
    "",
    "| exit code | means |",
    "|---|---|",
    ...Object.entries(exitCodes).map(([code, text]) => `| ${code} | ${cell(text)} |`),
  );
}

/** `docs/configuration-fields.md`: every field of the schema that `sc config schema` prints. */
export function formatConfigReference(schema: unknown): string {
  const rows = fieldsOf(schema, schema, "").map(
    ({ path, type, initial, meaning }) =>
      `| \`${path}\` | ${cell(type)} | ${initial === "" ? "" : `\`${initial}\``} | ${cell(meaning)} |`,
  );
  return page(
    "# Fields of the configuration",
    "Written from the schema; a test holds it to it. `sc config schema` prints it as JSON Schema, `sc config check` checks a file.",
    "",
    "| field | value | default | |",
    "|---|---|---|---|",
    ...rows,
  );
}

/** `docs/coverage.md`: what is recognised in an image, and which advisories are compared. */
export function formatCoverageReference(vectors: string): string {
  // What only tells the distribution finds no package.
  const finders = catalogers.filter(({ id }) => seenIn(join(vectors, id), id).types.length > 0);
  const catalogerRow = ({ id }: { readonly id: string }): string => {
    const { files, types } = seenIn(join(vectors, id), id);
    return `| ${id} | ${types.map((type) => `\`${type}\``).join(" ")} | ${files.map((file) => `\`${file}\``).join(" ")} |`;
  };
  const table = ["| cataloger | package types | such as |", "|---|---|---|"];
  return page(
    "# Coverage",
    "Written from the lists in the packages and the vectors they are tested with; a test holds it to them.",
    "",
    "## Installed packages",
    "",
    ...table,
    ...finders.filter(({ evidence }) => evidence === "installed").map(catalogerRow),
    "",
    "## Declared packages, with `--declared`",
    "",
    ...table,
    ...finders.filter(({ evidence }) => evidence === "declared").map(catalogerRow),
    "",
    "## Advisories",
    "",
    "By the names OSV gives its ecosystems. *Only what is fixed*: the source lists what an update mends, so that what nothing mends yet is not found.",
    "",
    "| ecosystem | version order | tells of |",
    "|---|---|---|",
    ...ecosystems.map(
      ({ name, scheme, tells }) =>
        `| ${name} | ${scheme} | ${tells === "fixed-only" ? "only what is fixed" : "what has no fix too"} |`,
    ),
    "",
    "## Forms",
    "",
    `Documents: ${documentFormats.map(({ id }) => `\`${id}\``).join(", ")}.`,
    `Reports: ${reports.map(({ id }) => `\`${id}\``).join(", ")}.`,
  );
}

interface Field {
  readonly path: string;
  readonly type: string;
  readonly initial: string;
  readonly meaning: string;
}

function fieldsOf(root: unknown, node: unknown, path: string): readonly Field[] {
  const schema = resolved(root, node);
  const properties = member(schema, "properties");
  if (isObject(properties))
    return Object.entries(properties).flatMap(([name, value]) =>
      fieldsOf(root, value, path === "" ? name : `${path}.${name}`),
    );
  const items = member(schema, "items");
  if (isObject(items) && isObject(member(resolved(root, items), "properties")))
    return fieldsOf(root, items, `${path}[]`);
  const initial = member(schema, "default") ?? member(node, "default");
  const meaning = member(node, "description") ?? member(schema, "description");
  const field = {
    path,
    type: typeOf(root, schema),
    initial: initial === undefined ? "" : JSON.stringify(initial),
    meaning: typeof meaning === "string" ? meaning : "",
  };
  // A value that may also be written as an object has its fields besides.
  const branches = [member(schema, "anyOf"), member(schema, "oneOf")].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const inner = branches.flatMap((branch: unknown) =>
    isObject(member(resolved(root, branch), "properties")) ? fieldsOf(root, branch, path) : [],
  );
  return [field, ...inner];
}

function typeOf(root: unknown, schema: unknown): string {
  const choices = member(schema, "enum");
  if (Array.isArray(choices)) return choices.map((choice) => `\`${String(choice)}\``).join(", ");
  const branches = [member(schema, "anyOf"), member(schema, "oneOf")].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  if (branches.length > 0)
    return [...new Set(branches.map((branch: unknown) => typeOf(root, resolved(root, branch))))].join(" or ");
  const fixed = member(schema, "const");
  if (fixed !== undefined) return `\`${JSON.stringify(fixed)}\``;
  const type = member(schema, "type");
  if (type === "array") return `list of ${typeOf(root, resolved(root, member(schema, "items")))}`;
  return typeof type === "string" ? type : "text";
}

function resolved(root: unknown, node: unknown): unknown {
  const reference = member(node, "$ref");
  if (typeof reference !== "string") return node;
  return reference
    .replace(/^#\//, "")
    .split("/")
    .reduce<unknown>((at, key) => member(at, key), root);
}

function member(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// The files of a cataloger's vectors that its packages name as their place, and the types of those packages.
function seenIn(folder: string, id: string): { readonly files: readonly string[]; readonly types: readonly string[] } {
  const files = new Set<string>();
  const types = new Set<string>();
  for (const name of readdirSync(folder)) {
    const expected: unknown = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8"));
    const packages = member(expected, "packages");
    for (const found of Array.isArray(packages) ? packages : []) {
      if (member(found, "cataloger") !== id) continue;
      const purl = member(found, "purl");
      if (typeof purl === "string") types.add(/^pkg:([^/]+)/.exec(purl)?.[1] ?? "");
      const locations: unknown = member(found, "locations");
      const first: unknown = Array.isArray(locations) ? locations[0] : undefined;
      const path = typeof first === "string" ? first : member(first, "path");
      // Behind a number and a colon: the layer, where a case has several.
      if (typeof path === "string") files.add(path.replace(/^\d+:/, ""));
    }
  }
  const shown = [...files].toSorted((left, right) => left.length - right.length || (left < right ? -1 : 1)).slice(0, 3);
  return { files: shown, types: [...types].toSorted() };
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function page(...lines: readonly string[]): string {
  const [title = "", ...rest] = lines;
  return `${[title, "", ...rest].join("\n")}\n`;
}
