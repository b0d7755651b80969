import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  buildLayer,
  type BuiltManifest,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { expect } from "vitest";
import { type Ran, runCli } from "./run-cli.ts";

/** The identity provider of who signs here. */
export const issuer = "https://token.actions.githubusercontent.com";
/** The repository of who signs here. */
export const source = "https://github.com/acme/api";
/** Who signs here. */
export const subject: string = `${source}/.github/workflows/release.yml@refs/heads/main`;

const layer = buildLayer([
  { path: "app/node_modules/lodash/package.json", content: '{"name": "lodash", "version": "4.17.15"}' },
]);

/** How a command is run by an identity. */
export interface IdentityRun {
  /** One of the two instances; the earlier one when not said. */
  readonly of?: TestSigstore;
  /** What the token says besides. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A registry, a folder with a key pair, and one Sigstore instance at two times, for the gates of the command line. */
export class Gates implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "sc-gates-"));
  readonly registry: TestRegistry;
  readonly sigstore: TestSigstore;
  /** Two hours later; the trust root `root.json` believes both. */
  readonly later: TestSigstore;
  #images = 0;

  constructor(registry: TestRegistry, sigstore: TestSigstore, later: TestSigstore) {
    this.registry = registry;
    this.sigstore = sigstore;
    this.later = later;
  }

  static async open(): Promise<Gates> {
    const [sigstore, later] = [await startSigstore(), await startSigstore({ laterSeconds: 7200 })];
    const gates = new Gates(await startRegistry(), sigstore, later);
    const roots = [sigstore, later].map(({ trustedRoot }): Record<string, object[] | string> =>
      JSON.parse(Buffer.from(trustedRoot).toString()),
    );
    const [first = {}, second = {}] = roots;
    const both = Object.entries(first).map(([name, value]) => {
      const other = second[name];
      return [name, Array.isArray(value) && Array.isArray(other) ? [...value, ...other] : value];
    });
    writeFileSync(gates.at("root.json"), JSON.stringify(Object.fromEntries(both)));
    expect(await gates.exitOf("key", "generate", "--output-key-prefix", gates.at("cosign"))).toBe(0);
    return gates;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Runs `sc` a minute after the later instance's time, unless it is said when. */
  async sc(
    words: readonly string[],
    { variables = {}, now }: { readonly variables?: Readonly<Record<string, string>>; readonly now?: Date } = {},
  ): Promise<Ran> {
    return await runCli(words, {
      variables: { HOME: this.folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse", ...variables },
      now: now ?? new Date(this.later.clock.getTime() + 60_000),
    });
  }

  async exitOf(...words: readonly string[]): Promise<number> {
    return (await this.sc(words)).exitCode;
  }

  /** An image of its own, under a tag. */
  newImage(): { readonly name: string; readonly reference: string; readonly built: BuiltManifest } {
    this.#images += 1;
    const built = buildImage({ layers: [layer], config: { User: String(this.#images) } });
    const name = `acme/gate-${this.#images}`;
    return { name, reference: pushImage(this.registry, `${name}:1`, built), built };
  }

  /** Runs a command that signs, by an identity. */
  async byIdentity(
    words: readonly string[],
    { of = this.sigstore, claims = {}, variables = {} }: IdentityRun = {},
  ): Promise<void> {
    const token = of.issuer.issue({
      iss: issuer,
      sub: "repo:acme/api:ref:refs/heads/main",
      aud: "sigstore",
      job_workflow_ref: subject,
      repository: source,
      repository_owner: "https://github.com/acme",
      ref: "refs/heads/main",
      runner_environment: "github-hosted",
      ...claims,
    });
    const services = ["--keyless", "--fulcio-url", of.origin, "--rekor-url", of.origin];
    const ran = await this.sc([...words, ...services], { variables: { ...variables, SIGSTORE_ID_TOKEN: token } });
    expect([ran.exitCode, ran.stderr]).toEqual([0, expect.not.stringContaining("SC-")]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    await this.sigstore[Symbol.asyncDispose]();
    await this.later[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
