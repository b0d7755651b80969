import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { hasCode, ScError } from "@sc/model";
import type { LoadedConfig } from "./config/read-config.ts";

/** The largest configuration file that is read: the parser takes no more either. */
const maxFileBytes = 1024 * 1024;

/**
 * The configuration in a YAML text that stands alone; `where` names the file. Throws `CONFIG_INVALID`. The schema is
 * loaded only when it is asked for: it takes longer to load than everything else here.
 */
export async function loadConfigText(text: string, where: string): Promise<LoadedConfig> {
  const { parseConfigFile } = await import("./config/read-config.ts");
  return parseConfigFile(text, where);
}

/** A stack in one of its environments, in the project that a folder belongs to. */
export interface StackChoice {
  /** The folder that holds `.sc`, or one below it. */
  readonly directory: string;
  readonly stack: string;
  readonly environment: string;
}

/**
 * The configuration of a stack in one of its environments, from `.sc/stacks/<stack>/client.yaml` and the files of
 * `.sc/parent-stacks` that it is based on. Throws `CONFIG_INVALID`, `CONFIG_CYCLE`, `STACK_MISSING`.
 */
export async function loadStackConfig({ directory, stack, environment }: StackChoice): Promise<LoadedConfig> {
  const project = await findAbove(directory, ".sc");
  if (project === undefined) {
    throw new ScError("STACK_MISSING", `${JSON.stringify(directory)}: there is no .sc folder in it or above it`, {
      hint: "Run it in the project, or name the project's folder.",
    });
  }
  const { readStackConfig } = await import("./config/read-config.ts");
  const files = {
    read: async (path: string) => await readText(join(project, path)),
    list: async (folder: string) => await readdir(join(project, folder)).catch(() => []),
  };
  return await readStackConfig(files, stack, environment);
}

/** The configuration with every `${env:…}` filled in; secrets stay named. Throws `CONFIG_VALUE_MISSING`. */
export async function resolveConfig(
  config: LoadedConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedConfig> {
  const { resolveVariables } = await import("./config/read-config.ts");
  return await resolveVariables(config, environment);
}

/** The path of the `sc.yaml` that holds for a folder: in it or above it; `undefined` where there is none. */
export async function findConfigFile(directory: string): Promise<string | undefined> {
  const found = await findAbove(directory, "sc.yaml");
  return found === undefined ? undefined : join(found, "sc.yaml");
}

/** The JSON Schemas of the configuration's files: one that stands alone, and a stack's. */
export async function loadConfigSchemas(): Promise<Readonly<Record<"file" | "stack", object>>> {
  const { configSchemas } = await import("./config/read-config.ts");
  return configSchemas();
}

// Not above a repository: what stands there belongs to something else.
async function findAbove(start: string, name: string): Promise<string | undefined> {
  for (let at = resolve(start); ; at = dirname(at)) {
    if (await exists(join(at, name))) return at;
    if ((await exists(join(at, ".git"))) || dirname(at) === at) return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes)
      throw new ScError("CONFIG_INVALID", `${path}: ${size} bytes, wanted at most ${maxFileBytes}`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (hasCode(error, "CONFIG_INVALID")) throw error;
    throw new ScError("CONFIG_INVALID", `${path}: cannot be read`, { cause: error });
  }
}
