import { open } from "node:fs/promises";
import { ScError } from "@sc/model";
import { pemScheme, type SignerScheme } from "../key-reference.ts";
import { signLimits } from "../limits.ts";

/** A key in a file: any reference without a scheme. */
export const fileScheme: SignerScheme = pemScheme({
  id: "file",
  form: "PATH",
  claims: (reference) => !/^[a-z0-9+.-]+:\/\//i.test(reference) && !reference.startsWith("pkcs11:"),
  read: readKeyFile,
});

async function readKeyFile(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(signLimits.maxKeyFileBytes + 1) });
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ScError("KEY_NOT_FOUND", `${JSON.stringify(path)}: no key file can be read there`, { cause });
  }
}
