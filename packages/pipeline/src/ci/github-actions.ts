import type { BuildFacts } from "@sc/sign";
import { type BuildEnvironment, type CiPlatform, type PlatformOptions, variable } from "../ci-platform.ts";

/**
 * GitHub Actions: what actions/attest writes, from the token's claims where there is a token.
 *
 * @see https://actions.github.io/buildtypes/workflow/v1
 */
export const githubActions: CiPlatform = {
  id: "github-actions",
  name: "GitHub Actions",
  buildId: "GITHUB_RUN_ID",
  isPresent: (environment) => environment["GITHUB_ACTIONS"] === "true",
  read: readGithubActions,
};

function readGithubActions(environment: BuildEnvironment, { claims = {} }: PlatformOptions): BuildFacts {
  const said = (claim: string, name: string): string => {
    const value = claims[claim];
    return (typeof value === "string" ? value : variable(environment, name)) ?? "";
  };
  const server = variable(environment, "GITHUB_SERVER_URL") ?? "https://github.com";
  const repository = said("repository", "GITHUB_REPOSITORY");
  const workflow = said("workflow_ref", "GITHUB_WORKFLOW_REF");
  const job = typeof claims["job_workflow_ref"] === "string" ? claims["job_workflow_ref"] : workflow;
  const ref = said("ref", "GITHUB_REF");
  const path = (workflow.split("@")[0] ?? "").replace(`${repository}/`, "");
  const uri = `${server}/${repository}`;
  return {
    buildType: "https://actions.github.io/buildtypes/workflow/v1",
    builderId: `${server}/${job}`,
    source: { uri, ref, commit: said("sha", "GITHUB_SHA") },
    entryPoint: path,
    externalParameters: { workflow: { ref, repository: uri, path } },
    internalParameters: {
      github: {
        event_name: said("event_name", "GITHUB_EVENT_NAME"),
        repository_id: said("repository_id", "GITHUB_REPOSITORY_ID"),
        repository_owner_id: said("repository_owner_id", "GITHUB_REPOSITORY_OWNER_ID"),
        runner_environment: said("runner_environment", "RUNNER_ENVIRONMENT"),
      },
    },
    dependencies: [],
    invocationId: `${uri}/actions/runs/${said("run_id", "GITHUB_RUN_ID")}/attempts/${said("run_attempt", "GITHUB_RUN_ATTEMPT")}`,
  };
}
