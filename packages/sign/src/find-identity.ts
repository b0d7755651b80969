import { ScError } from "@sc/model";
import { identitySources } from "./identities/index.ts";
import type { Environment, IdentitySource } from "./identity-source.ts";

/** The source of identity tokens of the place the process runs in. Throws `IDENTITY_NOT_FOUND`. */
export function findIdentitySource(environment: Environment): IdentitySource {
  const source = identitySources.find((candidate) => candidate.isPresent(environment));
  if (source !== undefined) return source;
  const known = identitySources.map(({ id }) => id).join(", ");
  throw new ScError("IDENTITY_NOT_FOUND", `no identity to sign with was found; looked for: ${known}`, {
    hint: "Set SIGSTORE_ID_TOKEN, run in a CI system that gives tokens, or sign with a key.",
  });
}
