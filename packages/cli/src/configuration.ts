import { access } from "node:fs/promises";
import { join } from "node:path";
import { ScError } from "@sc/model";
import { findConfigFile, type LoadedConfig, loadConfigText, loadStackConfig, resolveConfig } from "@sc/pipeline/config";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** The largest configuration file that is read. */
const maxConfigBytes = 1024 * 1024;

/**
 * The configuration that the options ask for: a stack's, a file, the `sc.yaml` above the project's folder, or the
 * user's own `sc/config.yaml`; `undefined` where there is none. Throws `CLI_USAGE`, `CONFIG_INVALID`, `STACK_MISSING` and what reading a file throws.
 */
export async function findConfiguration(
  { values, environment: { configHome } }: ActionContext,
  word?: string,
): Promise<LoadedConfig | undefined> {
  if (word !== undefined && values.isTyped("config")) {
    throw new ScError(
      "CLI_USAGE",
      `the file is named by --config, and there is also ${JSON.stringify(word.slice(0, 100))}`,
    );
  }
  const [file, stack, environment] = [word ?? values.text("config"), values.text("stack"), values.text("environment")];
  const directory = values.text("project") ?? ".";
  if ((stack === undefined) !== (environment === undefined)) {
    throw new ScError("CLI_USAGE", "--stack and --environment are only given together");
  }
  if (stack !== undefined && environment !== undefined) {
    if (file !== undefined) throw new ScError("CLI_USAGE", "--config and --stack exclude each other");
    return await loadStackConfig({ directory, stack, environment });
  }
  const path = file ?? (await findConfigFile(directory)) ?? (await userConfig(configHome));
  if (path === undefined) return undefined;
  const text = new TextDecoder().decode(await readUserFile(path, { maxBytes: maxConfigBytes }));
  return await loadConfigText(text, path);
}

async function userConfig(configHome: string | undefined): Promise<string | undefined> {
  if (configHome === undefined) return undefined;
  const path = join(configHome, "sc", "config.yaml");
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? path : undefined;
}

/** The same where there must be one, which may be named by a word alone. Throws `CLI_USAGE` besides. */
export async function readConfiguration(context: ActionContext): Promise<LoadedConfig> {
  const found = await findConfiguration(context, context.values.positionals[0]);
  if (found !== undefined) return found;
  throw new ScError("CLI_USAGE", "there is no configuration: no sc.yaml here or above", {
    hint: "Give --config FILE, or --stack STACK and --environment ENV.",
  });
}

/** The configuration of the stack that the options name, its variables filled in. Throws as `loadStackConfig` does. */
export async function readStackConfiguration({ values, environment }: ActionContext): Promise<LoadedConfig> {
  const [stack, name] = [values.required("stack"), values.required("environment")];
  const found = await loadStackConfig({ directory: values.required("project"), stack, environment: name });
  return await resolveConfig(found, environment.variables);
}
