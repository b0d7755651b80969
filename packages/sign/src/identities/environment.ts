import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";

/** A token in `SIGSTORE_ID_TOKEN`, as GitLab CI's `id_tokens` and users set it. */
export const environmentIdentity: IdentitySource = {
  id: "environment",
  isPresent: (environment) => (environment["SIGSTORE_ID_TOKEN"] ?? "") !== "",
  fetchToken: ({ environment }) => {
    const token = environment["SIGSTORE_ID_TOKEN"] ?? "";
    if (token === "") throw new ScError("IDENTITY_NOT_FOUND", "SIGSTORE_ID_TOKEN is not set or empty");
    return Promise.resolve(token);
  },
};
