import { type CiPlatform, refOf, variable } from "../ci-platform.ts";
import { describeBuild } from "../described-build.ts";

/** Buildkite, which publishes no build type. */
export const buildkite: CiPlatform = {
  id: "buildkite",
  name: "Buildkite",
  buildId: "BUILDKITE_BUILD_NUMBER",
  isPresent: (environment) => environment["BUILDKITE"] === "true",
  read: (environment) =>
    describeBuild(environment, {
      buildType: "urn:sc:buildtype:buildkite:v1",
      builderId: `https://buildkite.com/${variable(environment, "BUILDKITE_ORGANIZATION_SLUG") ?? ""}`,
      repository: "BUILDKITE_REPO",
      commit: "BUILDKITE_COMMIT",
      ref: refOf(variable(environment, "BUILDKITE_TAG"), variable(environment, "BUILDKITE_BRANCH")),
      entryPoint: "BUILDKITE_PIPELINE_SLUG",
      invocation: "BUILDKITE_BUILD_URL",
      internal: ["BUILDKITE_BUILD_NUMBER", "BUILDKITE_JOB_ID", "BUILDKITE_STEP_KEY"],
    }),
};
