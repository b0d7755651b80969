import { isJsonObject, type JsonObject } from "@sc/model";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { objectMember, stringMember } from "./json-file.ts";
import { isName, isVersion } from "./token.ts";
import { firstOf, hasRoom } from "./cuts.ts";

/** One library that a .NET application was built with. */
export interface DotnetLibrary {
  readonly name: string;
  readonly version: string;
  readonly type: "package" | "project" | "runtimepack";
  /** Of the package's archive, in base64. */
  readonly sha512?: string;
  readonly dependencies: readonly string[];
}

/** What a `.deps.json` lists. */
export interface DotnetDependencies {
  readonly libraries: readonly DotnetLibrary[];
  readonly dropped: number;
}

const runtimePack = "runtimepack.";

/**
 * The libraries of a `.deps.json` that are shipped with the application: not those that are only compiled against, or
 * that only name others.
 *
 * @see https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
 */
export function parseDotnetDependencies(json: JsonObject): DotnetDependencies | undefined {
  const libraries = objectMember(json, "libraries");
  if (libraries === undefined) return undefined;
  const entries = targetOf(json);
  const found: DotnetLibrary[] = [];
  const empty = new Map<string, readonly string[]>();
  let dropped = 0;
  for (const [key, library] of firstOf(Object.entries(libraries), limits.maxRecords, "libraries")) {
    const entry = objectMember(entries, key);
    const type = isJsonObject(library) ? typeOf(library) : undefined;
    if (!isJsonObject(library) || type === undefined) continue;
    const known = libraryOf(key, { type, library, entry: entry ?? {} });
    if (entry !== undefined && !isShipped(entry, type)) {
      if (known !== undefined) empty.set(known.name, known.dependencies);
    } else if (known === undefined) dropped += 1;
    else found.push(known);
  }
  const shipped: DotnetLibrary[] = [];
  for (const library of found) shipped.push({ ...library, dependencies: reached(library, empty) });
  return { libraries: shipped, dropped };
}

/** What the application runs with. */
function targetOf(json: JsonObject): JsonObject {
  const target = stringMember(objectMember(json, "runtimeTarget") ?? {}, "name") ?? "";
  return objectMember(objectMember(json, "targets") ?? {}, target) ?? {};
}

/** What a library depends on, by way of those that bring nothing of their own. */
function reached({ dependencies }: DotnetLibrary, empty: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const names = new Set(dependencies);
  for (const name of names) {
    const through = empty.get(name);
    if (through === undefined) continue;
    for (const next of through) {
      if (names.has(next) || hasRoom(names.size, limits.maxNames, "libraries that one depends on")) names.add(next);
    }
  }
  return [...names].filter((name) => !empty.has(name));
}

function typeOf(library: JsonObject): DotnetLibrary["type"] | undefined {
  const type = stringMember(library, "type");
  return type === "package" || type === "project" || type === "runtimepack" ? type : undefined;
}

interface Described {
  readonly type: DotnetLibrary["type"];
  readonly library: JsonObject;
  readonly entry: JsonObject;
}

function libraryOf(key: string, { type, library, entry }: Described): DotnetLibrary | undefined {
  const slash = key.lastIndexOf("/");
  const name = plainName(key.slice(0, Math.max(0, slash)));
  const version = key.slice(slash + 1);
  if (!isName(name) || !isVersion(version)) return undefined;
  const names = Object.keys(objectMember(entry, "dependencies") ?? {});
  const dependencies = firstOf(names, limits.maxNames, "libraries that one depends on");
  const sha512 = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(stringMember(library, "sha512") ?? "")?.[1];
  return defined<DotnetLibrary>({ name, version, type, sha512, dependencies: dependencies.map(plainName) });
}

function plainName(name: string): string {
  return name.startsWith(runtimePack) ? name.slice(runtimePack.length) : name;
}

/** A package without files for the run is a list of others, or is compiled against only. */
function isShipped(entry: JsonObject, type: DotnetLibrary["type"]): boolean {
  return type !== "package" || ["runtime", "native", "resources", "runtimeTargets"].some((name) => name in entry);
}
