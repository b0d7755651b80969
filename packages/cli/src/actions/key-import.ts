import { hasCode } from "@sc/model";
import { importKeyPair, type KeyPair } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { readUserFile } from "../files.ts";
import { keyPairPaths, keyPairResult, writeKeyPair } from "../key-pair-files.ts";
import { newPassword, passwordIn } from "../password.ts";
import { printable } from "../terminal/printable.ts";

/** Key files are a few kilobytes. */
const maxKeyFileBytes = 64 * 1024;

/** Writes a private key of another tool as a key pair in cosign's format. Throws `KEY_INVALID`, `KEY_PASSWORD_WRONG`. */
export async function importKey(context: ActionContext): Promise<ActionResult> {
  const path = context.values.required("key");
  const pem = await readUserFile(path, { maxBytes: maxKeyFileBytes });
  const paths = await keyPairPaths(context);
  const newKeyPassword = await newPassword(context);
  const pair = await openWith(path, context, async (password) => {
    return await importKeyPair(pem, { newPassword: newKeyPassword, password, where: JSON.stringify(path) });
  });
  await writeKeyPair(pair, paths, context);
  return keyPairResult(pair, paths, context);
}

// The old password is asked for only where the key turns out to need one.
async function openWith(
  path: string,
  context: ActionContext,
  open: (password: Uint8Array | undefined) => Promise<KeyPair>,
): Promise<KeyPair> {
  const file = context.values.text("old-password-file");
  const old = file === undefined ? undefined : passwordIn(await readUserFile(file, { maxBytes: 4096 }), context);
  try {
    return await open(old);
  } catch (error) {
    if (old !== undefined || !hasCode(error, "KEY_PASSWORD_WRONG")) throw error;
    const asked = await context.askSecret(`Password of ${printable(path)}: `);
    if (asked === undefined) throw error;
    return await open(Buffer.from(asked));
  }
}
