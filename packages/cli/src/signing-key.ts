import { hasCode, ScError } from "@sc/model";
import { openSigner, type Signer } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { printable } from "./terminal/printable.ts";

/** The signer that `--key` names. Throws `CLI_USAGE` without one, and what `openSigner` throws. */
export async function openKey(context: ActionContext): Promise<Signer> {
  const { values, environment, signal } = context;
  const reference = values.text("key");
  if (reference === undefined) {
    throw new ScError("CLI_USAGE", "--key is missing: there is nothing to sign with", { hint: "sc key generate" });
  }
  const open = async (password: Uint8Array | undefined): Promise<Signer> =>
    await openSigner(reference, { password, environment: environment.variables, signal });
  const given = context.values.text("password");
  const password = given === undefined ? undefined : Buffer.from(given);
  try {
    return await open(password);
  } catch (error) {
    if (password !== undefined || !hasCode(error, "KEY_PASSWORD_WRONG")) throw error;
    const asked = await context.askSecret(`Password of ${printable(reference)}: `);
    if (asked === undefined) throw error;
    return await open(Buffer.from(asked));
  }
}
