import type { IdentitySource } from "../identity-source.ts";
import { buildkiteIdentity } from "./buildkite.ts";
import { circleciIdentity } from "./circleci.ts";
import { environmentIdentity } from "./environment.ts";
import { githubActionsIdentity } from "./github-actions.ts";
import { gitlabCiIdentity } from "./gitlab-ci.ts";
import { googleIdentity } from "./google.ts";
import { tokenFileIdentity } from "./token-file.ts";

/** Where identity tokens come from, in the order they are looked for. */
export const identitySources: readonly IdentitySource[] = [
  environmentIdentity,
  tokenFileIdentity,
  githubActionsIdentity,
  gitlabCiIdentity,
  circleciIdentity,
  buildkiteIdentity,
  googleIdentity,
];
