import type { CredentialSource } from "./credential.ts";
import { dockerConfig } from "./docker-config.ts";
import { environment } from "./environment.ts";
import { explicit } from "./explicit.ts";
import { podmanAuth } from "./podman-auth.ts";

/** The places credentials come from, in the order they are asked: what is nearest to the user's hand first. */
export const credentialSources: readonly CredentialSource[] = [explicit, environment, podmanAuth, dockerConfig];
