import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildDatabase } from "@sc/scan";
import { documentOf, runCli } from "./run-cli.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

const jobs = [
  {
    platform: "github-actions",
    variables: {
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "acme/api",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: commit,
      GITHUB_RUN_ID: "4711",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_WORKFLOW_REF: "acme/api/.github/workflows/release.yml@refs/heads/main",
    },
    expected: {
      repository: "https://github.com/acme/api",
      ref: "refs/heads/main",
      buildId: "4711",
      buildUrl: "https://github.com/acme/api/actions/runs/4711/attempts/1",
      identity: "github-actions",
    },
  },
  {
    platform: "gitlab-ci",
    variables: {
      GITLAB_CI: "true",
      CI_PROJECT_URL: "https://gitlab.example/acme/api",
      CI_COMMIT_TAG: "v1",
      CI_COMMIT_SHA: commit,
      CI_PIPELINE_ID: "12",
      CI_JOB_URL: "https://gitlab.example/acme/api/-/jobs/7",
      SIGSTORE_ID_TOKEN: "token-that-stays-secret",
    },
    expected: {
      repository: "https://gitlab.example/acme/api",
      ref: "refs/tags/v1",
      buildId: "12",
      buildUrl: "https://gitlab.example/acme/api/-/jobs/7",
      identity: "environment",
    },
  },
  {
    platform: "jenkins",
    variables: {
      JENKINS_URL: "https://ci.example/",
      GIT_URL: "https://robot:password-of-robot@git.example/acme/api.git",
      GIT_BRANCH: "origin/main",
      GIT_COMMIT: commit,
      BUILD_NUMBER: "33",
      BUILD_URL: "https://ci.example/job/api/33/",
    },
    expected: {
      repository: "https://git.example/acme/api",
      ref: "refs/heads/main",
      buildId: "33",
      buildUrl: "https://ci.example/job/api/33/",
    },
  },
  {
    platform: "circleci",
    variables: {
      CIRCLECI: "true",
      CIRCLE_REPOSITORY_URL: "git@github.com:acme/api.git",
      CIRCLE_BRANCH: "main",
      CIRCLE_SHA1: commit,
      CIRCLE_BUILD_NUM: "5",
      CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/api/5",
    },
    expected: {
      repository: "https://github.com/acme/api",
      ref: "refs/heads/main",
      buildId: "5",
      buildUrl: "https://circleci.com/gh/acme/api/5",
      identity: "circleci",
    },
  },
  {
    platform: "buildkite",
    variables: {
      BUILDKITE: "true",
      BUILDKITE_REPO: "https://git.example/acme/api.git",
      BUILDKITE_BRANCH: "main",
      BUILDKITE_COMMIT: commit,
      BUILDKITE_BUILD_NUMBER: "9",
      BUILDKITE_BUILD_URL: "https://buildkite.com/acme/api/builds/9",
    },
    expected: {
      repository: "https://git.example/acme/api",
      ref: "refs/heads/main",
      buildId: "9",
      buildUrl: "https://buildkite.com/acme/api/builds/9",
      identity: "buildkite",
    },
  },
] as const;

describe("sc ci detect (RUN-4)", () => {
  test.each(jobs)("tells the build of $platform, and no secret of it", async ({ platform, variables, expected }) => {
    const ran = await runCli(["ci", "detect", "--json"], { variables });
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ outcome: "pass", platform, commit, ...expected });
    const shown = await runCli(["ci", "detect"], { variables });
    for (const value of Object.values(expected)) expect(shown.stdout).toContain(value);
    for (const secret of ["token-that-stays-secret", "password-of-robot"]) {
      expect(ran.stdout + shown.stdout).not.toContain(secret);
    }
  });

  test("tells a machine that is no build platform, without an identity", async () => {
    const ran = await runCli(["ci", "detect", "--json"]);
    expect(documentOf(ran)).toEqual({
      schema: "urn:sc:ci-detect:1",
      sc: expect.any(String),
      outcome: "pass",
      platform: "local",
      name: "this machine",
    });
    expect((await runCli(["ci", "detect"])).stdout).toMatch(/^platform +this machine\n(.*\n)*identity +none\n$/);
  });
});

describe("the summary of a GitHub Actions step (RUN-4)", () => {
  const folder = mkdtempSync(join(tmpdir(), "sc-summary-"));
  const purls = join(folder, "api.cdx.json");
  const scan = ["image", "scan", "--sbom", purls, "--db", join(folder, "db"), "--json"];
  const component = { type: "library", name: "lodash", version: "4.17.15", purl: "pkg:npm/lodash@4.17.15" };

  test("gets the report below what stands there, and standard output stays a document", async () => {
    writeFileSync(purls, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", components: [component] }));
    const now = new Date("2026-11-21");
    await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], { output: join(folder, "db"), now });
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "# Build\n");
    const ran = await runCli(scan, { variables: { GITHUB_STEP_SUMMARY: summary } });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(documentOf(ran)["outcome"]).toBe("pass");
    const text = readFileSync(summary, "utf8");
    expect(text).toMatch(/^# Build\n\n## /);
    expect(text).toContain("lodash");
  });

  test("is left as it is when it is full or cannot be written, and the run says so and goes on", async () => {
    const full = join(folder, "full.md");
    writeFileSync(full, "x".repeat(1024 * 1024));
    const ran = await runCli(scan, { variables: { GITHUB_STEP_SUMMARY: full } });
    expect([ran.exitCode, ran.stderr.includes("summary is full")]).toEqual([0, true]);
    expect(readFileSync(full, "utf8").length).toBe(1024 * 1024);
    const missing = await runCli(scan, { variables: { GITHUB_STEP_SUMMARY: folder } });
    expect([missing.exitCode, missing.stderr.includes("nothing could be added")]).toEqual([0, true]);
  });
});
