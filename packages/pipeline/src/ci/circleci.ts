import { type CiPlatform, refOf, variable } from "../ci-platform.ts";
import { describeBuild } from "../described-build.ts";

/** CircleCI, which publishes no build type. */
export const circleci: CiPlatform = {
  id: "circleci",
  name: "CircleCI",
  buildId: "CIRCLE_BUILD_NUM",
  isPresent: (environment) => environment["CIRCLECI"] === "true",
  read: (environment) =>
    describeBuild(environment, {
      buildType: "urn:sc:buildtype:circleci:v1",
      builderId: "https://circleci.com",
      repository: "CIRCLE_REPOSITORY_URL",
      commit: "CIRCLE_SHA1",
      ref: refOf(variable(environment, "CIRCLE_TAG"), variable(environment, "CIRCLE_BRANCH")),
      entryPoint: "CIRCLE_JOB",
      invocation: "CIRCLE_BUILD_URL",
      internal: ["CIRCLE_BUILD_NUM", "CIRCLE_WORKFLOW_ID", "CIRCLE_PIPELINE_ID", "CIRCLE_PROJECT_ID"],
    }),
};
