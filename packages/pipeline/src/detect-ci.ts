import { identitySources } from "@sc/sign";
import { type BuildEnvironment, type CiPlatform, variable } from "./ci-platform.ts";
import { ciPlatforms } from "./ci/index.ts";

/** The build platform that this process runs on, and what it says of the build. */
export interface DetectedCi {
  /** Its id; `local` where it is none that is known. */
  readonly platform: string;
  /** What people call it. */
  readonly name: string;
  /** The repository's address, without credentials. */
  readonly repository?: string;
  /** `refs/heads/…` or `refs/tags/…`. */
  readonly ref?: string;
  readonly commit?: string;
  readonly buildId?: string;
  readonly buildUrl?: string;
  /** Where an identity token would come from when signing by identity; nothing is asked for it here. */
  readonly identity?: string;
}

/** What the environment says of the build. Reads variables of build platforms by name, and no network. */
export function detectCi(environment: BuildEnvironment): DetectedCi {
  const platform = findCiPlatform(environment);
  const { source, invocationId: buildUrl } = platform.read(environment, {});
  const { uri, ref, commit } = source ?? {};
  const identity = identitySources.find((candidate) => candidate.isPresent(environment))?.id;
  const found = {
    repository: uri,
    ref,
    commit,
    buildId: platform.buildId === undefined ? undefined : variable(environment, platform.buildId),
    buildUrl,
    identity,
  };
  const said = Object.entries(found).filter(([, value]) => value !== undefined && value !== "");
  return { platform: platform.id, name: platform.name, ...Object.fromEntries(said) };
}

/** The first platform that is present: the last is always. */
export function findCiPlatform(environment: BuildEnvironment): CiPlatform {
  const platform = ciPlatforms.find((candidate) => candidate.isPresent(environment));
  if (platform === undefined) throw new TypeError("the local platform is always present");
  return platform;
}
