import { type HttpHeaders, type HttpRequest, type HttpResponse } from "@sc/http";
import type { Call, Digest } from "@sc/model";
import {
  type AuthorizationRequest,
  type Authorization,
  knownAuthorization,
  renewedAuthorization,
} from "./authorize.ts";
import { type Asked, registryError } from "./registry-error.ts";
import { type Action, repositoryScope } from "./scope.ts";
import type { RegistrySession } from "./session.ts";
import type { ScError } from "@sc/model";

/** One repository of one registry, and what asking it needs. */
export interface Repository {
  readonly session: RegistrySession;
  /** Host and port as in the reference. */
  readonly registry: string;
  readonly name: string;
  /** The registry's API, `https://host/v2/`. */
  readonly base: URL;
  /** What has been seen of it: once something was read, a 403 for a tag means that the tag is not there. */
  readonly seen: {
    readable: boolean;
    /** A manifest that was stored in this session, and so is there. */
    stored: Digest | undefined;
    /** Small blobs that were stored in this session. */
    readonly pushed: Set<string>;
  };
}

/** One request to a repository. */
export interface RepositoryRequest {
  readonly method?: string;
  /** Below the repository (`manifests/latest`), or a URL that the registry itself named. */
  readonly at: string | URL;
  readonly headers?: HttpHeaders;
  readonly body?: HttpRequest["body"];
  readonly actions?: readonly Action[];
  /** A second repository to read from, for a mount. */
  readonly alsoPull?: string;
  readonly retry?: boolean;
  readonly redirect?: "follow" | "manual";
  readonly call: Call;
}

/** An answer of a registry, with what to say when it is a failure. */
export interface RepositoryResponse {
  readonly response: HttpResponse;
  readonly asked: Asked;
}

/**
 * Sends a request to a repository. A 401 is answered with what its challenge asks for, once; whatever comes then is
 * the answer. Credentials go to the registry's own origin only.
 */
export async function ask(repository: Repository, request: RepositoryRequest): Promise<RepositoryResponse> {
  const { session, base, name, registry } = repository;
  const url = typeof request.at === "string" ? new URL(`${base.href}${name}/${request.at}`) : request.at;
  if (url.origin !== base.origin)
    return await send(repository, request, { url, authorization: { sent: "nothing: it is another host" } });
  const scopes = [repositoryScope(name, request.actions ?? ["pull"])];
  if (request.alsoPull !== undefined) scopes.push(repositoryScope(request.alsoPull, ["pull"]));
  const wanted: AuthorizationRequest = {
    session,
    base,
    scopes: scopes.toSorted(),
    target: { registry, repository: name },
    call: request.call,
  };
  const authorization = await knownAuthorization(wanted);
  const first = await send(repository, request, { url, authorization });
  if (first.response.status !== 401 || !canRepeat(request)) return first;
  const renewed = await renewedAuthorization(first.response.headers["www-authenticate"], authorization, wanted);
  const pointless = renewed.header === undefined || renewed.header === authorization.header;
  if (pointless) return { ...first, asked: { ...first.asked, sent: renewed.sent } };
  await first.response[Symbol.asyncDispose]();
  return await send(repository, request, { url, authorization: renewed });
}

/** The error that a failed answer is. */
export async function failureOf({ response, asked }: RepositoryResponse): Promise<ScError> {
  return await registryError(response, asked);
}

/** The name of a repository, or of something in it, for people. */
export function imageName({ registry, name }: Repository, reference?: string): string {
  if (reference === undefined) return `${registry}/${name}`;
  return `${registry}/${name}${reference.includes(":") ? "@" : ":"}${reference}`;
}

async function send(
  repository: Repository,
  request: RepositoryRequest,
  { url, authorization }: { readonly url: URL; readonly authorization: Authorization },
): Promise<RepositoryResponse> {
  const { method = "GET", headers = {}, body, retry, redirect, call } = request;
  const response = await repository.session.http.request({
    method,
    url,
    headers: authorization.header === undefined ? headers : { ...headers, authorization: authorization.header },
    body,
    ...(retry === undefined ? {} : { retry }),
    ...(redirect === undefined ? {} : { redirect }),
    ...(typeof request.at === "string" ? {} : { namedBy: repository.base }),
    signal: call.signal,
    onProgress: call.onProgress,
  });
  const reference = typeof request.at === "string" ? /^manifests\/(.+)$/.exec(request.at)?.[1] : undefined;
  const asked: Asked = {
    image: imageName(repository, reference),
    host: repository.registry,
    method,
    path: url.pathname.slice(0, 300),
    sent: authorization.sent,
  };
  return { response, asked };
}

function canRepeat({ body }: RepositoryRequest): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}
