import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildImage, buildLayer, type BuiltManifest, startSigstore, type TestSigstore } from "@sc/testing";
import { type Ran, runCli } from "./run-cli.ts";

/** Who signs in these tests: a workflow of GitHub Actions. */
export const workflow = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main";
/** Who vouches for it. */
export const githubIssuer = "https://token.actions.githubusercontent.com";

/** An image with one package in which the sample advisories know a critical finding. */
export const criticalImage: BuiltManifest = imageWith("app/node_modules/minimist/package.json", {
  name: "minimist",
  version: "1.2.5",
  license: "MIT",
});

/** An image with one package in which the sample advisories know high findings, and no critical one. */
export const vulnerable: BuiltManifest = imageWith("app/node_modules/lodash/package.json", {
  name: "lodash",
  version: "4.17.15",
  license: "MIT",
});

/** An image of one clean package of that name. */
export function cleanImage(name: string): BuiltManifest {
  return imageWith(`app/node_modules/${name}/package.json`, { name, version: "1.0.0", license: "MIT" });
}

function imageWith(path: string, manifest: object): BuiltManifest {
  return buildImage({ layers: [buildLayer([{ path, content: JSON.stringify(manifest) }])] });
}

/** What a run is asked besides. */
export interface MoreAsked {
  readonly words?: readonly string[];
  /** Tells people what came of it, instead of the JSON document. */
  readonly asText?: boolean;
  readonly signal?: AbortSignal;
}

/** A folder as a user has one, with a key pair, an advisory database and authorities on loopback. */
export interface Project extends AsyncDisposable {
  readonly directory: string;
  readonly database: string;
  readonly key: string;
  readonly publicKey: string;
  readonly sigstore: TestSigstore;
  /** An identity token of the workflow. */
  readonly token: string;
  /** The variables of a job of GitHub Actions, without those that give it a token. */
  readonly github: Readonly<Record<string, string>>;
  /** The path of a file in the folder, written. */
  write(path: string, content: string): string;
  sc(words: readonly string[], variables?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Ran>;
  /** `sc secure` of images by a configuration, with the services of the project. */
  secure(
    config: string,
    images: readonly string[],
    variables?: Readonly<Record<string, string>>,
    more?: MoreAsked,
  ): Promise<Ran>;
}

/** Makes one. The key's password is in COSIGN_PASSWORD. */
export async function createProject(): Promise<Project> {
  const directory = mkdtempSync(join(tmpdir(), "sc-acceptance-"));
  const sigstore = await startSigstore();
  const write = (path: string, content: string): string => {
    const at = join(directory, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
    return at;
  };
  const root = write("trusted_root.json", Buffer.from(sigstore.trustedRoot).toString());
  const base = { HOME: directory, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse" };
  // The authorities' clock runs a little ahead of the machine's.
  const now = new Date(sigstore.clock.getTime() + 60_000);
  const sc: Project["sc"] = async (words, variables = {}, signal = new AbortController().signal) =>
    await runCli(words, { variables: { ...base, ...variables }, now, signal });
  const database = join(directory, "db");
  await sc(["db", "build", "--from", join(import.meta.dirname, "../vectors/advisories"), "--db", database]);
  await sc(["key", "generate", "--output-key-prefix", join(directory, "cosign")]);
  const services = ["--db", database, "--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
  const common = [...services, "--trusted-root", root, "--project", directory];
  return {
    directory,
    database,
    key: join(directory, "cosign.key"),
    publicKey: join(directory, "cosign.pub"),
    sigstore,
    token: sigstore.issuer.issue({
      iss: githubIssuer,
      sub: "repo:acme/shop:ref:refs/heads/main",
      job_workflow_ref: workflow,
      aud: "sigstore",
    }),
    github: {
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_SERVER_URL: "https://github.com",
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_REF: "refs/heads/main",
      GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
      GITHUB_WORKFLOW_REF: "acme/shop/.github/workflows/release.yml@refs/heads/main",
      GITHUB_RUN_ID: "7",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_EVENT_NAME: "push",
      RUNNER_ENVIRONMENT: "github-hosted",
    },
    write,
    sc,
    secure: async (config, images, variables, more = {}) => {
      const file = write("sc.yaml", config);
      const named = images.flatMap((image) => ["--image", image]);
      return await sc(
        [
          "secure",
          ...(more.asText === true ? [] : ["--json"]),
          "--config",
          file,
          ...named,
          ...common,
          ...(more.words ?? []),
        ],
        variables,
        more.signal,
      );
    },
    [Symbol.asyncDispose]: async () => await sigstore[Symbol.asyncDispose](),
  };
}
