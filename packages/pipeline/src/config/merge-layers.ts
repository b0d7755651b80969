import { isJsonObject, type JsonObject, type JsonValue } from "@sc/model";

/** One part of a configuration that others are laid over, with where its values stand. */
export interface ConfigLayer {
  readonly value: JsonObject;
  /** Where the part at a path of `value` stands: `file:line:column`. */
  readonly place: (path: readonly PropertyKey[]) => string;
}

/** What layers come to. */
export interface MergedConfig {
  readonly value: JsonObject;
  /** By the path of each value that is no mapping, joined with dots: where it was said last. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Lays layers over each other, the first lowest: mappings are merged member by member to any depth, everything else,
 * lists too, is replaced whole by what comes later.
 */
export function mergeLayers(layers: readonly ConfigLayer[]): MergedConfig {
  const origins = new Map<string, string>();
  let merged: JsonObject = {};
  for (const layer of layers) merged = mergeInto(merged, layer.value, { layer, origins, path: [] });
  return { value: merged, origins };
}

interface Merging {
  readonly layer: ConfigLayer;
  readonly origins: Map<string, string>;
  readonly path: readonly string[];
}

function mergeInto(under: JsonObject, over: JsonObject, { layer, origins, path }: Merging): JsonObject {
  const members = new Map<string, JsonValue | undefined>(Object.entries(under));
  for (const [name, value] of Object.entries(over)) {
    const here = [...path, name];
    const below = members.get(name);
    if (isJsonObject(value)) {
      if (!isJsonObject(below)) forget(origins, here);
      members.set(name, mergeInto(isJsonObject(below) ? below : {}, value, { layer, origins, path: here }));
      continue;
    }
    forget(origins, here);
    origins.set(here.join("."), layer.place(here));
    members.set(name, value);
  }
  // From entries, so that a member called __proto__ is a member.
  return Object.fromEntries(members);
}

function forget(origins: Map<string, string>, path: readonly string[]): void {
  const name = path.join(".");
  for (const known of origins.keys()) if (known === name || known.startsWith(`${name}.`)) origins.delete(known);
}
