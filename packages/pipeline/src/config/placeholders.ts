import { isJsonObject, type JsonObject, type JsonValue, ScError } from "@sc/model";
import { formatPath } from "./format-path.ts";

/** The members that may name a secret, and are never shown: everywhere else a secret would end in an output. */
const secretMembers: readonly string[] = [
  "security.signing.privateKey",
  "security.signing.password",
  "security.reporting.defectdojo.apiKey",
];

const pattern = /\$\{(?<inner>[^}]*)\}?/g;
const inside = /^(?<kind>env|secret):(?<name>[A-Za-z_][A-Za-z0-9_.-]{0,199})$/;

/** Where the values of placeholders come from. */
export interface PlaceholderValues {
  /** The variable of that name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The secret of that name; `undefined` where there is none. */
  readonly readSecret: (name: string) => Promise<string | undefined>;
}

/**
 * Checks every `${…}` in a value: only `${env:NAME}` and `${secret:NAME}`, a secret only where secrets belong. Throws
 * `CONFIG_INVALID` with the place.
 */
export function checkPlaceholders(
  value: JsonValue | undefined,
  path: readonly PropertyKey[],
  place: (path: readonly PropertyKey[]) => string,
): void {
  if (typeof value === "string") checkText(value, path, place);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkPlaceholders(item, [...path, index], place);
  else if (isJsonObject(value))
    for (const [name, member] of Object.entries(value)) checkPlaceholders(member, [...path, name], place);
}

function checkText(text: string, path: readonly PropertyKey[], place: (path: readonly PropertyKey[]) => string): void {
  for (const match of text.matchAll(pattern)) {
    const { inner = "" } = match.groups ?? {};
    const kind = match[0].endsWith("}") ? inside.exec(inner)?.groups?.["kind"] : undefined;
    const at = `${place(path)}: ${formatPath(path)}`;
    if (kind === undefined) {
      throw new ScError("CONFIG_INVALID", `${at}: ${JSON.stringify(match[0].slice(0, 100))} stands for nothing`, {
        hint: "Write ${env:NAME} for a variable or ${secret:NAME} for a secret.",
      });
    }
    if (kind === "secret" && !secretMembers.includes(path.join("."))) {
      throw new ScError("CONFIG_INVALID", `${at}: a secret here would end in an output`, {
        hint: `Secrets belong in ${secretMembers.join(", ")}.`,
      });
    }
  }
}

/**
 * A text with its placeholders filled in. `where` names the member in errors, which never show a value. Throws
 * `CONFIG_VALUE_MISSING` for a variable or secret that is not set.
 */
export async function resolveText(text: string, where: string, values: PlaceholderValues): Promise<string> {
  let resolved = "";
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const { kind, name = "" } = inside.exec(match.groups?.["inner"] ?? "")?.groups ?? {};
    const value = kind === "secret" ? await values.readSecret(name) : variableOf(values, name);
    if (value === undefined || value === "") {
      throw new ScError("CONFIG_VALUE_MISSING", `${where}: ${match[0]} is not set`, {
        hint:
          kind === "secret"
            ? `Set the variable ${name}, or ${name}_FILE to a file with the secret.`
            : `Set the variable ${name}.`,
      });
    }
    resolved += text.slice(end, match.index) + value;
    end = match.index + match[0].length;
  }
  return resolved + text.slice(end);
}

function variableOf({ environment }: PlaceholderValues, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

/** A value as it may be shown: placeholders as they are written, what is a secret written out as `***`. */
export function withoutSecrets(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutSecret(member, [name])]));
}

function withoutSecret(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  if (typeof value === "string") {
    const isKey = path.join(".") === "security.signing.privateKey" && !/-----BEGIN|\n/.test(value);
    return secretMembers.includes(path.join(".")) && !isKey && value.replaceAll(pattern, "") !== "" ? "***" : value;
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutSecret(item, [...path, "0"]) ?? null);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutSecret(member, [...path, name])]),
  );
}
