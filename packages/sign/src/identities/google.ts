import { readBody } from "@sc/http";
import { ScError } from "@sc/model";
import type { IdentitySource } from "../identity-source.ts";

const maxTokenBytes = 65_536;

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
    const headers = { "metadata-flavor": "Google" };
    const response = await client.request({ url, headers, signal, onProgress });
    const answer = await readBody(response, { maxBytes: maxTokenBytes });
    if (response.status === 200) return new TextDecoder().decode(answer).trim();
    throw new ScError("IDENTITY_NOT_FOUND", `Google's metadata server answered ${response.status}`, {
      hint: "Give the machine or job a service account.",
    });
  },
};
