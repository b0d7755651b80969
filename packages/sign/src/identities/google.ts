import type { IdentitySource } from "../identity-source.ts";
import { fetchPlatformToken } from "../platform-token.ts";

/**
 * The service account of a Google machine, Cloud Build or Cloud Run job, from the metadata server.
 *
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
export const googleIdentity: IdentitySource = {
  id: "google",
  isPresent: (environment) =>
    ["GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB", "BUILDER_OUTPUT"].some(
      (name) => (environment[name] ?? "") !== "",
    ),
  fetchToken: async ({ environment, client, audience = "sigstore", signal, onProgress }) => {
    const host = environment["GCE_METADATA_HOST"] ?? "";
    const path = "/computeMetadata/v1/instance/service-accounts/default/identity";
    const url = new URL(`http://${host === "" ? "metadata.google.internal" : host}${path}`);
    url.searchParams.set("audience", audience);
    url.searchParams.set("format", "full");
    return await fetchPlatformToken({
      client,
      service: "Google's metadata server",
      url: url.href,
      headers: { "metadata-flavor": "Google" },
      hint: "Give the machine or job a service account.",
      signal,
      onProgress,
    });
  },
};
