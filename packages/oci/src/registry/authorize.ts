import { type Call, isScError, ScError } from "@sc/model";
import type { Credential, CredentialTarget } from "../credentials/credential.ts";
import type { FoundCredential } from "../credentials/find.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { mergeScopes } from "./scope.ts";
import type { RegistrySession } from "./session.ts";
import { basicAuthorization, checkRealm, fetchToken, type Token } from "./token.ts";

/** What a request to a registry needs to be allowed. */
export interface AuthorizationRequest {
  readonly session: RegistrySession;
  readonly target: CredentialTarget;
  /** The base URL of the registry: credentials go to its origin only. */
  readonly base: URL;
  readonly scopes: readonly string[];
  readonly call: Call;
}

/** What goes into the Authorization header, and how to tell people without telling the secret. */
export interface Authorization {
  /** Absent when nothing is sent. */
  readonly header?: string;
  readonly sent: string;
}

/** What to send before a registry has asked in this request: what it took before, or nothing. */
export async function knownAuthorization(request: AuthorizationRequest): Promise<Authorization> {
  const challenge = request.session.challenges.get(request.base.origin);
  if (challenge === undefined) return { sent: "nothing: the registry did not ask" };
  return await answerChallenge(challenge, request);
}

/**
 * What to send after a 401: for the first of its challenges that can be answered. `undefined` when there is none, or
 * when the same has just been refused.
 */
export async function renewedAuthorization(
  header: string | undefined,
  refused: Authorization,
  request: AuthorizationRequest,
): Promise<Authorization> {
  const challenges = parseChallenges(header);
  const challenge =
    challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters["realm"] !== undefined) ??
    challenges.find(({ scheme }) => scheme === "basic");
  if (challenge === undefined) return refused;
  const asked = mergeScopes([...request.scopes, ...(challenge.parameters["scope"] ?? "").split(" ")]);
  const wanted = { ...request, scopes: asked };
  // Kept without the scope, which is this request's own; with the realm, which saves the next one its 401.
  request.session.challenges.set(request.base.origin, challenge);
  if (refused.header !== undefined) await forget(refused.header, request.session);
  return await answerChallenge(challenge, wanted);
}

async function answerChallenge(challenge: Challenge, request: AuthorizationRequest): Promise<Authorization> {
  const { session, target, call } = request;
  const found = await session.credential(target, call);
  const { credential } = found;
  const sent = describeSent(found, target.registry);
  if (credential?.kind === "bearer") return { header: `Bearer ${credential.secret}`, sent };
  if (challenge.scheme === "basic") {
    return credential?.kind === "password" ? { header: basicAuthorization(credential), sent } : { sent };
  }
  const token = await findToken(challenge, credential, request).catch((error: unknown) => {
    throw withSent(error, target, sent);
  });
  return { header: `Bearer ${token.value}`, sent };
}

async function findToken(
  challenge: Challenge,
  credential: Credential | undefined,
  { session, base, scopes, call }: AuthorizationRequest,
): Promise<Token> {
  const { realm = "", service } = challenge.parameters;
  const url = checkRealm(realm, base);
  const key = JSON.stringify([url.href, service, scopes, credential?.kind, credential?.user, credential?.secret]);
  const pending = session.tokens.get(key);
  if (pending !== undefined) {
    // Whoever asked for it may have been aborted: then this one asks for itself.
    const known = await pending.catch(() => undefined);
    if (known !== undefined && known.expires > session.clock.now()) return known;
  }
  const fetching = fetchToken(
    session.http,
    { realm: url, service, scopes, credential },
    { ...call, registry: base, now: () => session.clock.now() },
  );
  session.tokens.set(key, fetching);
  try {
    return await fetching;
  } catch (error) {
    if (session.tokens.get(key) === fetching) session.tokens.delete(key);
    throw error;
  }
}

async function forget(header: string, session: RegistrySession): Promise<void> {
  for (const [key, pending] of session.tokens) {
    const token = await pending.catch(() => undefined);
    if (token === undefined || header === `Bearer ${token.value}`) session.tokens.delete(key);
  }
}

function describeSent({ credential, searched }: FoundCredential, registry: string): string {
  if (credential === undefined) {
    const where = searched.length === 0 ? "no place to look was given" : `in ${searched.join(", ")}`;
    return `nothing: no entry for ${registry} ${where}`;
  }
  const what = credential.kind === "password" ? `user ${JSON.stringify(credential.user)}` : `the ${credential.kind}`;
  return `${what} from ${credential.from}`;
}

function withSent(error: unknown, target: CredentialTarget, sent: string): unknown {
  if (!isScError(error) || (error.code !== "OCI_UNAUTHORIZED" && error.code !== "TOKEN_FAILED")) return error;
  return new ScError(error.code, `${target.registry}/${target.repository}: ${error.message}`, {
    cause: error,
    facts: { image: `${target.registry}/${target.repository}`, sent },
    hint: `Log in with: echo $TOKEN | docker login ${target.registry} -u USER --password-stdin`,
    ...(error.retryable === undefined ? {} : { retryable: error.retryable }),
  });
}
