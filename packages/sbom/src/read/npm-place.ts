import { isNpmName } from "./npm-manifest.ts";
import type { LockedPackage } from "./lock-file.ts";

/** What a lock file of JavaScript says of one package: the name it goes by, its version and where it comes from. */
export interface NpmResolution {
  readonly named: string;
  readonly version: string | undefined;
  readonly resolved: string | undefined;
}

/** Where npm's packages come from when nothing else is said: the public registry, and yarn's name of it. */
const registries = /^https?:\/\/(registry\.npmjs\.org|registry\.yarnpkg\.com|registry\.npmmirror\.com)\//;

/**
 * The package and its origin. One of version control without a version of its own has the commit for it; one that is
 * only a place on the developer's disk, or has neither version nor commit, is no package: `undefined`.
 */
export function npmPlace({ named, version, resolved }: NpmResolution): LockedPackage | undefined {
  const alias = /^npm:(@?[^@]+)@(.+)$/.exec(version ?? "");
  const name = alias?.[1] ?? named;
  const commit = commitOf(resolved);
  const exact = alias?.[2] ?? (isExact(version) ? version : (versionInUrl(resolved, name) ?? commit));
  if (exact === undefined || !isNpmName(name)) return undefined;
  return { name, version: exact, ...originOf(resolved, commit) };
}

function originOf(
  resolved: string | undefined,
  commit: string | undefined,
): Pick<LockedPackage, "vcs" | "url" | "foreign"> {
  if (resolved === undefined) return {};
  const vcs = commit === undefined ? undefined : vcsOf(resolved);
  if (vcs !== undefined) return { vcs };
  if (!/^https?:/.test(resolved)) return {};
  const url = resolved.split("#", 1)[0] ?? resolved;
  return registries.test(url) ? { url } : { url, foreign: true };
}

function isExact(version: string | undefined): version is string {
  return version !== undefined && /^[v=]?\d[^\s:/]*$/.test(version);
}

function commitOf(resolved: string | undefined): string | undefined {
  const isGit = /^(git[+:@]|github:|gitlab:|bitbucket:|gist:|[\w.-]+\/[\w.-]+#)|\.git#/.test(resolved ?? "");
  const pinned = /#(?:commit=)?([0-9a-f]{7,64})$/.exec(resolved ?? "")?.[1];
  return isGit
    ? pinned
    : /^https:\/\/codeload\.github\.com\/[^/]+\/[^/]+\/tar\.gz\/([0-9a-f]{40})$/.exec(resolved ?? "")?.[1];
}

const hosts: ReadonlyMap<string, string> = new Map([
  ["github", "https://github.com/"],
  ["gitlab", "https://gitlab.com/"],
  ["bitbucket", "https://bitbucket.org/"],
]);

/** The place and commit as a purl's `vcs_url` has them, without user and password; the protocol is what clones it. */
function vcsOf(resolved: string): string | undefined {
  const codeload = /^https:\/\/codeload\.github\.com\/([^/]+\/[^/]+)\/tar\.gz\/([0-9a-f]{40})$/.exec(resolved);
  if (codeload !== null) return `git+https://github.com/${codeload[1] ?? ""}@${codeload[2] ?? ""}`;
  const commit = resolved.slice(resolved.lastIndexOf("#") + 1).replace(/^commit=/, "");
  const place = resolved.slice(0, resolved.lastIndexOf("#")).replace(/^git\+/, "");
  const short = /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+)$/.exec(place);
  if (short !== null) return `git+${hosts.get(short[1] ?? "github") ?? ""}${short[2] ?? ""}@${commit}`;
  const login = /^(?:ssh:\/\/)?[^@/\s]+@([\w.-]+)[:/](.+)$/.exec(place);
  if (login !== null) return `git+ssh://${login[1] ?? ""}/${login[2] ?? ""}@${commit}`;
  if (!URL.canParse(place)) return undefined;
  const url = new URL(place);
  url.username = "";
  url.password = "";
  return `git+${url.href}@${commit}`;
}

/** The version in the file name of a registry's tarball: `<name>-<version>.tgz`. */
function versionInUrl(resolved: string | undefined, name: string): string | undefined {
  const file = /\/-\/([^/?#]+)\.tgz(?:[?#]|$)/.exec(resolved ?? "")?.[1];
  const prefix = `${name.slice(name.indexOf("/") + 1)}-`;
  return file?.startsWith(prefix) === true ? file.slice(prefix.length) : undefined;
}
