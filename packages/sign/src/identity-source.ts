import type { HttpClient } from "@sc/http";
import type { Call } from "@sc/model";

/** The environment an identity is looked for in: the caller's, or any part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a source of identity tokens may need. */
export interface IdentitySourceOptions extends Call {
  readonly environment: Environment;
  readonly client: HttpClient;
  /** `sigstore` where not said. */
  readonly audience?: string;
}

/** One place that identity tokens come from. */
export interface IdentitySource {
  readonly id: string;
  /** Whether this is where the process runs. */
  isPresent(environment: Environment): boolean;
  /** A fresh token. Throws `IDENTITY_NOT_FOUND` with what would mend it, `SIGNING_SERVICE_INVALID`. */
  fetchToken(options: IdentitySourceOptions): Promise<string>;
}
