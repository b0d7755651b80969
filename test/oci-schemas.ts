import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

/**
 * The published OCI image schemas as functions that answer with what is wrong, by file name. They are draft 4, whose
 * `id` and `$schema` newer validators refuse; nothing else of that draft is used in them.
 */
export function compileOciSchemas(folder: string | undefined): (file: string, document: unknown) => string | undefined {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith(".json"));
  for (const file of files) {
    const schema = JSON.parse(readFileSync(join(folder ?? "", file), "utf8"), (key, value: unknown) =>
      (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value,
    );
    ajv.addSchema(schema, `https://oci.example/${file}`);
  }
  return (file, document) => {
    const valid = ajv.validate(`https://oci.example/${file}`, document);
    return valid ? undefined : ajv.errorsText();
  };
}
