import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";
import { fetchPlatformToken } from "../platform-token.ts";

const hint = "Add 'id-token: write' to workflow permissions.";

/**
 * The identity of a GitHub Actions job.
 *
 * @see https://docs.github.com/actions/reference/security/oidc
 */
export const githubActionsIdentity: IdentitySource = {
  id: "github-actions",
  isPresent: (environment) => environment["GITHUB_ACTIONS"] === "true",
  fetchToken: async ({ environment, client, audience = "sigstore", signal, onProgress }) => {
    const url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "";
    const secret = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? "";
    if (url === "" || secret === "" || !URL.canParse(url)) {
      throw new ScError("IDENTITY_NOT_FOUND", "GitHub Actions gives this job no identity token", { hint });
    }
    const at = new URL(url);
    at.searchParams.set("audience", audience);
    return await fetchPlatformToken({
      client,
      service: "GitHub Actions",
      url: at.href,
      headers: { authorization: `bearer ${secret}` },
      read: (document) => document.member("value").string(),
      secret,
      hint,
      signal,
      onProgress,
    });
  },
};
