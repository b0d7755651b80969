import { readFileSync } from "node:fs";
import { pushImage, startRegistry, startServer, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, githubIssuer, type Project, workflow } from "./acceptance-project.ts";
import { documentOf, type Ran } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;
let image: string;

beforeAll(async () => {
  project = await createProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
  image = pushImage(registry, "acme/web:1", cleanImage("web"));
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

const signing = (more = ""): string => `security: {enabled: true, signing: {enabled: true${more}}}`;
const byKey = (more = ""): string =>
  signing(`, privateKey: '\${secret:KEY}', password: '\${secret:KEY_PASSWORD}'${more}`);
const named = `, verify: {identity: '${workflow}', oidcIssuer: '${githubIssuer}'}`;
const writes = (): number =>
  registry.requests.filter(({ method, target }) => method === "PUT" && target.includes("/manifests/")).length;

describe("keyless signing (RUN-2, RUN-4, SIGN-2)", () => {
  test("given a GitHub Actions job with id-token: write, when an image is secured, then its identity is found by itself and verifies", async () => {
    const body = Buffer.from(JSON.stringify({ value: project.token }));
    const headers = { "content-type": "application/json" };
    await using tokens = await startServer({ faults: [], answer: () => ({ status: 200, headers, body }) });
    const job = {
      ...project.github,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokens.origin}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner-secret",
    };
    const ran = await project.secure(signing(), [image], job);
    expect(ran.stderr).not.toContain("SC-");
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ summary: { signed: 1 }, images: [{ outcome: "pass", warnings: [] }] });
    const accepted = ["--certificate-identity", workflow, "--oidc-issuer", githubIssuer];
    const root = ["--trusted-root", `${project.directory}/trusted_root.json`];
    expect((await project.sc(["image", "verify", "-i", image, ...accepted, ...root])).exitCode).toBe(0);
    expect(ran.stdout + ran.stderr).not.toContain("runner-secret");
    expect(ran.stdout + ran.stderr).not.toContain(project.token);
  });

  test("given a job without the permission, when it signs, then the sentence that fixes it is told and the run goes on", async () => {
    const ran = await project.secure(signing(), [image], project.github);
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({
      images: [{ warnings: [{ stage: "sign", hint: "Add 'id-token: write' to workflow permissions." }] }],
    });
    expect(writes()).toBe(0);
  });

  test("given no token outside CI, when it signs, then it warns and exits 0", async () => {
    const ran = await project.secure(signing(), [image]);
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      summary: { signed: 0 },
      images: [{ warnings: [{ stage: "sign", code: "IDENTITY_NOT_FOUND" }] }],
    });
  });

  test("given signing is required, when there is no permission or no token, then the run exits 1", async () => {
    for (const variables of [project.github, {}]) {
      const ran = await project.secure(signing(", required: true"), [image], variables);
      expect(ran.exitCode).toBe(1);
      expect(documentOf(ran)).toMatchObject({ outcome: "violation", images: [{ stoppedAt: "sign" }] });
    }
  });

  test("given a transparency log that fails, when it signs, then it warns, and with required exits 1", async () => {
    const settings = project.sigstore.settings;
    settings.failing = { path: "/api/v1/log", status: 400 };
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    const tolerant = await project.secure(signing(), [image], variables);
    const strict = await project.secure(signing(", required: true"), [image], variables);
    settings.failing = undefined;
    expect(tolerant.exitCode).toBe(0);
    expect(documentOf(tolerant)).toMatchObject({ images: [{ warnings: [{ stage: "sign" }] }] });
    expect(strict.exitCode).toBe(1);
  });

  test("given a transparency log that nobody answers for, when it signs, then it warns and exits 0, and with required exits 1", async () => {
    const closed = await startServer({ faults: [], answer: () => ({ status: 200, headers: {} }) });
    await closed[Symbol.asyncDispose]();
    const { directory, database, sigstore, token } = project;
    const run = async (required: boolean): Promise<Ran> => {
      const config = ["--config", project.write("gone.yaml", signing(`, required: ${required}`))];
      const services = ["--fulcio-url", sigstore.origin, "--rekor-url", closed.origin, "--db", database];
      const words = [...config, ...services, "--trusted-root", `${directory}/trusted_root.json`];
      return await project.sc(["secure", "--json", "-i", image, ...words], { SIGSTORE_ID_TOKEN: token });
    };
    const tolerant = await run(false);
    expect(tolerant.exitCode).toBe(0);
    expect(documentOf(tolerant)).toMatchObject({
      images: [{ warnings: [{ stage: "sign", code: "CONNECTION_REFUSED" }] }],
    });
    expect((await run(true)).exitCode).toBe(1);
    expect(writes()).toBe(0);
  });

  test("given a key beside keyless, when there is no identity, then the key signs and a notice says so", async () => {
    const ran = await project.secure(signing(`, keyless: true, privateKey: ${project.key}`), [image]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain("signed with the key instead");
    expect((await project.sc(["verify", "-i", image, "--key", project.publicKey])).exitCode).toBe(0);
  });

  test("given a key beside keyless, when the authority refuses the token, then no key steps in: it warns, and with required exits 1", async () => {
    const settings = project.sigstore.settings;
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    const config = (required: boolean): string =>
      signing(`, keyless: true, privateKey: ${project.key}, required: ${required}`);
    settings.failing = { path: "/api/v2/signingCert", status: 403 };
    const tolerant = await project.secure(config(false), [image], variables);
    const strict = await project.secure(config(true), [image], variables);
    settings.failing = undefined;
    expect(tolerant.exitCode).toBe(0);
    expect(documentOf(tolerant)).toMatchObject({ summary: { signed: 0 }, images: [{ warnings: [{ stage: "sign" }] }] });
    expect(strict.exitCode).toBe(1);
    expect(tolerant.stderr + strict.stderr).not.toContain("signed with the key instead");
    expect(writes()).toBe(0);
  });

  test("given a signed image, when another identity is asked for, then the run fails though nothing is required", async () => {
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    const other = `, verify: {identity: '${workflow}x', oidcIssuer: '${githubIssuer}'}`;
    const ran = await project.secure(signing(other), [image], variables);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ images: [{ outcome: "violation", stoppedAt: "verify" }] });
  });

  test("given an image that this identity signed, when it is secured again, then it is not signed twice", async () => {
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    expect((await project.secure(signing(named), [image], variables)).exitCode).toBe(0);
    const [logged, before] = [project.sigstore.requests.length, writes()];
    const again = await project.secure(signing(named), [image], variables);
    expect(documentOf(again)).toMatchObject({ summary: { signed: 1 }, images: [{ verified: 1 }] });
    expect([project.sigstore.requests.length, writes()]).toEqual([logged, before]);
  });

  test("given an image that this identity signed, when nothing happened to it, then people are told since when, as the log has it", async () => {
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    const config = `security: {enabled: true, sbom: {enabled: true}, signing: {enabled: true${named}}}`;
    const lines: string[] = [];
    for (const round of ["first", "again"]) {
      const ran = await project.secure(config, [image], variables, { asText: true });
      expect(ran.exitCode, round).toBe(0);
      lines.push(ran.stdout);
    }
    const day = project.sigstore.clock.toISOString().slice(0, 10);
    expect(lines.map((text) => text.includes(`  unchanged since ${day}, nothing was done\n`))).toEqual([false, true]);
  });
});

describe("signing with a key (RUN-1, RUN-2, SIGN-1)", () => {
  test("given a key in a secret, when an image is secured, then it is signed, verified, and the secret is in no output", async () => {
    const key = readFileSync(project.key, "utf8");
    const ran = await project.secure(byKey(), [image], { KEY: key, KEY_PASSWORD: "correct horse" });
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ images: [{ verified: 1, warnings: [] }] });
    expect(ran.stdout + ran.stderr).not.toContain(key.split("\n")[1]);
    expect(ran.stdout + ran.stderr).not.toContain("correct horse");
    expect((await project.sc(["verify", "-i", image, "--key", project.publicKey])).exitCode).toBe(0);
  });

  test("given no such secret or no such file, when it signs, then it warns and exits 0, and with required exits 1", async () => {
    const missing = [byKey(), signing(", privateKey: /nowhere/cosign.key")];
    for (const config of missing) {
      const ran = await project.secure(config, [image]);
      expect(ran.exitCode).toBe(0);
      expect(documentOf(ran)).toMatchObject({ images: [{ warnings: [{ stage: "sign" }] }] });
      const strict = await project.secure(config.replace("signing: {", "signing: {required: true, "), [image]);
      expect(strict.exitCode).toBe(1);
    }
  });

  test("given a signature that was corrupted, when the image is verified, then it exits 1", async () => {
    const verify = ["verify", "-i", image, "--key", project.publicKey];
    await project.sc(["sign", "-i", image, "--key", project.key, "--storage", "tag"]);
    expect((await project.sc(verify)).exitCode).toBe(0);
    const tag = `${cleanImage("web").descriptor.digest.replace(":", "-")}.sig`;
    const stored = await (await fetch(`${registry.origin}/v2/acme/web/manifests/${tag}`)).text();
    const signature = /"dev.cosignproject.cosign\/signature":"(?<text>[^"]{20})/.exec(stored)?.groups?.["text"] ?? "";
    const corrupted = stored.replace(signature, `${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : "A"}`);
    expect(corrupted).not.toBe(stored);
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    registry.putManifest("acme/web", { bytes: corrupted, mediaType, tag });
    expect((await project.sc(verify)).exitCode).toBe(1);
  });

  test("given that what was just signed does not verify, when nothing is required, then the run exits 1 all the same", async () => {
    const other = `${project.directory}/other`;
    await project.sc(["key", "generate", "--output-key-prefix", other]);
    const ran = await project.secure(signing(`, privateKey: ${project.key}, publicKey: ${other}.pub`), [image]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ images: [{ outcome: "violation", stoppedAt: "verify" }] });
  });
});
