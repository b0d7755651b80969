import { join } from "node:path";
import type { JsonValue } from "@sc/model";
import {
  exampleDocument,
  exampleDocuments,
  exampleText,
  fillGithub,
  fillGitlab,
  githubSteps,
  listOf,
  mapping,
  parseJenkinsfile,
  type ShellStep,
  textOf,
  textsOf,
} from "./ci-files.ts";

/** The commit that every job here is about. */
export const sha = "0123456789abcdef0123456789abcdef01234567";

/** Where a job runs, and what its platform and its team give it. */
export interface CiSite {
  /** The job's folder. */
  readonly folder: string;
  /** The registry that the examples name, in truth. */
  readonly host: string;
  /** The image of a job that is told one. */
  readonly image: string;
  readonly database: string;
  readonly key: string;
  /** An identity token of the job. */
  readonly token: string;
  /** Where a job on GitHub asks for one. */
  readonly tokens: string;
}

/** A job as a platform runs it. */
export interface CiJob {
  readonly steps: readonly ShellStep[];
  /** What the job and the platform set. */
  readonly variables: Readonly<Record<string, string>>;
}

const githubRun = {
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_REF: "refs/heads/main",
  GITHUB_SHA: sha,
  GITHUB_WORKFLOW_REF: "acme/shop/.github/workflows/release.yml@refs/heads/main",
  GITHUB_RUN_ID: "7",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_EVENT_NAME: "push",
  RUNNER_ENVIRONMENT: "github-hosted",
};

/** The variables of a job on GitHub, with the permission to ask for a token. */
function githubVariables({ folder, tokens }: CiSite): Readonly<Record<string, string>> {
  return {
    ...githubRun,
    GITHUB_REPOSITORY_OWNER: "acme",
    GITHUB_ACTOR: "ada",
    GITHUB_OUTPUT: join(folder, "temp/output"),
    GITHUB_STEP_SUMMARY: join(folder, "temp/summary"),
    RUNNER_TEMP: join(folder, "temp"),
    ACTIONS_ID_TOKEN_REQUEST_URL: tokens,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-secret",
  };
}

/** examples/github-workflow.yml, its one job. */
export function githubWorkflow(site: CiSite): CiJob {
  const expressions = {
    "github.repository": "acme/shop",
    "github.sha": sha,
    "github.token": "t0k3n",
    "github.actor": "ada",
  };
  const job = mapping(mapping(exampleDocument("github-workflow.yml")["jobs"], "jobs")["secure"], "secure");
  const env = textsOf(job["env"], (one) => fillGithub(one, expressions));
  return {
    steps: githubSteps(listOf(job["steps"], "steps"), expressions),
    variables: { ...githubVariables(site), ...env },
  };
}

/** examples/github-action, as a step of a workflow that has pushed the image. */
export function githubAction(site: CiSite): CiJob {
  const document = exampleDocument("github-action/action.yml");
  const inputs = mapping(document["inputs"], "inputs");
  const given: Readonly<Record<string, JsonValue | undefined>> = { image: site.image, database: site.database };
  const expressions = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      const value = given[name] ?? mapping(input, name)["default"];
      if (typeof value !== "string") throw new Error(`the action's input ${name} has no value`);
      return [`inputs.${name}`, value];
    }),
  );
  const steps = githubSteps(listOf(mapping(document["runs"], "runs")["steps"], "steps"), expressions);
  return { steps, variables: githubVariables(site) };
}

/** examples/gitlab-ci.yml, its one job. */
export function gitlabJob({ folder, host, token }: CiSite): CiJob {
  const job = mapping(exampleDocument("gitlab-ci.yml")["sc_container_scanning"], "job");
  const platform: Readonly<Record<string, string>> = {
    CI: "true",
    GITLAB_CI: "true",
    CI_REGISTRY: host,
    CI_REGISTRY_IMAGE: `${host}/group/shop`,
    CI_REGISTRY_USER: "gitlab-ci-token",
    CI_REGISTRY_PASSWORD: "job-token",
    CI_PROJECT_DIR: folder,
    CI_PROJECT_URL: "https://gitlab.example/group/shop",
    CI_COMMIT_SHA: sha,
    CI_COMMIT_BRANCH: "main",
    CI_JOB_NAME: "sc_container_scanning",
    CI_JOB_URL: "https://gitlab.example/group/shop/-/jobs/7",
    CI_PIPELINE_ID: "9",
    CI_RUNNER_ID: "3",
  };
  const variables = textsOf(job["variables"], (one) => fillGitlab(one, platform));
  const issued = mapping(mapping(job["id_tokens"], "id_tokens")["SIGSTORE_ID_TOKEN"], "SIGSTORE_ID_TOKEN");
  if (issued["aud"] !== "sigstore") throw new Error("the token is for somebody else than Sigstore");
  const script = listOf(job["script"], "script")
    .map((line) => textOf(line, "a line"))
    .join("\n");
  const step = { name: "script", script, shell: ["sh", "-e"], variables: {}, always: false };
  return { steps: [step], variables: { ...platform, ...variables, SIGSTORE_ID_TOKEN: token } };
}

/** examples/circleci.yml, its one job. */
export function circleciJob(): CiJob {
  const job = mapping(mapping(exampleDocument("circleci.yml")["jobs"], "jobs")["secure"], "secure");
  const steps = listOf(job["steps"], "steps").flatMap((one): readonly ShellStep[] => {
    if (typeof one === "string") return [];
    const { run: shell } = mapping(one, "step");
    if (shell === undefined) return [];
    const { name, command } = mapping(shell, "run");
    return [
      {
        name: textOf(name, "name"),
        script: textOf(command, "command"),
        shell: ["bash", "-eo", "pipefail"],
        variables: {},
        always: false,
      },
    ];
  });
  const platform = {
    CI: "true",
    CIRCLECI: "true",
    CIRCLE_SHA1: sha,
    CIRCLE_BRANCH: "main",
    CIRCLE_REPOSITORY_URL: "https://github.com/acme/api",
    CIRCLE_JOB: "secure",
    CIRCLE_BUILD_NUM: "7",
    CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/api/7",
  };
  return { steps, variables: { ...platform, ...textsOf(job["environment"], (one) => one) } };
}

/** examples/Jenkinsfile, its stages one after the other. */
export function jenkinsJob({ key }: CiSite): CiJob {
  const pipeline = parseJenkinsfile(exampleText("Jenkinsfile"));
  const stages = pipeline.blocks.find(({ name }) => name === "stages")?.blocks ?? [];
  const steps = stages.flatMap((stage) =>
    (stage.blocks.find(({ name }) => name === "steps")?.lines ?? []).map((line) => {
      const script = /^sh '([^']+)'$/.exec(line)?.[1];
      if (script === undefined) throw new Error(`Jenkins is asked for ${line}, which this test does not know`);
      return { name: stage.argument ?? "", script, shell: ["sh", "-xe"], variables: {}, always: false };
    }),
  );
  const credentials: Readonly<Record<string, string>> = {
    "signing-key-password": "correct horse",
    "signing-key": key,
  };
  const environment = pipeline.blocks.find(({ name }) => name === "environment")?.lines ?? [];
  const variables = environment.map((line): [string, string] => {
    const [, name = "", credential, given = ""] = /^(\w+) = (?:credentials\('([\w-]+)'\)|"([^"]*)")$/.exec(line) ?? [];
    const value = credential === undefined ? given.replace("${env.GIT_COMMIT}", sha) : credentials[credential];
    if (name === "" || value === undefined || value.includes("${")) throw new Error(`Jenkins cannot fill in ${line}`);
    return [name, value];
  });
  const platform = {
    JENKINS_URL: "https://jenkins.example/",
    BUILD_NUMBER: "7",
    BUILD_URL: "https://jenkins.example/job/api/7/",
    JOB_NAME: "api",
    GIT_URL: "https://github.com/acme/api",
    GIT_COMMIT: sha,
    GIT_BRANCH: "origin/main",
  };
  return { steps, variables: { ...platform, ...Object.fromEntries(variables) } };
}

/** What examples/kubernetes-job.yaml runs: the words behind `sc`, where its volume is mounted, and the files in that. */
export function kubernetesJob(): {
  readonly words: readonly string[];
  readonly mountPath: string;
  readonly mounted: readonly string[];
} {
  const [configMap, job] = exampleDocuments("kubernetes-job.yaml");
  const pod = ["spec", "template", "spec"].reduce((at, name) => mapping(at[name], name), mapping(job, "job"));
  const [container, ...others] = listOf(pod["containers"], "containers").map((one) => mapping(one, "container"));
  if (container === undefined || others.length > 0) throw new Error("the job has not one container");
  const [program, ...words] = [...listOf(container["command"], "command"), ...listOf(container["args"], "args")].map(
    (word) => textOf(word, "a word"),
  );
  if (program !== "sc") throw new Error(`the job runs ${JSON.stringify(program)}`);
  const [mount] = listOf(container["volumeMounts"], "volumeMounts").map((one) => mapping(one, "mount"));
  const files = Object.keys(mapping(mapping(configMap, "ConfigMap")["data"], "data"));
  return { words, mountPath: textOf(mount?.["mountPath"], "mountPath"), mounted: files };
}
