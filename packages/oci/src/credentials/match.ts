import type { CredentialTarget } from "./credential.ts";

/** How Docker Hub is called in files: the name docker writes first. */
const dockerHubNames = ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"];

/** The key under which docker asks helpers for a registry. */
export function helperServer(registry: string): string {
  return registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
}

/** The names a registry may have as a whole key, the exact one first. */
export function registryKeys(registry: string): readonly string[] {
  return registry === "docker.io" ? dockerHubNames : [registry];
}

/**
 * The entry that applies to a repository: the longest namespace that contains it, then the registry, then a key that
 * docker wrote as a URL of the registry. Host and port are compared whole, a namespace ends at a slash.
 *
 * @see containers-auth.json(5); docker's `ConvertToHostname` for keys that are URLs
 */
export function matchingKey(keys: Iterable<string>, { registry, repository }: CredentialTarget): string | undefined {
  const present = new Map<string, string>();
  const fromUrl = new Map<string, string>();
  for (const key of keys) {
    const host = hostOfUrl(key);
    if (host === undefined) present.set(trimSlash(key), key);
    else if (!fromUrl.has(host)) fromUrl.set(host, key);
  }
  const hosts = registry === "docker.io" ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry];
  const path = repository.split("/");
  for (let length = path.length; length >= 0; length -= 1) {
    for (const host of hosts) {
      const key = present.get([host, ...path.slice(0, length)].join("/"));
      if (key !== undefined) return key;
    }
  }
  for (const host of hosts) {
    // The old forms without a scheme: `host/v1/` and `host/v2/` mean the registry, not a namespace.
    const key = fromUrl.get(host) ?? present.get(`${host}/v1`) ?? present.get(`${host}/v2`);
    if (key !== undefined) return key;
  }
  return undefined;
}

function hostOfUrl(key: string): string | undefined {
  for (const scheme of ["https://", "http://"]) {
    if (!key.startsWith(scheme)) continue;
    const rest = key.slice(scheme.length);
    const slash = rest.indexOf("/");
    return slash === -1 ? rest : rest.slice(0, slash);
  }
  return undefined;
}

function trimSlash(key: string): string {
  return key.endsWith("/") ? key.slice(0, -1) : key;
}
