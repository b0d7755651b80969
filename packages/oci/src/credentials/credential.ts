import type { Call } from "@sc/model";

/** What proves to a registry who is asking. Never logged, and never in an error. */
export interface Credential {
  /**
   * `password`: user and password, for Basic or for a token service. `identity-token`: a refresh token, only for a
   * token service. `bearer`: a token that the registry itself takes.
   */
  readonly kind: "password" | "identity-token" | "bearer";
  /** Empty where there is none. */
  readonly user: string;
  readonly secret: string;
  /** Where it was found, for people: a file's path, "the environment", "the options". */
  readonly from: string;
}

/** For what a credential is wanted. */
export interface CredentialTarget {
  /** Host and port exactly as in the reference: `ghcr.io`, `localhost:5000`, `docker.io`. */
  readonly registry: string;
  readonly repository: string;
}

/** One credential as the caller gives it, for one registry or one namespace of it. */
export interface ExplicitCredential {
  /** Host and port, optionally with a namespace: `ghcr.io`, `quay.io/acme`. Matches exactly, or at a slash. */
  readonly registry: string;
  readonly user?: string;
  readonly password?: string;
  /** A refresh token for the registry's token service, instead of a password. */
  readonly identityToken?: string;
  /** A token that the registry takes as it is, instead of a password. */
  readonly bearerToken?: string;
}

/** Where credentials may come from. Nothing is looked at that is not named here. */
export interface CredentialOptions {
  /** These win over everything else. */
  readonly explicit?: readonly ExplicitCredential[];
  /**
   * Environment variables: `DOCKER_AUTH_CONFIG` (a whole config.json), and `SC_REGISTRY` with `SC_REGISTRY_USER` and
   * `SC_REGISTRY_PASSWORD`, or `SC_REGISTRY_TOKEN`. Also what credential helpers are run with.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Docker's config.json. A file that is not there holds nothing. */
  readonly dockerConfig?: string;
  /** podman's auth.json files, the most important first: REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json. */
  readonly podmanAuth?: readonly string[];
  /** Whether helper programs named by those files are run. On by default. */
  readonly helpers?: boolean;
  /** How long a helper may take. 30 000 by default: some ask the user. */
  readonly helperMilliseconds?: number;
}

/** What a source answered. */
export interface CredentialAnswer {
  readonly credential?: Credential;
  /** What was looked at without finding anything, for people; absent when the source is not configured. */
  readonly searched?: string;
}

/** One kind of place that holds credentials. */
export interface CredentialSource {
  /** kebab-case, the name of its file. */
  readonly id: string;
  /** Throws `CREDENTIALS_INVALID`, `CREDENTIAL_HELPER_FAILED`. */
  find(target: CredentialTarget, options: CredentialOptions, call: Call): Promise<CredentialAnswer>;
}
