import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";
import { tokenAudience } from "../keyless-signer.ts";

/**
 * A CircleCI job. Its own token is for the organization; one for another audience must be asked for in a step.
 *
 * @see https://circleci.com/docs/openid-connect-tokens/
 */
export const circleciIdentity: IdentitySource = {
  id: "circleci",
  isPresent: (environment) => environment["CIRCLECI"] === "true",
  fetchToken: ({ environment, audience = "sigstore" }) => {
    const token = environment["CIRCLE_OIDC_TOKEN_V2"] ?? "";
    if (token !== "" && tokenAudience(token).includes(audience)) return Promise.resolve(token);
    throw new ScError("IDENTITY_NOT_FOUND", `CircleCI gives this job no identity token for ${audience}`, {
      hint: `Set SIGSTORE_ID_TOKEN to what \`circleci run oidc get --claims '{"aud":"${audience}"}'\` prints.`,
    });
  },
};
