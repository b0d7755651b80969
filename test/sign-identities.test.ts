import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "@sc/http";
import { isScError, type Progress, type ScError } from "@sc/model";
import { type Environment, findIdentitySource, identitySources } from "@sc/sign";
import { type RecordingServer, startServer } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outcomeOf, spoken } from "./sign-support.ts";

// What every service here holds secret: in a header that it is asked with, and in what it repeats of it.
const secret = "agent-secret-0123456789";
const quick = { sleep: () => Promise.resolve(), now: () => 0, random: () => 0 };

let client: HttpClient;
let folder: string;
beforeAll(async () => {
  client = createHttpClient({ clock: quick });
  folder = await mkdtemp(join(tmpdir(), "sc-identity-"));
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly status?: number;
  readonly body: string;
}

/** A server that gives these answers in turn, the last one for ever. */
async function serverOf(...answers: readonly Said[]): Promise<RecordingServer> {
  let next = 0;
  return await startServer({
    faults: [],
    answer: () => {
      const { status = 200, body } = answers[Math.min(next, answers.length - 1)] ?? { body: "" };
      next += 1;
      return { status, headers: {}, body: Buffer.from(body) };
    },
  });
}

function fetchToken(environment: Environment, audience?: string): Promise<string> {
  const source = findIdentitySource(environment);
  return Promise.resolve().then(() =>
    source.fetchToken({ environment, client, ...(audience === undefined ? {} : { audience }) }),
  );
}

async function refusalOf(environment: Environment): Promise<ScError> {
  const error: unknown = await fetchToken(environment).catch((thrown: unknown) => thrown);
  if (isScError(error)) return error;
  throw new Error("not refused", { cause: error });
}

function tokenFor(aud: string): string {
  return `e30.${Buffer.from(JSON.stringify({ aud })).toString("base64url")}.x`;
}

const githubOf = (origin: string): Environment => ({
  GITHUB_ACTIONS: "true",
  ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/token?api-version=2`,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
});
const buildkiteOf = (origin: string): Environment => ({
  BUILDKITE: "true",
  BUILDKITE_AGENT_ENDPOINT: `${origin}/v3`,
  BUILDKITE_AGENT_ACCESS_TOKEN: secret,
  BUILDKITE_JOB_ID: "job/1",
});
const googleOf = (origin: string): Environment => ({ GCE_METADATA_HOST: new URL(origin).host });

const services = [
  ["GitHub Actions", githubOf, '{"value":"a-token"}'],
  ["Buildkite", buildkiteOf, '{"token":"a-token"}'],
  ["Google's metadata server", googleOf, "a-token\n"],
] as const;

describe("an identity token (SIGN-2)", () => {
  test("comes from SIGSTORE_ID_TOKEN, and from nowhere that was not passed in", async () => {
    expect(await fetchToken({ SIGSTORE_ID_TOKEN: "token" })).toBe("token");
    expect(() => findIdentitySource({})).toThrow(/no identity/);
    expect(() => findIdentitySource({ SIGSTORE_ID_TOKEN: "" })).toThrow(/no identity/);
  });

  test("that is set goes before that of the platform", async () => {
    expect(await fetchToken({ SIGSTORE_ID_TOKEN: "token", GITHUB_ACTIONS: "true", GITLAB_CI: "true" })).toBe("token");
  });

  test("comes from a file, as Kubernetes projects it, without the line's end", async () => {
    const path = join(folder, "token");
    await writeFile(path, "from-file\n");
    expect(await fetchToken({ SIGSTORE_ID_TOKEN_FILE: path })).toBe("from-file");
    const missing = await refusalOf({ SIGSTORE_ID_TOKEN_FILE: join(folder, "none") });
    expect(missing.code).toBe("IDENTITY_NOT_FOUND");
    expect(missing.message).toContain("none");
  });

  test.each([
    ["empty", ""],
    ["larger than any token", "x".repeat(70_000)],
  ])("is not what stands in a file that is %s", async (_what, content) => {
    const path = join(folder, "odd");
    await writeFile(path, content);
    expect((await refusalOf({ SIGSTORE_ID_TOKEN_FILE: path })).code).toBe("IDENTITY_NOT_FOUND");
  });

  test.each(services)("comes from %s, asked as its own tools do", async (_name, environmentOf, body) => {
    await using server = await serverOf({ body });
    expect(await fetchToken(environmentOf(server.origin))).toBe("a-token");
    expect(server.requests.map(({ method, target }) => `${method} ${target}`)).toMatchSnapshot();
    const { authorization, "metadata-flavor": flavor } = server.requests[0]?.headers ?? {};
    expect([authorization, flavor]).toMatchSnapshot();
  });

  test.each(services)(
    "of %s is asked for again when the service fails for a moment",
    async (_name, environmentOf, body) => {
      await using server = await serverOf({ status: 503, body: "busy" }, { status: 500, body: "" }, { body });
      expect(await fetchToken(environmentOf(server.origin))).toBe("a-token");
      expect(server.requests).toHaveLength(3);
    },
  );

  test.each(services)("of %s is never made of an answer that holds none", async (_name, environmentOf) => {
    for (const body of ["", "{}", '{"value":"","token":""}', "<html>", "x".repeat(2_000_000)]) {
      await using server = await serverOf({ body });
      const outcome = await outcomeOf(() => fetchToken(environmentOf(server.origin)));
      // Google answers with the token itself: what is no token is told by Fulcio's client.
      if (environmentOf !== googleOf || body === "") expect(outcome).not.toBe("accepted");
    }
  });

  test.each(services)("of %s that is refused names the platform and the status", async (name, environmentOf) => {
    await using server = await serverOf({ status: 403, body: `forbidden for ${secret}` });
    const error = await refusalOf(environmentOf(server.origin));
    expect(error.message).toContain("403");
    expect(error.message).toContain(name.split("'")[0] ?? "");
    expect(error.hint).not.toBe(undefined);
  });

  test("of GitHub is asked for another audience where that is wanted", async () => {
    await using server = await serverOf({ body: '{"value":"a-token"}' });
    await fetchToken(githubOf(server.origin), "private audience");
    expect(server.requests[0]?.target).toBe("/token?api-version=2&audience=private+audience");
  });

  test("of CircleCI counts only for its audience", async () => {
    const of = (aud: string): Environment => ({ CIRCLECI: "true", CIRCLE_OIDC_TOKEN_V2: tokenFor(aud) });
    expect(await fetchToken(of("sigstore"))).toBe(tokenFor("sigstore"));
    expect((await refusalOf(of("organization"))).code).toBe("IDENTITY_NOT_FOUND");
  });

  test.each([
    [{ GITHUB_ACTIONS: "true" }, "Add 'id-token: write' to workflow permissions."],
    [{ GITLAB_CI: "true" }, "Add 'id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}' to the job."],
    [{ CIRCLECI: "true" }, "circleci run oidc get"],
    [{ BUILDKITE: "true" }, "BUILDKITE_AGENT_ACCESS_TOKEN"],
  ])("that %o does not give is mended by the hint", async (environment, hint) => {
    const error = await refusalOf(environment);
    expect(error.code).toBe("IDENTITY_NOT_FOUND");
    expect(error.hint).toContain(hint);
  });

  test("has a test here for every source there is", () => {
    const tested = ["environment", "token-file", "github-actions", "gitlab-ci", "circleci", "buildkite", "google"];
    expect(identitySources.map(({ id }) => id).toSorted()).toEqual(tested.toSorted());
  });
});

describe("what a platform holds secret (SIGN-7)", () => {
  test.each(services)(
    "of %s is in nothing that is thrown or told, whatever it answers",
    async (_name, environmentOf) => {
      const leaks = [
        { status: 403, body: `no: ${secret}` },
        { status: 500, body: `{"error":"${secret}"}` },
        { status: 200, body: `{"value":{"a":"${secret}"},"token":["${secret}"]}` },
        { status: 200, body: secret.repeat(5000) },
      ];
      for (const answer of leaks) {
        await using server = await serverOf(answer);
        const environment = environmentOf(server.origin);
        const told: Progress[] = [];
        const onProgress = (progress: Progress): void => void told.push(progress);
        const source = findIdentitySource(environment);
        const error: unknown = await source.fetchToken({ environment, client, onProgress }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(spoken(error) + JSON.stringify(told)).not.toContain(secret);
      }
    },
  );
});
