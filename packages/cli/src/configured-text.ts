import { readFile } from "node:fs/promises";
import { ScError } from "@sc/model";
import { resolveText } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";

/**
 * A text of the configuration with its placeholders filled in; `where` names the member. `${secret:NAME}` is the variable
 * of that name, or what stands in the file that NAME_FILE names: the configuration never holds it, and it is kept out of
 * every output. Throws `CONFIG_VALUE_MISSING`.
 */
export async function configuredText(text: string, where: string, context: ActionContext): Promise<string> {
  const { variables } = context.environment;
  const readSecret = async (name: string): Promise<string | undefined> => {
    const file = variables[`${name}_FILE`];
    const secret =
      variables[name] ?? (file === undefined ? undefined : (await readSecretFile(file, where)).replace(/\r?\n$/, ""));
    if (secret !== undefined) context.hide(secret);
    return secret;
  };
  const value = await resolveText(text, where, { environment: variables, readSecret });
  if (value !== text || !where.endsWith("privateKey")) context.hide(value);
  return value;
}

async function readSecretFile(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ScError("CONFIG_VALUE_MISSING", `${where}: the file of the secret cannot be read`, { cause });
  }
}
