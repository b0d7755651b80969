import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
// oxlint-disable-next-line no-restricted-imports -- the only place where Ajv has the draft of 2020
import { Ajv2020 } from "ajv/dist/2020.js";

/** The formats that the schemas of SBOM standards name, held to strictly enough to catch what consumers refuse. */
const formats = {
  "date-time": (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text),
  date: (text: string) => /^\d{4}-\d\d-\d\d$/.test(text),
  email: (text: string) => /^[^\s@]+@[^\s@]+$/.test(text),
  "idn-email": (text: string) => /^[^\s@]+@[^\s@]+$/.test(text),
  iri: (text: string) => URL.canParse(text),
  uri: (text: string) => URL.canParse(text),
  "iri-reference": (text: string) => !/[\s<>"{}|\\^`]/.test(text),
  "uri-reference": (text: string) => !/[\s<>"{}|\\^`]/.test(text),
  regex: () => true,
};

/** What a validator notes is a format that is not checked: a schema that says more than is held to. */
const logger = {
  log: () => undefined,
  warn: (note: string): never => {
    throw new Error(`schema check: ${note}`);
  },
  error: (note: string): never => {
    throw new Error(`schema check: ${note}`);
  },
};

/** The value without `uniqueItems`, whose check takes time square in the length of a list. */
function withoutUniqueItems(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUniqueItems);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name, member]) => name !== "uniqueItems" || typeof member !== "boolean");
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutUniqueItems(member)]));
}

/** A check by a published schema of the shared data and by those it refers to, all in one folder. */
export function schemaCheck(folder: string, [main, ...others]: readonly [string, ...string[]]): ValidateFunction {
  const load = (name: string): object => {
    const schema = withoutUniqueItems(JSON.parse(readFileSync(join(folder, name), "utf8")));
    if (typeof schema !== "object" || schema === null) throw new TypeError(`${name} is no schema`);
    // The draft's own address, which Ajv knows without a fragment only, and what draft 4 called `$id`.
    return Object.fromEntries(Object.entries(schema).filter(([member]) => member !== "$schema" && member !== "id"));
  };
  const { $schema } = JSON.parse(readFileSync(join(folder, main), "utf8"));
  const Draft = String($schema).includes("2020-12") ? Ajv2020 : Ajv;
  const ajv = new Draft({ strict: false, allErrors: false, formats, validateFormats: true, logger });
  for (const other of others) ajv.addSchema(load(other));
  return ajv.compile(load(main));
}
