import { isLoopbackHost } from "@sc/http";
import { isDigest, ScError } from "@sc/model";
import { isTag } from "../reference.ts";

/** How a registry is reached. */
export interface TransportOptions {
  /** Hosts, with port if they have one, that are asked over plain http: exact names. */
  readonly plainHttp?: readonly string[];
  /** Hosts on this machine that speak TLS: all others on loopback are asked over plain http, as docker and crane do. */
  readonly tlsLoopback?: readonly string[];
}

/** The base URL of a registry's API, with a slash at the end. Throws `REFERENCE_INVALID`. */
export function registryUrl(registry: string, { plainHttp = [], tlsLoopback = [] }: TransportOptions): URL {
  const host = registry === "docker.io" || registry === "index.docker.io" ? "registry-1.docker.io" : registry;
  const text = `https://${host}/v2/`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.pathname !== "/v2/" || url.search !== "") {
    throw new ScError(
      "REFERENCE_INVALID",
      `${JSON.stringify(registry.slice(0, 200))} is not a registry's host and port`,
    );
  }
  const plain = plainHttp.includes(registry) || (isLoopbackHost(url.hostname) && !tlsLoopback.includes(registry));
  // Made anew: a URL with port 443 has lost it, and keeps none when its scheme changes.
  return plain ? new URL(`http://${host}/v2/`) : url;
}

/** The name of a repository, checked so that it can stand in a path. Throws `REFERENCE_INVALID`. */
export function checkRepository(repository: string): string {
  const good = repository.length <= 255 && repository.split("/").every((part) => /^[a-z0-9][a-z0-9._-]*$/.test(part));
  if (good) return repository;
  throw new ScError("REFERENCE_INVALID", `${JSON.stringify(repository.slice(0, 300))} is not the name of a repository`);
}

/** A tag or digest, checked so that it can stand in a path. Throws `REFERENCE_INVALID`. */
export function checkReference(reference: string): string {
  if (isDigest(reference) || isTag(reference)) return reference;
  throw new ScError("REFERENCE_INVALID", `${JSON.stringify(reference.slice(0, 300))} is neither a tag nor a digest`);
}
