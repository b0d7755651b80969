import { access } from "node:fs/promises";
import { ScError } from "@sc/model";
import { generateKeyPair, keyAlgorithms } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { writeUserFile } from "../files.ts";
import { newPassword } from "../password.ts";

/** Makes a key pair and writes both halves. Throws `CLI_USAGE` when a file is there already. */
export async function generateKey(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const prefix = values.required("output-key-prefix");
  const algorithm = values.choice("algorithm", keyAlgorithms) ?? "ecdsa-p256";
  const privateKey = `${prefix}.key`;
  const publicKey = `${prefix}.pub`;
  for (const path of [privateKey, publicKey]) await refuseExisting(path);
  const pair = await generateKeyPair({ password: await newPassword(context), algorithm });
  await writeUserFile(privateKey, Buffer.from(pair.privateKeyPem), { mode: 0o600 });
  context.wrote(privateKey);
  await writeUserFile(publicKey, Buffer.from(pair.publicKeyPem));
  context.wrote(publicKey);
  return {
    outcome: "pass",
    report: { privateKey, publicKey, algorithm, keyId: pair.publicKey.id },
    text: () =>
      [
        `${style.paint("good", style.good)} ${privateKey}  encrypted private key, ${algorithm}`,
        `${style.paint("good", style.good)} ${publicKey}  public key ${pair.publicKey.id.slice(0, 19)}`,
      ].join("\n"),
    next: [["sign", `sc image sign --image REF --key ${privateKey}`]],
  };
}

async function refuseExisting(path: string): Promise<void> {
  try {
    await access(path);
  } catch {
    return;
  }
  throw new ScError("CLI_USAGE", `${JSON.stringify(path)} is there already and is not overwritten`, {
    hint: "Give another --output-key-prefix, or move the old key away.",
  });
}
