import { ScError } from "@sc/model";
import { serviceUrl } from "../exchange.ts";
import type { IdentitySource } from "../identity-source.ts";
import { fetchPlatformToken } from "../platform-token.ts";

const hint = "Pass BUILDKITE_AGENT_ACCESS_TOKEN and BUILDKITE_JOB_ID on to the step.";

/**
 * A Buildkite job, asked over HTTP as its agent does.
 *
 * @see https://buildkite.com/docs/agent/v3/cli-oidc
 */
export const buildkiteIdentity: IdentitySource = {
  id: "buildkite",
  isPresent: (environment) => environment["BUILDKITE"] === "true",
  fetchToken: async ({ environment, client, audience = "sigstore", signal, onProgress }) => {
    const secret = environment["BUILDKITE_AGENT_ACCESS_TOKEN"] ?? "";
    const job = environment["BUILDKITE_JOB_ID"] ?? "";
    if (secret === "" || job === "") {
      throw new ScError("IDENTITY_NOT_FOUND", "Buildkite gives this job no identity token", { hint });
    }
    const endpoint = environment["BUILDKITE_AGENT_ENDPOINT"] ?? "https://agent.buildkite.com/v3";
    return await fetchPlatformToken({
      client,
      service: "Buildkite",
      url: serviceUrl(endpoint, `/jobs/${encodeURIComponent(job)}/oidc/tokens`),
      headers: { authorization: `Token ${secret}` },
      body: JSON.stringify({ audience }),
      read: (document) => document.member("token").string(),
      secret,
      hint,
      signal,
      onProgress,
    });
  },
};
