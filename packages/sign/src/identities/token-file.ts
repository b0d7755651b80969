import { open } from "node:fs/promises";
import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";
import { signLimits } from "../limits.ts";
import { isTokenText } from "../platform-token.ts";

/** A token in a file, as Kubernetes projects it: `SIGSTORE_ID_TOKEN_FILE`. */
export const tokenFileIdentity: IdentitySource = {
  id: "token-file",
  isPresent: (environment) => (environment["SIGSTORE_ID_TOKEN_FILE"] ?? "") !== "",
  fetchToken: async ({ environment, signal }) => {
    const path = environment["SIGSTORE_ID_TOKEN_FILE"] ?? "";
    signal?.throwIfAborted();
    const token = (await readToken(path)).trim();
    if (isTokenText(token)) return token;
    throw new ScError("IDENTITY_NOT_FOUND", `${JSON.stringify(path)}: the file holds no identity token`);
  },
};

async function readToken(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(signLimits.maxTokenBytes + 1) });
    return buffer.toString("latin1", 0, bytesRead);
  } catch (cause) {
    throw new ScError("IDENTITY_NOT_FOUND", `${JSON.stringify(path)}: no identity token can be read there`, { cause });
  }
}
