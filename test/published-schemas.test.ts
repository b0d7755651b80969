import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import { frozenLines } from "./frozen-lines.ts";

const packages = join(import.meta.dirname, "../packages");
const published = readdirSync(packages)
  .flatMap((name) => schemasOf(join(packages, name)))
  .toSorted();

/** What a program of somebody else reads: a member that is always there stays. What it writes: one that may be left out does. */
const written = /config-/;

const documents = new Map(
  published.map((path): readonly [string, JsonObject] => {
    const document: JsonValue = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(document)) throw new Error(`${path} is no schema`);
    return [path.slice(path.lastIndexOf("/") + 1, -".schema.json".length), document];
  }),
);
const ids = new Map([...documents.values()].map((document) => [document["$id"], document]));

function schemasOf(folder: string): readonly string[] {
  const { files = [] } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!Array.isArray(files) || !files.includes("schema")) return [];
  return readdirSync(join(folder, "schema")).map((name) => join(folder, "schema", name));
}

interface Place {
  readonly document: JsonObject;
  readonly schema: JsonObject;
}

/** What a schema refers to, in its own document or in another that is published. */
function resolve({ document, schema }: Place): Place | undefined {
  const { $ref: reference } = schema;
  if (typeof reference !== "string") return undefined;
  const [id = "", path = ""] = reference.split("#");
  const whole = id === "" ? document : ids.get(id);
  if (whole === undefined) throw new Error(`${reference} is not published`);
  let at: JsonValue | undefined = whole;
  for (const name of path.split("/").slice(1)) at = isJsonObject(at) ? at[name] : undefined;
  if (!isJsonObject(at)) throw new Error(`${reference} is not there`);
  return { document: whole, schema: at };
}

function descriptionOf(place: Place): JsonValue | undefined {
  const target = place.schema["description"] === undefined ? resolve(place) : undefined;
  return target === undefined ? place.schema["description"] : descriptionOf(target);
}

const objectsIn = (value: JsonValue | undefined): readonly (readonly [name: string, JsonObject])[] =>
  isJsonObject(value)
    ? Object.entries(value).flatMap(([name, one]) => (isJsonObject(one) ? [[name, one] as const] : []))
    : [];
const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isJsonArray(value) ? value : []);

/** Every member that a schema names, wherever, with the schema of its value. `if` and `then` only speak of members again. */
function* membersIn(document: JsonObject, at: JsonValue = document, path = ""): Generator<Place & { path: string }> {
  for (const [index, one] of listOf(at).entries()) yield* membersIn(document, one, `${path}/${index}`);
  if (!isJsonObject(at)) return;
  const said = Object.entries(at).filter(([keyword]) => keyword !== "if" && keyword !== "then");
  for (const [keyword, value] of said) {
    const named = keyword === "properties" ? objectsIn(value) : [];
    for (const [name, schema] of named) yield { document, schema, path: `${path}.${name}` };
    yield* membersIn(document, value, `${path}/${keyword}`);
  }
}

/** What a schema promises, a line each: members, what they may be, and whether they are always there. */
function* promises(place: Place, path: string, inside: readonly JsonObject[] = []): Generator<string> {
  const { document, schema } = place;
  if (inside.includes(schema)) return;
  const within = [...inside, schema];
  const target = resolve(place);
  if (target !== undefined) yield* promises(target, path, within);
  for (const type of [schema["type"]].flat()) if (typeof type === "string") yield `${path} is ${type}`;
  const values = "const" in schema ? [schema["const"] ?? null] : listOf(schema["enum"]);
  for (const value of values) yield `${path} may be ${JSON.stringify(value)}`;
  for (const [inner, one] of parts(schema, path)) yield* promises({ document, schema: one }, inner, within);
  const required = listOf(schema["required"]);
  for (const [name] of objectsIn(schema["properties"])) {
    yield `${path}.${name} ${required.includes(name) ? "is always there" : "may be left out"}`;
  }
}

/** The schemas that a schema is made of, each with what it speaks of. */
function parts(schema: JsonObject, path: string): readonly (readonly [path: string, JsonObject])[] {
  const { anyOf, oneOf, allOf, items, additionalProperties, properties } = schema;
  const choices = [listOf(anyOf), listOf(oneOf), listOf(allOf)].flat();
  return [
    ...objectsIn(Object.fromEntries(choices.entries())).map(([, one]) => [path, one] as const),
    ...objectsIn({ [`${path}[]`]: items ?? null, [`${path}.*`]: additionalProperties ?? null }),
    ...objectsIn(properties).map(([name, one]) => [`${path}.${name}`, one] as const),
  ];
}

/** The lines of a schema that nobody may take back: an answer's "may be left out" may become more, a question's less. */
function frozen(name: string, document: JsonObject): readonly string[] {
  const given = written.test(name) ? " is always there" : " may be left out";
  // What a stack says of security is what a file that stands alone says, and is frozen with that.
  const twice = name === "config-stack-1" ? ".security." : undefined;
  const lines = [...promises({ document, schema: document }, name)].filter(
    (line) => !line.endsWith(given) && (twice === undefined || !line.includes(twice)),
  );
  return [...new Set(lines)].toSorted();
}

describe("the JSON Schemas that are published (RUN-1, SCAN-6, section 6)", () => {
  test("are those of a run, a scan and both kinds of configuration, each with an id of its own", () => {
    expect([...documents.keys()]).toEqual(
      expect.arrayContaining(["config-file-1", "config-stack-1", "run-report-1", "scan-report-1"]),
    );
    const reports = [...documents].filter(([name]) => !written.test(name));
    for (const [name, { $id: id }] of reports) expect(id).toBe(`urn:sc:${name.replace(/-1$/, ":1")}`);
  });

  test.each([...documents])("%s says of every member what it is", (_, document) => {
    const members = [...membersIn(document)];
    expect(members.length).toBeGreaterThan(40);
    const silent = members.filter((place) => {
      const description = descriptionOf(place);
      return typeof description !== "string" || !/\w/.test(description);
    });
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test.each([...documents])("%s takes nothing back within its number: what was promised holds", (name, document) => {
    frozenLines(`json/${name}.txt`, frozen(name, document));
  });

  test("would be found out: a member without a description, one that was taken away, and one that may be left out now", () => {
    const schema: JsonObject = {
      properties: { kept: { type: "string" }, gone: { type: "integer" } },
      required: ["kept", "gone"],
    };
    const without: JsonObject = { properties: { kept: { type: "string" } }, required: [] };
    expect([...membersIn(schema)].map((place) => descriptionOf(place))).toEqual([undefined, undefined]);
    const lost = frozen("x", schema).filter((line) => !frozen("x", without).includes(line));
    expect(lost).toEqual(["x.gone is always there", "x.gone is integer", "x.kept is always there"]);
  });
});
