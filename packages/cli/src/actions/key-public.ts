import { ScError } from "@sc/model";
import type { ActionContext, ActionResult } from "../command.ts";
import { writeUserFile } from "../files.ts";
import { openKey } from "../signing-key.ts";
import { printable } from "../terminal/printable.ts";

/** The public half of a private key, as PEM. */
export async function showPublicKey(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const { publicKey } = await openKey(context);
  if (publicKey === undefined) throw new ScError("KEY_INVALID", "--key: has no public half");
  const { algorithm, id, pem } = publicKey;
  const path = values.text("output");
  if (path !== undefined) {
    await writeUserFile(path, Buffer.from(pem));
    context.wrote(path);
  }
  return {
    outcome: "pass",
    ...(path === undefined && !values.flag("json") ? { document: Buffer.from(pem) } : {}),
    report: { algorithm, keyId: id, publicKey: pem, output: path },
    text: () =>
      `${style.paint("good", style.good)} ${printable(path ?? "")}  public key ${id.slice(0, 19)}, ${algorithm}`,
  };
}
