import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";

/** A schema that allows nothing it does not name, where it does not say otherwise. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isOpen = !("properties" in schema) || "additionalProperties" in schema || !("type" in schema);
  return isOpen ? inner : Object.assign(inner, { additionalProperties: false });
}

function read(name: string): object {
  return Object.assign({}, closed(JSON.parse(readFileSync(join(import.meta.dirname, "../packages", name), "utf8"))));
}

/** Checks against a schema that a package publishes, closed, so that it must name every member; and against those it refers to. */
export function ownSchemaCheck(path: string, ...others: readonly string[]): ValidateFunction {
  const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true });
  for (const other of others) ajv.addSchema(read(other));
  return ajv.compile(read(path));
}

let run: ValidateFunction | undefined;

/** What is wrong with a run report by its schema; `undefined` where nothing is. */
export function faultsOfRun(document: unknown): string | undefined {
  run ??= ownSchemaCheck("pipeline/schema/run-report-1.schema.json", "scan/schema/scan-report-1.schema.json");
  return run(document) ? undefined : JSON.stringify(run.errors);
}
