import type { Credential, CredentialSource, ExplicitCredential } from "./credential.ts";
import { matchingKey } from "./match.ts";

/** What the caller gives outright. */
export const explicit: CredentialSource = {
  id: "explicit",
  async find(target, { explicit: given = [] }) {
    if (given.length === 0) return {};
    const byRegistry = new Map(given.map((one) => [one.registry, one]));
    const key = matchingKey(byRegistry.keys(), target);
    const match = key === undefined ? undefined : byRegistry.get(key);
    return match === undefined ? { searched: "the options" } : { credential: credentialOf(match, "the options") };
  },
};

/** The credential that explicit values make; what is most specific wins. */
export function credentialOf(given: ExplicitCredential, from: string): Credential {
  const { user = "", password = "", identityToken, bearerToken } = given;
  if (bearerToken !== undefined) return { kind: "bearer", user, secret: bearerToken, from };
  if (identityToken !== undefined) return { kind: "identity-token", user, secret: identityToken, from };
  return { kind: "password", user, secret: password, from };
}
