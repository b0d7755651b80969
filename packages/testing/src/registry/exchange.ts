import type { ArrivedRequest } from "./answer.ts";
import type { Repositories, Repository } from "./repository.ts";
import type { RegistrySettings } from "./settings.ts";

/** One request to a repository with all that answering it needs. */
export interface Exchange {
  readonly request: ArrivedRequest;
  /** The repository's name. */
  readonly name: string;
  readonly repository: Repository;
  readonly repositories: Repositories;
  readonly settings: RegistrySettings;
  /** The registry's own origin, `http://127.0.0.1:5000`. */
  readonly origin: string;
  /** The object store's origin. */
  readonly storageOrigin: string;
  /** A number that no other call got. */
  readonly nextNumber: () => number;
}

/** A path of the registry as a `Location` or `Link`, written the way the settings say. */
export function writeLocation({ settings, origin }: Exchange, path: string): string {
  return settings.locations === "absolute" ? `${origin}${path}` : path;
}
