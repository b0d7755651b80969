import { readBody } from "@sc/http";
import { ScError } from "@sc/model";
import { readAnswer } from "../exchange.ts";
import type { IdentitySource } from "../identity-source.ts";

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
      throw new ScError("IDENTITY_NOT_FOUND", "GitHub Actions gives this job no identity token", {
        hint: "Add 'id-token: write' to workflow permissions.",
      });
    }
    const at = new URL(url);
    at.searchParams.set("audience", audience);
    const headers = { authorization: `bearer ${secret}`, accept: "application/json" };
    const response = await client.request({ url: at, headers, signal, onProgress });
    const answer = await readBody(response, { maxBytes: 65_536 });
    if (response.status !== 200) {
      throw new ScError(
        "IDENTITY_NOT_FOUND",
        `GitHub Actions answered ${response.status} when asked for an identity token`,
      );
    }
    return readAnswer(answer, `${at.origin}${at.pathname}`, (document) => document.member("value").string());
  },
};
