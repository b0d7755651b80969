import { access } from "node:fs/promises";
import { ScError } from "@sc/model";
import type { KeyPair } from "@sc/sign";
import type { ActionContext, ActionResult } from "./command.ts";
import { writeUserFile } from "./files.ts";

/** Where the two halves of a key pair go. */
export interface KeyPairPaths {
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * Where `--output-key-prefix` puts a key pair. Throws `CLI_USAGE` when a file is there already and `--force` is not
 * given: a key that is overwritten is lost.
 */
export async function keyPairPaths({ values }: Pick<ActionContext, "values">): Promise<KeyPairPaths> {
  const prefix = values.required("output-key-prefix");
  const paths = { privateKey: `${prefix}.key`, publicKey: `${prefix}.pub` };
  if (values.flag("force")) return paths;
  for (const path of [paths.privateKey, paths.publicKey]) if (await isThere(path)) throw existing(path);
  return paths;
}

/** Writes both halves, the private one readable by its owner alone. Throws as `keyPairPaths`, and `FILE_UNWRITABLE`. */
export async function writeKeyPair(
  pair: KeyPair,
  paths: KeyPairPaths,
  context: ActionContext,
  { force }: { readonly force: boolean } = { force: context.values.flag("force") },
): Promise<void> {
  const { privateKey, publicKey } = paths;
  const keepExisting = !force;
  const options = { keepExisting, mode: 0o600 };
  if (!(await writeUserFile(privateKey, Buffer.from(pair.privateKeyPem), options))) throw existing(privateKey);
  context.wrote(privateKey);
  if (!(await writeUserFile(publicKey, Buffer.from(pair.publicKeyPem), { keepExisting }))) throw existing(publicKey);
  context.wrote(publicKey);
}

/** What came of it, for `sc key generate` and `sc key import`. */
export function keyPairResult(pair: KeyPair, paths: KeyPairPaths, { style }: ActionContext): ActionResult {
  const { privateKey, publicKey } = paths;
  const { algorithm, id } = pair.publicKey;
  return {
    outcome: "pass",
    report: { privateKey, publicKey, algorithm, keyId: id },
    text: () =>
      [
        `${style.paint("good", style.good)} ${privateKey}  encrypted private key, ${algorithm}`,
        `${style.paint("good", style.good)} ${publicKey}  public key ${id.slice(0, 19)}`,
      ].join("\n"),
    next: [["sign", `sc image sign --image REF --key ${privateKey}`]],
  };
}

/** Whether something is at a path. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** That a key file is there already. */
export function existing(path: string): ScError {
  return new ScError("CLI_USAGE", `${JSON.stringify(path)} is there already and is not overwritten`, {
    hint: "Give another name, or --force of sc key generate where the old key is not needed any more.",
  });
}
