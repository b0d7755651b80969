import { type Answer, answerJson, type ArrivedRequest, refuse } from "./answer.ts";

/** Anybody may do anything. */
export interface NoAuth {
  readonly scheme: "none";
}

/** Every request carries a name and password. */
export interface BasicAuth {
  readonly scheme: "basic";
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
}

/** Every request carries a token that the token server gave for the scope. */
export interface BearerAuth {
  readonly scheme: "bearer";
  /** Passwords by user name. */
  readonly users?: Readonly<Record<string, string>>;
  /** Refresh (identity) tokens that `POST` with `grant_type=refresh_token` takes. */
  readonly refreshTokens?: readonly string[];
  /** What those get who say nothing of who they are. Default: `pull`. */
  readonly anonymous?: "pull" | "nothing";
  /** After how many requests a token is refused as expired; default never. */
  readonly tokenUses?: number;
  /** What the token server says of a token's life. */
  readonly expiresInSeconds?: number;
  /** Whether tokens are only had by `POST`; `GET` is answered 405. */
  readonly postOnly?: boolean;
  /** Under which member the token is given. Default: both. */
  readonly tokenMember?: "token" | "access_token";
  /** The realm that challenges name; default the registry's own token server. */
  readonly realm?: string;
}

/** How a registry wants to know who asks. */
export type AuthSettings = NoAuth | BasicAuth | BearerAuth;

/** The tokens a token server gave out, and what is left of them. */
export interface IssuedToken {
  /** `repository:name:action` for every action it is good for. */
  readonly grants: ReadonlySet<string>;
  usesLeft: number;
}

/** What a request needs to be allowed: `repository:name:action`, several of them for a mount. */
export interface NeededScope {
  readonly resource: string;
  readonly actions: readonly string[];
}

/** The refusal of a request that may not be served, or `undefined` when it may. */
export function challenge(
  request: ArrivedRequest,
  needed: readonly NeededScope[],
  context: { readonly auth: AuthSettings; readonly tokens: Map<string, IssuedToken>; readonly tokenOrigin: string },
): Answer | undefined {
  const { auth, tokens } = context;
  if (auth.scheme === "none") return undefined;
  const authorization = request.headers.authorization ?? "";
  if (auth.scheme === "basic") {
    if (knownUser(auth.users, authorization)) return undefined;
    return refuse(401, "UNAUTHORIZED", { "www-authenticate": 'Basic realm="Registry"' });
  }
  const token = /^bearer (.+)$/i.exec(authorization)?.[1];
  const issued = token === undefined ? undefined : tokens.get(token);
  const scope = needed.map(({ resource, actions }) => `${resource}:${actions.join(",")}`).join(" ");
  const realm = `Bearer realm="${auth.realm ?? `${context.tokenOrigin}/token`}",service="test-registry"`;
  const challenged = scope === "" ? realm : `${realm},scope="${scope}"`;
  if (issued === undefined || issued.usesLeft <= 0) {
    const error = token === undefined ? "" : ',error="invalid_token"';
    return refuse(401, "UNAUTHORIZED", { "www-authenticate": challenged + error });
  }
  issued.usesLeft -= 1;
  if (allows(issued, needed)) return undefined;
  return refuse(401, "UNAUTHORIZED", { "www-authenticate": `${challenged},error="insufficient_scope"` });
}

function allows({ grants }: IssuedToken, needed: readonly NeededScope[]): boolean {
  return needed.every(({ resource, actions }) => actions.every((action) => grants.has(`${resource}:${action}`)));
}

/** The token server: `GET` with a query (and Basic for who it is), `POST` with a form as OAuth 2 has it. */
export function serveToken(
  request: ArrivedRequest,
  context: {
    readonly auth: AuthSettings;
    readonly tokens: Map<string, IssuedToken>;
    readonly nextNumber: () => number;
  },
): Answer {
  const { auth, tokens } = context;
  if (auth.scheme !== "bearer" || request.path !== "/token") return refuse(404, "NOT_FOUND");
  const form = request.method === "POST" ? new URLSearchParams(new TextDecoder().decode(request.body)) : undefined;
  if (form === undefined && auth.postOnly === true) return refuse(405, "UNSUPPORTED");
  const who = form === undefined ? askerOfQuery(auth, request) : askerOfForm(auth, form);
  if (who === "nobody") return refuse(401, "UNAUTHORIZED");
  const scopes = (form ?? request.query).getAll("scope").flatMap((scope) => scope.split(" "));
  const token = `token-${context.nextNumber()}`;
  tokens.set(token, { grants: new Set(grantsOf(scopes, who)), usesLeft: auth.tokenUses ?? Number.POSITIVE_INFINITY });
  const member = auth.tokenMember;
  return answerJson(200, {
    ...(member === "access_token" ? {} : { token }),
    ...(member === "token" ? {} : { access_token: token }),
    ...(auth.expiresInSeconds === undefined ? {} : { expires_in: auth.expiresInSeconds }),
  });
}

type Asker = "user" | "anonymous" | "nobody";

function askerOfQuery(auth: BearerAuth, request: ArrivedRequest): Asker {
  const authorization = request.headers.authorization;
  if (authorization === undefined) return auth.anonymous === "nothing" ? "nobody" : "anonymous";
  return knownUser(auth.users ?? {}, authorization) ? "user" : "nobody";
}

function askerOfForm(auth: BearerAuth, form: URLSearchParams): Asker {
  if (form.get("service") === null || form.get("client_id") === null) return "nobody";
  if (form.get("grant_type") === "refresh_token") {
    return (auth.refreshTokens ?? []).includes(form.get("refresh_token") ?? "") ? "user" : "nobody";
  }
  if (form.get("grant_type") !== "password") return "nobody";
  const password = (auth.users ?? {})[form.get("username") ?? ""];
  return password !== undefined && password === form.get("password") ? "user" : "nobody";
}

function grantsOf(scopes: readonly string[], who: Asker): readonly string[] {
  return scopes.flatMap((scope) => {
    const colon = scope.lastIndexOf(":");
    const resource = scope.slice(0, colon);
    return scope
      .slice(colon + 1)
      .split(",")
      .filter((action) => who === "user" || action === "pull")
      .map((action) => `${resource}:${action}`);
  });
}

function knownUser(users: Readonly<Record<string, string>>, authorization: string): boolean {
  const encoded = /^basic (.+)$/i.exec(authorization)?.[1] ?? "";
  const [name = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return Object.hasOwn(users, name) && users[name] === password.join(":");
}
