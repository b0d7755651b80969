import type { CiPlatform } from "../ci-platform.ts";
import { buildkite } from "./buildkite.ts";
import { circleci } from "./circleci.ts";
import { githubActions } from "./github-actions.ts";
import { gitlabCi } from "./gitlab-ci.ts";
import { jenkins } from "./jenkins.ts";
import { localBuild } from "./local.ts";

/** Where builds run, in the order they are looked for; the last is always there. */
export const ciPlatforms: readonly CiPlatform[] = [githubActions, gitlabCi, circleci, buildkite, jenkins, localBuild];
