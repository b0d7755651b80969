import { findInConfig, parseConfig } from "./config-file.ts";
import type { Credential, CredentialSource, CredentialTarget } from "./credential.ts";
import { credentialOf } from "./explicit.ts";
import { matchingKey } from "./match.ts";

/**
 * Values of environment variables, as the caller passes them: `SC_REGISTRY` (host and port, or a namespace) with
 * `SC_REGISTRY_USER` and `SC_REGISTRY_PASSWORD` or `SC_REGISTRY_TOKEN`; and docker's `DOCKER_AUTH_CONFIG`.
 */
export const environment: CredentialSource = {
  id: "environment",
  async find(target, options, call) {
    const { environment: variables = {} } = options;
    const own = fromVariables(variables, target);
    if (own !== undefined) return { credential: own };
    const text = variables["DOCKER_AUTH_CONFIG"] ?? "";
    if (text === "") return variables["SC_REGISTRY"] === undefined ? {} : { searched: "SC_REGISTRY" };
    const credential = await findInConfig(parseConfig(text, "DOCKER_AUTH_CONFIG"), target, { options, call });
    return credential === undefined ? { searched: "DOCKER_AUTH_CONFIG" } : { credential };
  },
};

function fromVariables(
  variables: Readonly<Record<string, string | undefined>>,
  target: CredentialTarget,
): Credential | undefined {
  const registry = variables["SC_REGISTRY"];
  if (registry === undefined || matchingKey([registry], target) === undefined) return undefined;
  const token = variables["SC_REGISTRY_TOKEN"];
  const password = variables["SC_REGISTRY_PASSWORD"];
  const user = variables["SC_REGISTRY_USER"] ?? "";
  if (token !== undefined && token !== "")
    return credentialOf({ registry, user, bearerToken: token }, "SC_REGISTRY_TOKEN");
  if (password === undefined || password === "") return undefined;
  return credentialOf({ registry, user, password }, "SC_REGISTRY_PASSWORD");
}
