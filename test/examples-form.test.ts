import { describe, expect, test } from "vitest";
import { isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import {
  exampleDocument,
  exampleText,
  type JenkinsBlock,
  listOf,
  mapping,
  parseJenkinsfile,
  textOf,
} from "./ci-files.ts";

const blocksIn = (block: JenkinsBlock): readonly string[] => block.blocks.map(({ name }) => name);

/** Members that a platform knows, with those it demands; anything else is a mistake that only the platform would tell. */
function expectMembers(value: JsonObject, known: readonly string[], needed: readonly string[] = []): void {
  const names = Object.keys(value);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(needed.filter((name) => !names.includes(name))).toEqual([]);
}

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax and …/metadata-syntax
describe("what GitHub takes (RUN-4)", () => {
  const levels = ["read", "write", "none"];
  const stepMembers = [
    "name",
    "id",
    "if",
    "run",
    "uses",
    "with",
    "env",
    "shell",
    "working-directory",
    "timeout-minutes",
  ];

  function expectStep(step: JsonObject, isAction: boolean): void {
    expectMembers(step, stepMembers);
    // One of both, and in an action a shell has to be named.
    expect("run" in step, JSON.stringify(step)).not.toBe("uses" in step);
    if (isAction && "run" in step) expect(["bash", "sh", "pwsh"]).toContain(step["shell"]);
    if ("with" in step) expect(step).toHaveProperty("uses");
    if ("uses" in step) expect(step["uses"]).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
  }

  test("github-workflow.yml is a workflow: known members, permissions a job needs and no more, actions by commit with their version", () => {
    const workflow = exampleDocument("github-workflow.yml");
    expectMembers(workflow, ["name", "on", "permissions", "env", "jobs"], ["on", "jobs"]);
    expect(workflow["permissions"]).toEqual({});
    const jobs = Object.values(mapping(workflow["jobs"], "jobs"));
    expect(jobs).toHaveLength(1);
    for (const one of jobs) {
      const job = mapping(one, "job");
      expectMembers(job, ["name", "runs-on", "permissions", "env", "steps", "needs", "if"], ["runs-on", "steps"]);
      const permissions = mapping(job["permissions"], "permissions");
      for (const level of Object.values(permissions)) expect(levels).toContain(level);
      // What its steps do, and nothing else: check out, push, sign by identity, code scanning.
      expect(permissions).toEqual({
        contents: "read",
        packages: "write",
        "id-token": "write",
        "security-events": "write",
      });
      for (const step of listOf(job["steps"], "steps")) expectStep(mapping(step, "step"), false);
    }
    const uses = exampleText("github-workflow.yml")
      .split("\n")
      .filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("an expression of a workflow stands in no shell where somebody else chooses its text", () => {
    for (const name of ["github-workflow.yml", "github-action/action.yml"]) {
      const text = exampleText(name);
      const inShell = [...text.matchAll(/^ +(?:- )?run: (?:\|\n(?:(?: {8,}.*)?\n)+|.*)/gm)]
        .map(([run]) => run)
        .join("\n");
      const used = [...inShell.matchAll(/\$\{\{ *(.*?) *\}\}/g)].map(([, expression]) => expression);
      // Who pushed has a name of letters, digits and hyphens; titles, branches and inputs have whatever one writes.
      expect(
        used.filter((expression) => expression !== "github.actor"),
        name,
      ).toEqual([]);
    }
  });

  test("github-action/action.yml is a composite action: described inputs and outputs, a shell for every step", () => {
    const action = exampleDocument("github-action/action.yml");
    expectMembers(
      action,
      ["name", "description", "author", "inputs", "outputs", "runs", "branding"],
      ["name", "description", "runs"],
    );
    const runs = mapping(action["runs"], "runs");
    expectMembers(runs, ["using", "steps"], ["using", "steps"]);
    expect(runs["using"]).toBe("composite");
    const steps = listOf(runs["steps"], "steps").map((step) => mapping(step, "step"));
    for (const step of steps) expectStep(step, true);
    for (const [name, input] of Object.entries(mapping(action["inputs"], "inputs"))) {
      expectMembers(mapping(input, name), ["description", "required", "default"], ["description"]);
      expect(mapping(input, name)["required"] === true, name).not.toBe("default" in mapping(input, name));
    }
    const ids = new Set(steps.map(({ id }) => id));
    for (const [name, output] of Object.entries(mapping(action["outputs"], "outputs"))) {
      expectMembers(mapping(output, name), ["description", "value"], ["description", "value"]);
      const [, step, member] =
        /^\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}$/.exec(textOf(mapping(output, name)["value"], name)) ?? [];
      expect(ids.has(step ?? ""), name).toBe(true);
      expect(exampleText("github-action/action.yml")).toContain(`echo "${member ?? ""}=`);
    }
  });
});

// https://docs.gitlab.com/ci/yaml/ and …/ci/yaml/artifacts_reports/
test("gitlab-ci.yml is what GitLab takes: one job with known members, reports it shows, a token for Sigstore (RUN-4)", () => {
  const jobs = Object.entries(exampleDocument("gitlab-ci.yml"));
  expect(jobs).toHaveLength(1);
  for (const [name, one] of jobs) {
    // GitLab's own name for such a job: `<scanner>_container_scanning`.
    expect(name).toMatch(/_container_scanning$/);
    const job = mapping(one, name);
    expectMembers(
      job,
      ["image", "stage", "variables", "id_tokens", "script", "artifacts", "rules", "allow_failure"],
      ["script"],
    );
    expect(["build", "test", "deploy"]).toContain(job["stage"]);
    for (const line of listOf(job["script"], "script")) expect(typeof line).toBe("string");
    const artifacts = mapping(job["artifacts"], "artifacts");
    expectMembers(artifacts, ["when", "paths", "reports", "expire_in"], ["reports"]);
    expect(artifacts["when"]).toBe("always");
    expectMembers(mapping(artifacts["reports"], "reports"), ["container_scanning", "cyclonedx", "junit"]);
    for (const issued of Object.values(mapping(job["id_tokens"], "id_tokens")))
      expect(issued).toEqual({ aud: "sigstore" });
  }
});

function expectCircleStep(step: JsonValue): void {
  if (!isJsonObject(step)) return expect(step).toBe("checkout");
  expectMembers(step, ["run", "store_test_results", "store_artifacts"]);
  expect(Object.keys(step)).toHaveLength(1);
  if ("run" in step) return expectMembers(mapping(step["run"], "run"), ["name", "command", "when"], ["command"]);
  for (const [name, one] of Object.entries(step)) expectMembers(mapping(one, name), ["path"], ["path"]);
}

// https://circleci.com/docs/reference/configuration-reference/
test("circleci.yml is what CircleCI takes: version 2.1, jobs with a machine and steps it knows, workflows of jobs that are there (RUN-4)", () => {
  const document = exampleDocument("circleci.yml");
  expectMembers(document, ["version", "jobs", "workflows"], ["version", "jobs", "workflows"]);
  expect(document["version"]).toBe(2.1);
  const jobs = mapping(document["jobs"], "jobs");
  for (const [name, one] of Object.entries(jobs)) {
    const job = mapping(one, name);
    expectMembers(job, ["docker", "environment", "steps", "resource_class"], ["docker", "steps"]);
    for (const step of listOf(job["steps"], "steps")) expectCircleStep(step);
  }
  for (const one of Object.values(mapping(document["workflows"], "workflows"))) {
    for (const job of listOf(mapping(one, "workflow")["jobs"], "jobs")) expect(Object.keys(jobs)).toContain(job);
  }
});

// https://www.jenkins.io/doc/book/pipeline/syntax/#declarative-pipeline
describe("what Jenkins takes (RUN-4)", () => {
  test("Jenkinsfile is a declarative pipeline: sections it knows, every stage with steps, steps it knows", () => {
    const pipeline = parseJenkinsfile(exampleText("Jenkinsfile"));
    expect(pipeline.name).toBe("pipeline");
    expect(pipeline.lines).toEqual(["agent any"]);
    expect(blocksIn(pipeline)).toEqual(["tools", "environment", "stages", "post"]);
    const [, , stages, post] = pipeline.blocks;
    expect(new Set(stages?.blocks.map(({ argument }) => argument)).size).toBe(stages?.blocks.length);
    for (const stage of stages?.blocks ?? []) {
      expect([stage.name, blocksIn(stage), stage.lines]).toEqual(["stage", ["steps"], []]);
      const [steps] = stage.blocks;
      expect(steps?.lines.length).toBeGreaterThan(0);
      for (const line of steps?.lines ?? []) expect(line).toMatch(/^sh '[^']+'$/);
    }
    expect(post === undefined ? [] : blocksIn(post)).toEqual(["always"]);
    for (const line of post?.blocks.flatMap(({ lines }) => lines) ?? []) {
      expect(line).toMatch(/^(?:junit|archiveArtifacts) (?:\w+: (?:true|false|'[^']+')(?:, )?)+$/);
    }
  });

  test("no secret of Jenkins is put into a line by Groovy, which would write it into the log", () => {
    const scripts = [...exampleText("Jenkinsfile").matchAll(/\bsh (.*)/g)].map(([, script]) => script);
    expect(scripts.length).toBeGreaterThan(3);
    for (const script of scripts) expect(script).toMatch(/^'/);
  });

  test.each([
    ["a brace that is not closed", "pipeline {\nagent any\n"],
    ["a brace too many", "pipeline {\nagent any\n}\n}"],
    ["a quote that is not closed", "pipeline {\nsh 'npx\n}"],
    ["two pipelines", "pipeline {\n}\npipeline {\n}"],
  ])("%s would be found", (_, text) => {
    expect(() => parseJenkinsfile(text)).toThrow();
  });
});
