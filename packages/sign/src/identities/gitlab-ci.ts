import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";

/**
 * A GitLab CI job, which has a token only where its configuration asks for one: then in the variable that
 * `environment` reads, so that whoever comes here has none.
 *
 * @see https://docs.gitlab.com/ci/secrets/id_token_authentication/
 */
export const gitlabCiIdentity: IdentitySource = {
  id: "gitlab-ci",
  isPresent: (environment) => environment["GITLAB_CI"] === "true",
  fetchToken: ({ audience = "sigstore" }) => {
    throw new ScError("IDENTITY_NOT_FOUND", "GitLab CI gives this job no identity token", {
      hint: `Add 'id_tokens: {SIGSTORE_ID_TOKEN: {aud: ${audience}}}' to the job.`,
    });
  },
};
