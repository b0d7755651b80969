import { type Clock, createHttpClient, type HttpClient, type HttpClientOptions, systemClock } from "@sc/http";
import type { Call } from "@sc/model";
import type { CredentialOptions, CredentialTarget } from "../credentials/credential.ts";
import { findCredential, type FoundCredential } from "../credentials/find.ts";
import type { TransportOptions } from "./address.ts";
import type { Challenge } from "./challenge.ts";
import type { Token } from "./token.ts";

/** How registries are asked. */
export interface RegistryOptions extends TransportOptions {
  /** A client to share; without one the session makes its own of `http` and closes it. */
  readonly client?: HttpClient;
  /** TLS, proxy, retry, timeouts and `offline` of the session's own client. */
  readonly http?: HttpClientOptions;
  readonly credentials?: CredentialOptions;
  /** The most that is sent in one request of an upload in chunks, and kept in memory for it. 16 MiB by default. */
  readonly chunkBytes?: number;
  readonly clock?: Clock;
}

/** Where a registry keeps the list of what refers to a manifest. */
export type ReferrersSupport = "api" | "tag";

/**
 * What is known of registries during one run, shared by all repositories: connections, tokens, how each wants to be
 * convinced and what it can do. So each is learnt once.
 */
export class RegistrySession implements AsyncDisposable {
  readonly http: HttpClient;
  readonly options: RegistryOptions;
  readonly clock: Clock;
  /** How each registry asks for credentials, by origin. */
  readonly challenges: Map<string, Challenge> = new Map();
  /** Tokens that are there or on their way, by what they are for. */
  readonly tokens: Map<string, Promise<Token>> = new Map();
  /** Which of the two ways each registry keeps referrers, by origin. */
  readonly referrers: Map<string, ReferrersSupport> = new Map();
  /** Registries, by origin, that take no blob in a single POST. */
  readonly withoutMonolithicPost: Set<string> = new Set();
  /** Registries, by origin, that take no blob in chunks. */
  readonly withoutChunks: Set<string> = new Set();
  readonly #credentials: Map<string, Promise<FoundCredential>> = new Map();
  readonly #owned: boolean;

  constructor(options: RegistryOptions = {}) {
    this.options = options;
    this.clock = options.clock ?? options.http?.clock ?? systemClock;
    this.#owned = options.client === undefined;
    this.http = options.client ?? createHttpClient(options.http);
  }

  /** The credential for a repository; the sources are asked once. */
  async credential(target: CredentialTarget, call: Call): Promise<FoundCredential> {
    const key = `${target.registry}/${target.repository}`;
    const known = this.#credentials.get(key);
    const before = await known?.catch(() => undefined);
    if (before !== undefined) return before;
    const found = findCredential(target, this.options.credentials, call);
    this.#credentials.set(key, found);
    // What was aborted or failed is asked again next time.
    found.catch(() => this.#credentials.delete(key));
    return await found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.http[Symbol.asyncDispose]();
  }
}
