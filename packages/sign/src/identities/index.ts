import type { IdentitySource } from "../identity-source.ts";
import { environmentIdentity } from "./environment.ts";
import { githubActionsIdentity } from "./github-actions.ts";
import { tokenFileIdentity } from "./token-file.ts";

/** Where identity tokens come from, in the order they are looked for. */
export const identitySources: readonly IdentitySource[] = [
  environmentIdentity,
  tokenFileIdentity,
  githubActionsIdentity,
];
