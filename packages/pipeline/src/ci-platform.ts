import { isJsonObject, type JsonObject, parseJson, withoutTrailing } from "@sc/model";
import type { BuildFacts } from "@sc/sign";

/** The environment of a build: the caller's, or any part of it. */
export type BuildEnvironment = Readonly<Record<string, string | undefined>>;

/** What a build platform may know besides its environment. */
export interface PlatformOptions {
  /** The claims of the job's identity token, which say more than the environment and cannot be set by a step. */
  readonly claims?: JsonObject;
}

/** One place that builds run in. Reads its own variables by name and no others, so that no secret can slip in. */
export interface CiPlatform {
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** The variable with the number or id that people know a build by. */
  readonly buildId?: string;
  /** Whether this is where the process runs. */
  isPresent(environment: BuildEnvironment): boolean;
  /** What it says about the build; base images are not its business. */
  read(environment: BuildEnvironment, options: PlatformOptions): BuildFacts;
}

/** A variable that is set and not empty. */
export function variable(environment: BuildEnvironment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === "" ? undefined : value;
}

/** The variables that are set, under their own names in lower case. */
export function variables(environment: BuildEnvironment, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = variable(environment, name);
    return value === undefined ? [] : [[name.toLowerCase(), withoutCredentials(value)] as const];
  });
  return Object.fromEntries(found);
}

/**
 * A repository's address as `https://host/path` without credentials, query and `.git`; also from `git@host:path` and
 * `ssh://git@host/path`. `undefined` for what is none, such as a folder.
 */
export function repositoryUri(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)([\w./~-]+)$/.exec(address);
  const text = short === null ? address : `https://${short[1]}/${short[2]}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(text);
  if (!["https:", "http:", "ssh:", "git:"].includes(protocol) || hostname === "") return undefined;
  const scheme = protocol === "http:" ? "http" : "https";
  const at = protocol === "ssh:" || protocol === "git:" ? hostname : host;
  return `${scheme}://${at}${withoutTrailing(pathname, "/").replace(/\.git$/, "")}`;
}

/** A value without the user and password of an address in it. */
function withoutCredentials(value: string): string {
  return value.replaceAll(/:\/\/[^\s/@]*@/g, "://");
}

/** The claims of a token, unverified: they describe the build, and a verifier compares them with the certificate. */
export function tokenClaims(token: string): JsonObject | undefined {
  try {
    const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url"), "identity token");
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    // A token that is none says nothing; whoever signs with it will say so.
    return undefined;
  }
}

/** The ref of a branch or a tag, whichever is there; a tag counts first. */
export function refOf(tag: string | undefined, branch: string | undefined): string | undefined {
  if (tag !== undefined) return `refs/tags/${tag}`;
  return branch === undefined ? undefined : `refs/heads/${branch}`;
}
