import { type HttpClient, type HttpResponse, isLoopbackHost, readBody, redactUrl, resolveReferral } from "@sc/http";
import { type Call, Decoder, parseJson, ScError } from "@sc/model";
import type { Credential } from "../credentials/credential.ts";

/** A token a registry takes, and until when, in milliseconds since 1970. */
export interface Token {
  readonly value: string;
  readonly expires: number;
}

/** What a token is asked for. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
}

const maxTokenBytes = 256 * 1024;
const defaultSeconds = 60; // the token specification's own default
const marginMilliseconds = 10_000;

/**
 * The URL of the token service that a registry names. It must be https unless the registry itself is plain http, and
 * no internal address. Throws `REDIRECT_REFUSED`.
 */
export function checkRealm(realm: string, registry: URL): URL {
  const url = resolveReferral(realm, registry, { what: "token realm" });
  // A registry without TLS may have its token service beside it or on this machine; another host gets no secret in the clear.
  if (url.protocol === "https:" || url.hostname === registry.hostname || isLoopbackHost(url.hostname)) return url;
  throw new ScError(
    "REDIRECT_REFUSED",
    `${redactUrl(registry)}: the token realm ${redactUrl(url)} is not followed: it is plain http`,
  );
}

/**
 * Fetches a token: by GET with user and password or anonymously, by POST with an identity token. Redirects are not
 * followed. Throws `OCI_UNAUTHORIZED` when the service refuses, `TOKEN_FAILED` when it answers something else.
 *
 * @see https://distribution.github.io/distribution/spec/auth/token/ and /oauth/
 */
export async function fetchToken(
  http: HttpClient,
  request: TokenRequest,
  { signal, onProgress, registry, now }: Call & { readonly registry: URL; readonly now: () => number },
): Promise<Token> {
  const call = { signal, onProgress };
  const common = { redirect: "manual", namedBy: registry, ...call } as const;
  const identity = request.credential?.kind === "identity-token" ? request.credential : undefined;
  const response =
    identity === undefined
      ? await http.request({ ...common, url: tokenUrl(request), headers: authorizationOf(request.credential) })
      : await http.request({
          ...common,
          method: "POST",
          url: request.realm,
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: oauthForm(request, identity.secret),
          // Asking twice for a token does no harm.
          retry: true,
        });
  return await readToken(response, request, now());
}

function tokenUrl({ realm, service, scopes }: TokenRequest): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return url;
}

function oauthForm({ service, scopes }: TokenRequest, refreshToken: string): string {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "sc", refresh_token: refreshToken });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return form.toString();
}

function authorizationOf(credential: Credential | undefined): Readonly<Record<string, string>> {
  return credential?.kind === "password" ? { authorization: basicAuthorization(credential) } : {};
}

/** The value of an Authorization header for user and password. */
export function basicAuthorization({ user, secret }: Credential): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
}

async function readToken(response: HttpResponse, { realm, credential }: TokenRequest, now: number): Promise<Token> {
  const where = `token service ${redactUrl(realm)}`;
  if (response.status !== 200) {
    await response[Symbol.asyncDispose]();
    const refused =
      response.status === 401 || response.status === 403 || (response.status === 400 && credential !== undefined);
    throw new ScError(refused ? "OCI_UNAUTHORIZED" : "TOKEN_FAILED", `${where}: answered ${response.status}`, {
      retryable: response.status >= 500 || response.status === 429,
    });
  }
  const bytes = await readBody(response, { maxBytes: maxTokenBytes });
  // The document holds a secret: what is wrong with it is said without quoting it.
  let value: string | undefined;
  let seconds = defaultSeconds;
  try {
    const decoder = new Decoder(parseJson(bytes, where), where);
    value =
      decoder.member("token").optional((token) => token.string()) ??
      decoder.member("access_token").optional((token) => token.string());
    seconds = decoder.member("expires_in").optional((count) => count.number()) ?? defaultSeconds;
  } catch {
    throw new ScError("TOKEN_FAILED", `${where}: the answer is not a token document`);
  }
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new ScError("TOKEN_FAILED", `${where}: the answer has no usable token`);
  }
  const lifetime = Math.max(0, Math.min(seconds, 86_400) * 1000 - marginMilliseconds);
  return { value, expires: now + lifetime };
}
