import { createHash } from "node:crypto";
import { mkdtemp, mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { repositoryUri } from "./ci-platform.ts";
import { ciPlatforms } from "./ci/index.ts";
import { readBaseImages } from "./dockerfile.ts";
import { readGitCheckout } from "./git-checkout.ts";
import { generateProvenance } from "./provenance.ts";

const secret = "s3cr3t-value";
const commit = "0123456789abcdef0123456789abcdef01234567";
const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "o/r",
  GITHUB_WORKFLOW_REF: "o/r/.github/workflows/build.yml@refs/heads/main",
  GITHUB_REF: "refs/heads/main",
  GITHUB_SHA: commit,
  GITHUB_EVENT_NAME: "push",
  GITHUB_RUN_ID: "7",
  GITHUB_RUN_ATTEMPT: "1",
};
const environments: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "github-actions": github,
  "gitlab-ci": {
    GITLAB_CI: "true",
    CI_PROJECT_URL: "https://gitlab.com/o/r",
    CI_COMMIT_SHA: commit,
    CI_COMMIT_BRANCH: "main",
    CI_JOB_NAME: "build",
    CI_RUNNER_ID: "12",
    CI_JOB_URL: "https://gitlab.com/o/r/-/jobs/1",
    GITLAB_USER_EMAIL: "someone@example.com",
  },
  circleci: {
    CIRCLECI: "true",
    CIRCLE_REPOSITORY_URL: "git@github.com:o/r.git",
    CIRCLE_SHA1: commit,
    CIRCLE_BRANCH: "main",
    CIRCLE_JOB: "build",
  },
  buildkite: {
    BUILDKITE: "true",
    BUILDKITE_REPO: `https://user:${secret}@github.com/o/r.git`,
    BUILDKITE_COMMIT: commit,
    BUILDKITE_BRANCH: "main",
    BUILDKITE_ORGANIZATION_SLUG: "acme",
  },
  jenkins: {
    JENKINS_URL: `https://user:${secret}@ci.example/`,
    GIT_URL: `https://token:${secret}@github.com/o/r.git`,
    GIT_COMMIT: commit,
    GIT_BRANCH: "origin/main",
    JOB_NAME: "build",
  },
  local: {},
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "provenance-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("provenance from the claims of a build platform (SIGN-6)", () => {
  test.each(ciPlatforms.map(({ id }) => id))("%s is told by its variables and lets no secret through", async (id) => {
    const environment = { ...environments[id], AWS_SECRET_ACCESS_KEY: secret, NPM_TOKEN: secret };
    for (const version of ["1", "0.2"] as const) {
      const made = await generateProvenance({ environment, version });
      const text = JSON.stringify(made);
      expect(made.platform).toBe(id);
      expect(text).not.toContain(secret);
      expect(text).not.toContain("someone@example.com");
      if (id === "local") continue;
      expect(text).toContain(commit);
      expect(text).toContain(
        id === "gitlab-ci"
          ? "git+https://gitlab.com/o/r@refs/heads/main"
          : "git+https://github.com/o/r@refs/heads/main",
      );
    }
  });

  test("GitHub's is what actions/attest writes, and the token's claims count before the environment", async () => {
    const claims = { ref: "refs/tags/v2", job_workflow_ref: "o/shared/.github/workflows/b.yml@refs/tags/v1" };
    const identityToken = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    const { predicate } = await generateProvenance({ environment: github, identityToken });
    expect(predicate).toMatchObject({
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: {
          workflow: { ref: "refs/tags/v2", repository: "https://github.com/o/r", path: ".github/workflows/build.yml" },
        },
        resolvedDependencies: [{ uri: "git+https://github.com/o/r@refs/tags/v2", digest: { gitCommit: commit } }],
      },
      runDetails: {
        builder: { id: "https://github.com/o/shared/.github/workflows/b.yml@refs/tags/v1" },
        metadata: { invocationId: "https://github.com/o/r/actions/runs/7/attempts/1" },
      },
    });
    expect(JSON.stringify(predicate)).not.toContain(identityToken);
  });

  test("a build on no platform says so, in its builder id and in a notice", async () => {
    const codes: string[] = [];
    const { predicate } = await generateProvenance({
      environment: {},
      onProgress: (progress) => progress.type === "notice" && codes.push(progress.code),
    });
    expect(predicate).toMatchObject({ runDetails: { builder: { id: "urn:sc:builder:local" } } });
    expect(codes).toEqual(["PROVENANCE_LOCAL"]);
  });

  test("the base images of the Dockerfile are resolved dependencies", async () => {
    const digest = `sha256:${"d".repeat(64)}` as const;
    const codes: string[] = [];
    const { predicate } = await generateProvenance({
      environment: github,
      dockerfile: `FROM debian:12\nFROM ghcr.io/o/base@${digest}\nFROM $UNKNOWN`,
      resolveImage: (reference) => Promise.resolve(reference === "debian:12" ? digest : undefined),
      onProgress: (progress) => progress.type === "notice" && codes.push(progress.code),
    });
    const hex = { sha256: "d".repeat(64) };
    expect(predicate).toMatchObject({
      buildDefinition: {
        resolvedDependencies: [
          { digest: { gitCommit: commit } },
          { uri: "pkg:docker/debian@12", digest: hex },
          { uri: "pkg:docker/ghcr.io/o/base", digest: hex },
        ],
      },
    });
    expect(codes).toEqual(["PROVENANCE_INCOMPLETE"]);
  });
});

describe("a Dockerfile's images (SIGN-6)", () => {
  test("stages and scratch are none, arguments are replaced, copies and mounts count", async () => {
    const text = `ARG BASE=alpine:3
ARG OTHER
FROM --platform=$BUILDPLATFORM \${BASE} AS build
RUN --mount=type=bind,from=tools:1,target=/t true
FROM scratch
COPY --from=build /a /a
COPY --from=0 /a /a
COPY --from=busybox:1 /bin/x /x
FROM $OTHER AS last
FROM \${MISSING:-debian:12}
`;
    expect(await readBaseImages(text)).toEqual({
      images: ["alpine:3", "debian:12", "tools:1", "busybox:1"],
      unresolved: ["$OTHER"],
    });
    expect(await readBaseImages(text, { BASE: "ubuntu", OTHER: "fedora" })).toEqual({
      images: ["ubuntu", "fedora", "debian:12", "tools:1", "busybox:1"],
      unresolved: [],
    });
  });
});

function indexOf(path: string, { seconds, content: text }: { seconds: number; content: string }): Buffer {
  const entry = Buffer.alloc(Math.ceil((62 + path.length + 1) / 8) * 8);
  entry.writeUInt32BE(seconds, 8);
  entry.writeUInt32BE(0o100644, 24);
  entry.writeUInt32BE(text.length, 36);
  createHash("sha1").update(`blob ${text.length}\0${text}`).digest().copy(entry, 40);
  entry.writeUInt16BE(path.length, 60);
  entry.write(path, 62);
  const header = Buffer.from("DIRC\0\0\0\x02\0\0\0\x01", "latin1");
  return Buffer.concat([header, entry, Buffer.alloc(20)]);
}

describe("a git checkout is read without git (SIGN-6)", () => {
  const content = "hello\n";

  async function checkout(head: string): Promise<void> {
    await mkdir(join(folder, ".git/refs/heads"), { recursive: true });
    await writeFile(join(folder, ".git/HEAD"), head);
    await writeFile(
      join(folder, ".git/config"),
      `[remote "fork"]\n\turl = https://x.example/f\n[remote "origin"]\n\turl = https://me:${secret}@github.com/o/r.git\n`,
    );
    await writeFile(join(folder, "a.txt"), content);
    const seconds = 1_700_000_000;
    await utimes(join(folder, "a.txt"), seconds, seconds);
    await writeFile(join(folder, ".git/index"), indexOf("a.txt", { seconds, content }));
  }

  test("a branch is resolved by its file, then by packed-refs, and the remote loses its credentials", async () => {
    await checkout("ref: refs/heads/main\n");
    await writeFile(join(folder, ".git/packed-refs"), `# pack-refs with: peeled\n${commit} refs/heads/main\n`);
    const expected = { uri: "https://github.com/o/r", ref: "refs/heads/main", commit, isModified: undefined };
    expect(await readGitCheckout(folder)).toEqual(expected);
    const loose = commit.replaceAll("0", "f");
    await writeFile(join(folder, ".git/refs/heads/main"), `${loose}\n`);
    await mkdir(join(folder, "deep/er"), { recursive: true });
    expect(await readGitCheckout(join(folder, "deep/er"))).toEqual({ ...expected, commit: loose });
  });

  test("a detached head is its commit, and a ref that climbs out of the folder is none", async () => {
    await checkout(`${commit}\n`);
    expect(await readGitCheckout(folder)).toMatchObject({ commit });
    await writeFile(join(folder, ".git/HEAD"), "ref: refs/../../secret\n");
    await writeFile(join(folder, "secret"), commit);
    const found = await readGitCheckout(folder);
    expect([found?.ref, found?.commit]).toEqual([undefined, undefined]);
  });

  test("a tracked file that was changed or removed is told, one that was only touched is not", async () => {
    await checkout(commit);
    await utimes(join(folder, "a.txt"), 1, 1);
    expect((await readGitCheckout(folder))?.isModified).toBe(undefined);
    await writeFile(join(folder, "a.txt"), "HELLO\n");
    expect((await readGitCheckout(folder))?.isModified).toBe(true);
    await rm(join(folder, "a.txt"));
    expect((await readGitCheckout(folder))?.isModified).toBe(true);
  });

  test("the checkout says the source of a local build", async () => {
    await checkout(commit);
    const { predicate } = await generateProvenance({ environment: {}, folder });
    expect(predicate).toMatchObject({
      buildDefinition: { resolvedDependencies: [{ uri: "git+https://github.com/o/r", digest: { gitCommit: commit } }] },
    });
  });

  test("no folder of git above means no checkout", async () => {
    expect(await readGitCheckout("/")).toBe(undefined);
  });
});

test.each([
  ["git@github.com:o/r.git", "https://github.com/o/r"],
  ["ssh://git@github.com:22/o/r", "https://github.com/o/r"],
  ["https://u:p@github.com/o/r.git?x=1#y", "https://github.com/o/r"],
  ["https://git.example:8443/o/r/", "https://git.example:8443/o/r"],
  ["/srv/repository", undefined],
  ["file:///srv/repository", undefined],
])("the address %s is %s", (address, uri) => {
  expect(repositoryUri(address)).toBe(uri);
});
