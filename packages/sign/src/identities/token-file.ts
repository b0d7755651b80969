import { readFile } from "node:fs/promises";
import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";

/** A token in a file, as Kubernetes projects it: `SIGSTORE_ID_TOKEN_FILE`. */
export const tokenFileIdentity: IdentitySource = {
  id: "token-file",
  isPresent: (environment) => (environment["SIGSTORE_ID_TOKEN_FILE"] ?? "") !== "",
  fetchToken: async ({ environment, signal }) => {
    const path = environment["SIGSTORE_ID_TOKEN_FILE"] ?? "";
    try {
      return (await readFile(path, { encoding: "utf8", signal })).trim();
    } catch (cause) {
      throw new ScError("IDENTITY_NOT_FOUND", `${JSON.stringify(path)}: no identity token can be read there`, {
        cause,
      });
    }
  },
};
