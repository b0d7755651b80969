import { generateKeyPair, keyAlgorithms } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { keyPairPaths, keyPairResult, writeKeyPair } from "../key-pair-files.ts";
import { newPassword } from "../password.ts";

/** Makes a key pair and writes both halves. Throws `CLI_USAGE` when a file is there already. */
export async function generateKey(context: ActionContext): Promise<ActionResult> {
  const algorithm = context.values.choice("algorithm", keyAlgorithms) ?? "ecdsa-p256";
  const paths = await keyPairPaths(context);
  const pair = await generateKeyPair({ password: await newPassword(context), algorithm });
  await writeKeyPair(pair, paths, context);
  return keyPairResult(pair, paths, context);
}
