import { type Descriptor, type Digest, digestOf } from "@sc/model";
import type { Answer } from "./answer.ts";
import { challenge, type IssuedToken, serveToken } from "./auth.ts";
import { serveStoredBlob } from "./blobs.ts";
import { createAuthority, type TlsIdentity } from "../certificate.ts";
import type { Fault, InjectedFault } from "./fault.ts";
import { openRepository, type Repositories, type Repository } from "./repository.ts";
import { neededScopes, route } from "./routing.ts";
import { type RecordedRequest, type RecordingServer, startServer } from "./server.ts";
import { defaultSettings, type RegistrySettings } from "./settings.ts";

/** How a registry is reached over TLS. */
export interface RegistryTls {
  /** The server's certificate and key; one for 127.0.0.1 and localhost by a fresh authority when left out. */
  readonly identity?: TlsIdentity;
  /** The authority that client certificates must come from; without one none is asked for. */
  readonly clientCa?: string;
  /** The newest TLS version the server speaks. */
  readonly maxVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
}

/** What a registry starts with: settings, and whether it speaks TLS. */
export interface RegistryOptions extends Partial<RegistrySettings> {
  readonly tls?: RegistryTls;
}

/** A manifest put in place as it is, valid or not. */
export interface RawManifest {
  readonly bytes: Uint8Array | string;
  readonly mediaType: string;
  readonly tag?: string;
  /** The digest it is filed under; its own when left out. */
  readonly digest?: Digest;
}

/** A registry that runs in this process, on loopback, in memory. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`, as it stands in references. */
  readonly host: string;
  readonly origin: string;
  /** The certificate to trust, PEM; `undefined` without TLS. */
  readonly caCertificate: string | undefined;
  /** Its behaviour; may be changed at any time. */
  readonly settings: RegistrySettings;
  /** Every request to the registry, in the order they came. */
  readonly requests: RecordedRequest[];
  /** The object store that blobs are redirected to: another origin with a record of its own. */
  readonly storage: { readonly origin: string; readonly requests: RecordedRequest[] };
  /** The token server: another origin with a record of its own. */
  readonly tokenServer: { readonly origin: string; readonly requests: RecordedRequest[] };
  /** Its content, to look at and to break. */
  readonly repositories: Repositories;
  /** The repository of that name, made when there is none. */
  repository(name: string): Repository;
  /** Works a fault into the answers of all three servers, until `clearFaults`. */
  inject(fault: Fault): InjectedFault;
  clearFaults(): void;
  /** Makes every token given so far one that is refused. */
  expireTokens(): void;
  /** Stores a blob without asking; under a digest that is not its own if one is given. */
  putBlob(repository: string, bytes: Uint8Array, digest?: Digest): Descriptor;
  /** Stores a manifest without asking. */
  putManifest(repository: string, manifest: RawManifest): Descriptor;
}

/**
 * Starts a registry of distribution-spec 1.1 on a free port of 127.0.0.1, with a token server and an object store beside
 * it. Everything it does is decided by the requests and its settings: it never waits and never rolls dice.
 */
export async function startRegistry({ tls, ...overrides }: RegistryOptions = {}): Promise<TestRegistry> {
  const settings: RegistrySettings = { ...defaultSettings, ...overrides };
  const repositories: Repositories = new Map();
  const faults: InjectedFault[] = [];
  const tokens = new Map<string, IssuedToken>();
  let last = 0;
  const nextNumber = (): number => (last += 1);
  const authority = tls === undefined ? undefined : createAuthority();
  const identity = tls?.identity ?? authority?.issue({});
  const serverTls = tls === undefined ? undefined : tlsOptions(tls, identity);
  await using stack = new AsyncDisposableStack();
  const tokenServer = stack.use(
    await startServer({
      faults,
      tls: serverTls,
      answer: (request) => serveToken(request, { auth: settings.auth, tokens, nextNumber }),
    }),
  );
  const storage = stack.use(
    await startServer({
      faults,
      tls: serverTls,
      answer: (request) => serveStoredBlob(request, findStored(repositories, request.path)),
    }),
  );
  const server: RecordingServer = stack.use(
    await startServer({
      faults,
      tls: serverTls,
      answer: (request) => {
        const needed = neededScopes(request);
        const refusal = challenge(request, needed, {
          auth: settings.auth,
          tokens,
          tokenOrigin: tokenServer.origin,
        });
        if (refusal !== undefined) return withVersion(refusal);
        return withVersion(
          route(request, { repositories, settings, origin: server.origin, storageOrigin: storage.origin, nextNumber }),
        );
      },
    }),
  );
  const running = stack.move();
  return {
    host: server.host,
    origin: server.origin,
    caCertificate: identity?.caCertificate,
    settings,
    requests: server.requests,
    storage,
    tokenServer,
    repositories,
    repository: (name) => openRepository(repositories, name),
    inject(fault): InjectedFault {
      const injected = { fault, seen: 0, struck: 0 };
      faults.push(injected);
      return injected;
    },
    clearFaults(): void {
      faults.length = 0;
    },
    expireTokens(): void {
      for (const token of tokens.values()) token.usesLeft = 0;
    },
    putBlob(name, bytes, digest = digestOf(bytes)): Descriptor {
      openRepository(repositories, name).blobs.set(digest, bytes);
      return { mediaType: "application/octet-stream", digest, size: bytes.length };
    },
    putManifest(name, { bytes: content, mediaType, tag, digest = digestOf(content) }): Descriptor {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const repository = openRepository(repositories, name);
      repository.manifests.set(digest, { bytes, mediaType });
      if (tag !== undefined) repository.tags.set(tag, digest);
      return { mediaType, digest, size: bytes.length };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function tlsOptions(tls: RegistryTls, identity: TlsIdentity | undefined): Record<string, unknown> {
  return {
    cert: identity?.certificate,
    key: identity?.privateKey,
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
    ...(tls.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    // OpenSSL 3 speaks TLS 1.1 only at security level 0; a test that refuses it needs a server that offers it.
    ...(tls.maxVersion === "TLSv1.1" ? { minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } : {}),
  };
}

function withVersion(answer: Answer): Answer {
  return { ...answer, headers: { "docker-distribution-api-version": "registry/2.0", ...answer.headers } };
}

function findStored(repositories: Repositories, path: string): Uint8Array | undefined {
  const groups = /^\/storage\/(?<name>.+)\/(?<digest>[^/]+)$/.exec(path)?.groups;
  return repositories.get(groups?.["name"] ?? "")?.blobs.get(groups?.["digest"] ?? "");
}
