import { ScError } from "@sc/model";
import type { ActionContext } from "./command.ts";

/**
 * The password for a new private key: from the option or its variable, else asked for twice. Throws `CLI_USAGE` where
 * there is neither, since an unprotected key must be somebody's decision.
 */
export async function newPassword(context: ActionContext): Promise<Uint8Array> {
  const given = context.values.text("password");
  if (given !== undefined) return Buffer.from(given);
  const first = await context.askSecret("Password for the private key: ");
  if (first === undefined) throw noPassword();
  const second = await context.askSecret("The same again: ");
  if (first === second) return Buffer.from(first);
  throw new ScError("CLI_USAGE", "the two passwords differ");
}

function noPassword(): ScError {
  return new ScError("CLI_USAGE", "there is no password for the private key, and no terminal to ask on", {
    hint: "Set COSIGN_PASSWORD; it may be empty.",
  });
}
