import { type CiPlatform, refOf, repositoryUri, variable } from "../ci-platform.ts";
import { describeBuild } from "../described-build.ts";

/** Jenkins, which has no build type of version 1 of its own: the job, its build and its node. */
export const jenkins: CiPlatform = {
  id: "jenkins",
  name: "Jenkins",
  buildId: "BUILD_NUMBER",
  isPresent: (environment) => variable(environment, "JENKINS_URL") !== undefined,
  read: (environment) =>
    describeBuild(environment, {
      buildType: "urn:sc:buildtype:jenkins:v1",
      builderId: repositoryUri(variable(environment, "JENKINS_URL")) ?? "urn:sc:builder:jenkins",
      repository: "GIT_URL",
      commit: "GIT_COMMIT",
      // Git's plugin names the branch as the remote has it.
      ref: refOf(variable(environment, "TAG_NAME"), variable(environment, "GIT_BRANCH")?.replace(/^origin\//, "")),
      entryPoint: "JOB_NAME",
      invocation: "BUILD_URL",
      internal: ["BUILD_NUMBER", "NODE_NAME", "EXECUTOR_NUMBER"],
    }),
};
