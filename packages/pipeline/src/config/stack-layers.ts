import { isJsonObject, type JsonObject, type JsonValue, nearest, ScError } from "@sc/model";
import { checkSchema, unknownField } from "./check-schema.ts";
import type { ConfigLayer } from "./merge-layers.ts";
import { checkPlaceholders } from "./placeholders.ts";
import { stackSchema } from "./stack-schema.ts";
import { parseYaml, type YamlDocument } from "./yaml-document.ts";

/** How long a chain of parents may be, and how many files one stack may be made of. */
const maxFiles = 64;

/** One file of the project, by its path from the project's folder; `undefined` where there is none. */
export interface StackFiles {
  readonly read: (path: string) => Promise<string | undefined>;
  /** The names of what is in a folder of the project, for hints. */
  readonly list: (folder: string) => Promise<readonly string[]>;
}

/** A stack's file and everything it is based on, the farthest ancestor first. */
export interface StackLayers {
  readonly layers: readonly ConfigLayer[];
  /** The files, in the order of the layers. */
  readonly files: readonly string[];
}

/**
 * The layers of one environment of a stack: parents first, then what is used, then the file itself; within a file what
 * holds for every environment first. What several files are based on is laid down once, lowest.
 *
 * Throws `STACK_MISSING`, `CONFIG_CYCLE` with the whole chain, and `CONFIG_INVALID`.
 */
export async function readStackLayers(files: StackFiles, stack: string, environment: string): Promise<StackLayers> {
  const path = await findStack(files, stack);
  const state: Reading = { files, environment, seen: new Map(), layers: [] };
  await readFile(path, { required: true, chain: [] }, state);
  return { layers: state.layers, files: [...state.seen.keys()] };
}

interface Reading {
  readonly files: StackFiles;
  readonly environment: string;
  /** The files that were read: finished or not. */
  readonly seen: Map<string, boolean>;
  readonly layers: ConfigLayer[];
}

async function findStack({ read, list }: StackFiles, stack: string): Promise<string> {
  for (const extension of ["yaml", "yml"]) {
    const path = `.sc/stacks/${stack}/client.${extension}`;
    if ((await read(path)) !== undefined) return path;
  }
  throw missing(`there is no stack ${JSON.stringify(stack)}`, stack, await list(".sc/stacks"));
}

function missing(message: string, wanted: string, known: readonly string[]): ScError {
  const near = nearest(wanted, known);
  const list = known.length === 0 ? "There is none at all." : `Known: ${known.slice(0, 20).join(", ")}`;
  return new ScError("STACK_MISSING", message, { hint: near === undefined ? list : `Did you mean: ${near}` });
}

interface Place {
  /** Whether the environment must stand in the file: in a stack's own, not in a parent. */
  readonly required: boolean;
  readonly chain: readonly string[];
}

async function readFile(path: string, { required, chain }: Place, state: Reading): Promise<void> {
  const { files, environment, seen, layers } = state;
  const here = [...chain, path];
  if (chain.includes(path)) {
    throw new ScError("CONFIG_CYCLE", `${path}: is based on itself: ${here.slice(here.indexOf(path)).join(" → ")}`);
  }
  if (seen.has(path)) return;
  seen.set(path, false);
  if (seen.size > maxFiles)
    throw new ScError("CONFIG_INVALID", `${path}: the stack is made of more than ${maxFiles} files`);
  const document = parseStack((await files.read(path)) ?? "", path);
  const stacks = document.value["stacks"];
  const known = isJsonObject(stacks) ? stacks : {};
  const entry = Object.hasOwn(known, environment) ? known[environment] : undefined;
  if (required && entry === undefined) {
    throw missing(`${path}: there is no environment ${JSON.stringify(environment)}`, environment, Object.keys(known));
  }
  const own = isJsonObject(entry) ? entry : {};
  for (const name of [...inherited(document.value), ...inherited(own)]) {
    await readFile(await findParent(name, path, files), { required: false, chain: here }, state);
  }
  layers.push(...partsOf(document, document.value, []), ...partsOf(document, own, ["stacks", environment]));
}

function parseStack(text: string, path: string): YamlDocument {
  const document = parseYaml(text, path);
  // Holders of anchors, as compose files have them.
  const value = Object.fromEntries(Object.entries(document.value).filter(([name]) => !/^(?:x-|\.)/.test(name)));
  checkSchema(stackSchema, { ...document, value });
  return { ...document, value };
}

function inherited({ parent, uses }: JsonObject): readonly string[] {
  return [parent, uses].flat().filter((name) => typeof name === "string");
}

async function findParent(name: string, from: string, { read, list }: StackFiles): Promise<string> {
  for (const extension of ["yaml", "yml"]) {
    const path = `.sc/parent-stacks/${name}.${extension}`;
    if ((await read(path)) !== undefined) return path;
  }
  const known = (await list(".sc/parent-stacks")).map((file) => file.replace(/\.ya?ml$/, ""));
  throw missing(
    `${from}: is based on ${JSON.stringify(name)}, and there is no .sc/parent-stacks/${name}.yaml`,
    name,
    known,
  );
}

// The three places a security block may stand in, the most general first; images and services beside it.
function partsOf(document: YamlDocument, holder: JsonObject, at: readonly string[]): readonly ConfigLayer[] {
  const { client, config } = holder;
  const found = [
    layerOf(document, holder, at, ["security"]),
    layerOf(document, client, [...at, "client"], ["security"]),
    layerOf(document, config, [...at, "config"], ["security", "images", "services"]),
  ];
  return found.filter((layer) => layer !== undefined);
}

function layerOf(
  document: YamlDocument,
  holder: JsonValue | undefined,
  at: readonly string[],
  members: readonly string[],
): ConfigLayer | undefined {
  if (!isJsonObject(holder)) return undefined;
  const place = (path: readonly PropertyKey[]): string => document.place([...at, ...path]);
  refuseMisspelt(holder, at, document);
  const taken = Object.entries(holder).filter(([name]) => members.includes(name));
  const value = Object.fromEntries(
    taken.map(([name, member]) => [name, name === "services" ? imagesOf(member) : member]),
  );
  for (const [name, member] of Object.entries(value)) checkPlaceholders(member, [name], place);
  return { value, place };
}

// Of a service only its image is ours.
function imagesOf(services: JsonValue | undefined): JsonObject {
  const entries = Object.entries(isJsonObject(services) ? services : {});
  return Object.fromEntries(
    entries.flatMap(([name, service]) =>
      isJsonObject(service) && service["image"] !== undefined ? [[name, { image: service["image"] }]] : [],
    ),
  );
}

// The deploy tool's own members pass, but a block that nearly has our name was meant for us: without it nothing would be secured.
function refuseMisspelt(holder: JsonObject, at: readonly string[], document: YamlDocument): void {
  for (const name of Object.keys(holder)) {
    if (name !== "security" && name.length > 5 && nearest(name, ["security"]) !== undefined) {
      throw unknownField([...at, name], ["security"], document);
    }
  }
}
