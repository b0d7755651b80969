import { execFileSync } from "node:child_process";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, type Project, vulnerable } from "./acceptance-project.ts";
import { documentOf, type Ran } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;

const services = ["web", "job", "cron"];
const committer = { GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.org" };

function git(...words: readonly string[]): string {
  return execFileSync("git", ["-C", project.directory, ...words], { encoding: "utf8" }).trim();
}

beforeAll(async () => {
  project = await createProject();
  execFileSync("git", ["init", "-q", project.directory]);
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one");
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
  for (const name of services) pushImage(registry, `acme/${name}:build`, cleanImage(name));
  project.write(
    ".sc/parent-stacks/company.yaml",
    `security: {enabled: true, scan: {enabled: true, required: true, failOn: high}, sbom: {enabled: true, required: true}}`,
  );
  project.write(
    ".sc/stacks/shop/client.yaml",
    `schemaVersion: 1.0
uses: company
stacks:
  production:
    config:
      services:
${services.map((name) => `        ${name}: {image: '${registry.host}/acme/${name}:\${env:BUILD}'}`).join("\n")}
      security:
        signing: {enabled: true, required: true, privateKey: ${project.key}}
        provenance: {enabled: true}
`,
  );
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

async function release(version: string, ...more: readonly string[]): Promise<Ran> {
  const words = ["release", "create", "-s", "shop", "-e", "production", "--version", version, "--json"];
  const place = ["--project", project.directory, "--db", project.database];
  return await project.sc([...words, ...place, ...more], { BUILD: "build", ...committer });
}

async function named(name: string, tag: string): Promise<string | null> {
  const answer = await fetch(`${registry.origin}/v2/acme/${name}/manifests/${tag}`, { method: "HEAD" });
  return answer.headers.get("docker-content-digest");
}

interface ReleasedImage {
  readonly name: string;
  readonly artifacts: readonly { readonly form: string; readonly manifest: string; readonly tag?: string }[];
}

async function read(path: string): Promise<string> {
  return await (await fetch(`${registry.origin}/v2/acme/web/${path}`)).text();
}

/** What the manifest of a release says of its images. */
async function releasedImages(name: string): Promise<readonly ReleasedImage[]> {
  const manifest: { readonly layers: readonly { readonly digest: string }[] } = JSON.parse(
    await read(`manifests/${name}`),
  );
  return JSON.parse(await read(`blobs/${manifest.layers[0]?.digest ?? ""}`)).images;
}

function statesIn(ran: Ran): readonly unknown[] {
  const found = new Set<unknown>();
  JSON.stringify(documentOf(ran)["images"], (key, value: unknown) => {
    if (key === "state") found.add(value);
    return value;
  });
  return [...found];
}

const writes = (): number => registry.requests.filter(({ method }) => method === "PUT").length;

describe("releasing a stack (RUN-5)", () => {
  test("given three services, when a release is made, then all are scanned, signed, attested, verified, tagged, and the commit carries a tag with the summary", async () => {
    const ran = await release("1.0.0", "--yes");
    expect(ran.stderr).not.toContain("SC-");
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({
      outcome: "pass",
      release: "shop-production-1.0.0",
      gitTag: { name: "shop-production-1.0.0", push: "git push origin refs/tags/shop-production-1.0.0" },
      summary: { images: 3, secured: 3, scanned: 3, criticalFindings: 0, signed: 3, sboms: 3, provenances: 3 },
    });
    for (const name of services) {
      const { digest } = cleanImage(name).descriptor;
      expect([await named(name, "1.0.0"), await named(name, "production")]).toEqual([digest, digest]);
      const image = `${registry.host}/acme/${name}:1.0.0`;
      expect((await project.sc(["verify", "-i", image, "--key", project.publicKey])).exitCode).toBe(0);
    }
    expect(git("cat-file", "-t", "shop-production-1.0.0")).toBe("tag");
    expect(git("rev-parse", "shop-production-1.0.0^{commit}")).toBe(git("rev-parse", "HEAD"));
    const shown = git("for-each-ref", "--format=%(taggername) %(taggeremail)%0a%(contents)", "refs/tags");
    expect(shown).toContain("Ada <ada@example.org>");
    expect(shown).toContain(cleanImage("cron").descriptor.digest);
    expect(shown).toContain(
      "3 images: 3 scanned (0 critical findings), 3 signed, 3 SBOMs and 3 provenances attached\n",
    );
    // The same is told to people: what was done to how many, and the names of release and tag.
    const place = ["--project", project.directory, "--db", project.database, "--yes", "--version", "1.0.0"];
    const asked = ["release", "create", "-s", "shop", "-e", "production", "--no-git-tag", ...place];
    const told = await project.sc(asked, { BUILD: "build", ...committer });
    expect(told.stdout).toMatch(
      /^3 of 3 secured.*\n3 scanned \(0 critical\), 3 signed, 3 SBOMs and 3 provenances attached$/m,
    );
    expect(told.stdout).toMatch(/^release shop-production-1\.0\.0:\s+\S+@sha256:[0-9a-f]{64}$/m);
    expect(git("fsck", "--strict")).toBe("");
  });

  test("given a release, when its manifest is read, then it names every digest and artifact and is signed", async () => {
    const ran = await release("1.0.1", "--yes");
    const { manifest } = documentOf(ran);
    const answer = await fetch(`${registry.origin}/v2/acme/web/manifests/shop-production-1.0.1`);
    const stored: unknown = await answer.json();
    expect(stored).toMatchObject({ artifactType: "application/vnd.sc.release.v1+json" });
    expect(manifest).toBe(`${registry.host}/acme/web@${answer.headers.get("docker-content-digest") ?? ""}`);
    const words = ["image", "verify", "-i", String(manifest), "--key", project.publicKey];
    expect((await project.sc(words)).exitCode).toBe(0);
  });

  test("given a release, when it is made again with the clock where it was, then its manifest is the same to the byte and names what stands in the registry (RUN-3)", async () => {
    const [first, second] = [
      await release("1.0.2", "--yes", "--no-git-tag"),
      await release("1.0.2", "--yes", "--no-git-tag"),
    ];
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(statesIn(first)).toEqual(["written"]);
    expect(statesIn(second)).toEqual(["present"]);
    expect(documentOf(second)["manifest"]).toBe(documentOf(first)["manifest"]);
    for (const [index, { name, artifacts }] of (await releasedImages("shop-production-1.0.2")).entries()) {
      expect(name).toBe(services[index]);
      // Signature, SBOM and provenance, each as a bundle and under a tag.
      expect(artifacts.map(({ form }) => form)).toEqual(["bundle", "tag", "bundle", "tag", "bundle", "tag"]);
      for (const { form, manifest, tag } of artifacts) {
        expect(tag !== undefined).toBe(form === "tag");
        expect(await named(name, tag ?? manifest)).toBe(manifest);
      }
    }
  });

  test("given one image with findings above the gate, when a release is made, then nothing of any image is signed or tagged", async () => {
    pushImage(registry, "acme/job:build", vulnerable);
    const ran = await release("1.1.0", "--yes");
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      summary: { secured: 0, scanned: 3, signed: 0 },
      images: [{ outcome: "skipped" }, { outcome: "violation", stoppedAt: "scan" }, { outcome: "skipped" }],
      tags: [],
    });
    expect(writes()).toBe(0);
    expect(git("tag", "--list", "*1.1.0")).toBe("");
  });

  test("given a release, when it is made, then every scan comes before the first signature and every verification before the first tag", async () => {
    const ran = await release("1.2.0", "--yes");
    const lines = ran.stderr.split("\n");
    const [last, first] = [
      lines.findLastIndex((line) => /\bmatch\b/.test(line)),
      lines.findIndex((line) => /\bsign\b/.test(line)),
    ];
    expect(last).toBeGreaterThan(-1);
    expect(first).toBeGreaterThan(last);
    const tagged = registry.requests.findIndex(({ method, target }) => method === "PUT" && target.endsWith("/1.2.0"));
    const signed = registry.requests.findLastIndex(
      ({ method, target }) => method === "PUT" && target.includes("/manifests/sha256-"),
    );
    expect(tagged).toBeGreaterThan(signed);
  });

  test("given a version that names another image already, when it is released, then it is refused and no tag moves", async () => {
    pushImage(registry, "acme/cron:1.3.0", vulnerable);
    const ran = await release("1.3.0", "--yes");
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ error: { code: "RELEASE_EXISTS" } });
    expect(await named("web", "1.3.0")).toBeNull();
    expect(await named("web", "production")).toBeNull();
  });

  test("given a registry that refuses a tag in the middle, when a release is promoted, then those that moved are put back", async () => {
    expect((await release("1.4.0", "--yes")).exitCode).toBe(0);
    for (const name of services) pushImage(registry, `acme/${name}:build`, cleanImage(`${name}-next`));
    registry.inject({
      method: "PUT",
      path: /\/acme\/cron\/manifests\/production$/,
      effect: { type: "status", status: 403 },
    });
    const ran = await release("1.5.0", "--yes");
    expect(ran.exitCode).not.toBe(0);
    expect(documentOf(ran)).toMatchObject({ error: { code: "PROMOTION_FAILED" } });
    for (const name of services) {
      expect(await named(name, "production")).toBe(cleanImage(name).descriptor.digest);
      expect(await named(name, "1.5.0")).toBeNull();
    }
    expect(git("tag", "--list", "*1.5.0")).toBe("");
  });

  test("given --preview, or no --yes, when a release is asked for, then nothing is written anywhere", async () => {
    const seen = await release("1.6.0", "--preview");
    expect(seen.exitCode).toBe(0);
    expect(documentOf(seen)).toMatchObject({ preview: true, tags: ["1.6.0", "production"] });
    expect((await release("1.6.0")).exitCode).toBe(3);
    expect(writes()).toBe(0);
    expect(git("tag", "--list", "*1.6.0")).toBe("");
  });
});

describe("one thing for every image of a stack (RUN-5)", () => {
  test.each([
    ["scan", { scanned: 3, signed: 0, sboms: 0 }],
    ["sbom", { scanned: 0, sboms: 3 }],
    ["sign", { scanned: 0, signed: 3, sboms: 0 }],
  ])(
    "given a stack, when sc stack %s runs, then that is done to all its images and nothing else",
    async (verb, summary) => {
      const place = ["--project", project.directory, "--db", project.database, "--json"];
      const ran = await project.sc(["stack", verb, "-s", "shop", "-e", "production", ...place], { BUILD: "build" });
      expect(ran.exitCode).toBe(0);
      expect(documentOf(ran)).toMatchObject({ summary: { images: 3, provenances: 0, ...summary } });
    },
  );
});
