import { open, stat } from "node:fs/promises";
import { ScError } from "@sc/model";
import { readKeyDirectory } from "../key-directory.ts";
import { pemScheme, type SignerScheme } from "../key-reference.ts";
import { signLimits } from "../limits.ts";

const inFile = pemScheme({
  id: "file",
  form: "PATH",
  claims: (reference) => !/^[a-z0-9+.-]+:\/\//i.test(reference) && !reference.startsWith("pkcs11:"),
  read: readKeyFile,
});

/** A key in a file, or public keys in a directory: any reference without a scheme. */
export const fileScheme: SignerScheme = {
  ...inFile,
  readPublicKeys: async (reference, options) =>
    (await isDirectory(reference))
      ? await readKeyDirectory(reference, readKeyFile)
      : await inFile.readPublicKeys(reference, options),
};

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    // Reading it as a file says what is wrong.
    () => false,
  );
}

async function readKeyFile(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(signLimits.maxKeyFileBytes + 1) });
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ScError("KEY_NOT_FOUND", `${JSON.stringify(path)}: no key file can be read there`, { cause });
  }
}
