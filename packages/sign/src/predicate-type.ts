import { isJsonObject, type JsonObject, type JsonValue, parseJson, ScError } from "@sc/model";

/** One kind of predicate: its names on the command line and what stands in the statement. */
export interface PredicateType {
  /** The name of its file and its first alias. */
  readonly id: string;
  /** Other names for it. */
  readonly aliases: readonly string[];
  readonly uri: string;
  /** The predicate that a file's bytes become. Throws `PREDICATE_INVALID`. */
  encode(bytes: Uint8Array): JsonObject | string;
}

/** The JSON object in a predicate file. Throws `PREDICATE_INVALID`. */
export function parsePredicateObject(bytes: Uint8Array): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(bytes, "predicate");
  } catch (cause) {
    throw new ScError("PREDICATE_INVALID", "predicate: not a JSON document", { cause });
  }
  if (isJsonObject(value)) return value;
  throw new ScError("PREDICATE_INVALID", "predicate: wanted a JSON object");
}

/** A predicate that is a JSON object with certain members. */
export function objectPredicate(type: {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly uri: string;
  /** Members without which it is not one. */
  readonly required?: readonly string[];
}): PredicateType {
  return {
    id: type.id,
    aliases: type.aliases ?? [],
    uri: type.uri,
    encode(bytes: Uint8Array): JsonObject {
      const predicate = parsePredicateObject(bytes);
      const missing = (type.required ?? []).filter((name) => predicate[name] === undefined);
      if (missing.length === 0) return predicate;
      throw new ScError("PREDICATE_INVALID", `predicate of type ${type.id}: lacks ${missing.join(", ")}`);
    },
  };
}
