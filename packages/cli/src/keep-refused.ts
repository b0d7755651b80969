import { type Digest, digestOf } from "@sc/model";
import type { UnstoredBundle } from "@sc/pipeline";
import { AttachmentError } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { writeUserFile } from "./files.ts";

/**
 * Runs what attaches a signature. Where the place refuses it in every form the bundle is kept in a file, which is said,
 * and the error is thrown all the same: nobody who looks at the image will find it.
 */
export async function keepRefused<Value>(context: ActionContext, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    // A folder that cannot be written is no reason to hide what the registry said.
    if (error instanceof AttachmentError) await keepBundle(error, context).catch(() => {});
    throw error;
  }
}

/**
 * Writes a bundle to the working folder and returns the path: by what it is about and what it says, so that no other is
 * ever replaced. Throws `FILE_UNWRITABLE`.
 */
export async function keepBundle(
  { bundle, subject }: UnstoredBundle,
  { wrote, onProgress }: Pick<ActionContext, "wrote" | "onProgress">,
): Promise<string> {
  const path = `sha256-${hexOf(subject, 64)}.${hexOf(digestOf(bundle), 8)}.sigstore.json`;
  await writeUserFile(path, bundle, { keepExisting: true });
  wrote(path);
  const message = `the registry stores no signature of ${subject}: the bundle is kept in ${path} and nowhere else`;
  onProgress({ type: "notice", level: "warning", code: "BUNDLE_KEPT", message });
  return path;
}

function hexOf(digest: Digest, length: number): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, length);
}
