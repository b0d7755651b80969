import type { BuildFacts } from "@sc/sign";
import { type BuildEnvironment, type CiPlatform, refOf, repositoryUri, variable, variables } from "../ci-platform.ts";

/**
 * GitLab CI, in the form of its own attestations. The job's variables are left out: they hold what nobody should read.
 *
 * @see https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1/
 */
export const gitlabCi: CiPlatform = {
  id: "gitlab-ci",
  name: "GitLab CI",
  buildId: "CI_PIPELINE_ID",
  isPresent: (environment) => environment["GITLAB_CI"] === "true",
  read: readGitlabCi,
};

function readGitlabCi(environment: BuildEnvironment): BuildFacts {
  const uri = repositoryUri(variable(environment, "CI_PROJECT_URL")) ?? "";
  const job = variable(environment, "CI_JOB_NAME") ?? "";
  const ref = refOf(variable(environment, "CI_COMMIT_TAG"), variable(environment, "CI_COMMIT_BRANCH"));
  const commit = variable(environment, "CI_COMMIT_SHA");
  const invocationId = variable(environment, "CI_JOB_URL");
  const startedOn = variable(environment, "CI_JOB_STARTED_AT");
  return {
    buildType: "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
    builderId: `${uri}/-/runners/${variable(environment, "CI_RUNNER_ID") ?? ""}`,
    source: { uri, ...(ref === undefined ? {} : { ref }), ...(commit === undefined ? {} : { commit }) },
    entryPoint: job,
    externalParameters: { source: uri, entryPoint: job },
    internalParameters: variables(environment, [
      "CI_RUNNER_DESCRIPTION",
      "CI_RUNNER_EXECUTABLE_ARCH",
      "CI_JOB_ID",
      "CI_PIPELINE_ID",
      "CI_PIPELINE_SOURCE",
    ]),
    dependencies: [],
    ...(invocationId === undefined ? {} : { invocationId }),
    ...(startedOn === undefined ? {} : { startedOn }),
  };
}
