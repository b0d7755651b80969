import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, githubIssuer, type Project, vulnerable, workflow } from "./acceptance-project.ts";
import { DefectDojoServer } from "./defectdojo-server.ts";
import { documentOf } from "./run-cli.ts";

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
  image = pushImage(registry, "acme/api:1", vulnerable);
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

const keyed = (more = ""): string => `signing: {enabled: true, privateKey: ${project.key}${more}}`;

// The fields of section 7 that no other acceptance test shows at work.
describe("every field of a configuration does what it says (RUN-1, section 7)", () => {
  test("scan.warnOn and a tool's warnOn warn in the verdict and let the image pass", async () => {
    for (const more of ["warnOn: high", "tools: [{name: osv, enabled: true, warnOn: high}]"]) {
      const ran = await project.secure(`security: {enabled: true, scan: {enabled: true, ${more}}}`, [image]);
      expect(ran.exitCode).toBe(0);
      const warnings = [{ rule: "severity", message: expect.stringContaining("high") }];
      expect(documentOf(ran)).toMatchObject({ images: [{ verdict: { outcome: "pass", violations: [], warnings } }] });
    }
  });

  test("scan.tools with none enabled scans nothing", async () => {
    const more = "tools: [{name: osv, enabled: false, failOn: low}]";
    const ran = await project.secure(`security: {enabled: true, scan: {enabled: true, ${more}}}`, [image]);
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ summary: { scanned: 0 } });
  });

  test("signing.verify.enabled: false signs and does not look again", async () => {
    const ran = await project.secure(`security: {enabled: true, ${keyed(", verify: {enabled: false}")}}`, [image]);
    expect(documentOf(ran)).toMatchObject({ outcome: "pass", summary: { signed: 1 }, images: [{ verified: 0 }] });
  });

  test("signing.publicKey is the key that must verify, whatever was signed with", async () => {
    const other = join(project.directory, "other");
    expect((await project.sc(["key", "generate", "--output-key-prefix", other])).exitCode).toBe(0);
    const run = (publicKey: string): ReturnType<Project["secure"]> =>
      project.secure(`security: {enabled: true, ${keyed(`, publicKey: ${publicKey}`)}}`, [image]);
    expect((await run(project.publicKey)).exitCode).toBe(0);
    const ran = await run(`${other}.pub`);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ images: [{ outcome: "violation", stoppedAt: "verify" }] });
  });

  test("signing.verify.identityRegexp must match the whole identity", async () => {
    const variables = { SIGSTORE_ID_TOKEN: project.token };
    const run = (pattern: string): ReturnType<Project["secure"]> => {
      const verify = `verify: {identityRegexp: '${pattern}', oidcIssuer: '${githubIssuer}'}`;
      return project.secure(
        `security: {enabled: true, signing: {enabled: true, keyless: true, ${verify}}}`,
        [image],
        variables,
      );
    };
    const escaped = workflow.replaceAll(".", "[.]");
    expect((await run(`^${escaped}$`)).exitCode).toBe(0);
    const ran = await run("^https://github[.]com/mallory/.*$");
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({ images: [{ outcome: "violation" }] });
  });

  test("sbom.generator: syft is served natively and told; sbom.attach.sign: false attaches unsigned", async () => {
    const sbom = "sbom: {enabled: true, generator: syft, attach: {enabled: true, sign: false}}";
    const ran = await project.secure(`security: {enabled: true, ${sbom}}`, [image]);
    expect(documentOf(ran)).toMatchObject({ outcome: "pass", summary: { sboms: 1, signed: 0 } });
    expect(ran.stderr).toMatch(/sbom\.generator syft: served by sc itself/);
    expect((await project.sc(["sbom", "verify", "-i", image, "--key", project.publicKey])).exitCode).toBe(1);
  });

  test("sbom.format is what is made and attached, and sbom.attach: false attaches nothing", async () => {
    const sbom = "sbom: {enabled: true, format: spdx-json, attach: false}";
    const ran = await project.secure(`security: {enabled: true, ${sbom}}`, [image]);
    expect(documentOf(ran)).toMatchObject({
      summary: { sboms: 0 },
      images: [{ documents: [{ format: "spdx-json" }] }],
    });
    expect(registry.requests.filter(({ method }) => method === "PUT" || method === "POST")).toEqual([]);
  });

  test("provenance.includeDocker, metadata.includeEnv and format decide what the predicate holds", async () => {
    const web = pushImage(registry, "acme/base:1", cleanImage("base"));
    project.write("Dockerfile", `FROM ${web}\n`);
    const predicateOf = async (more: string): Promise<string> => {
      const folder = join(project.directory, `predicates-${more.replaceAll(/\W+/g, "-")}`);
      const provenance = `provenance: {enabled: true, required: true, includeGit: false, output: {registry: false, local: '${folder}'}${more}}`;
      const ran = await project.secure(`security: {enabled: true, ${provenance}}`, [image], project.github);
      expect(ran.exitCode).toBe(0);
      const file = readdirSync(folder).find((name) => name.endsWith(".provenance.json")) ?? "";
      return readFileSync(join(folder, file), "utf8");
    };
    const plain = await predicateOf("");
    expect(plain).toContain("acme/base");
    expect(plain).toContain("buildDefinition");
    expect(await predicateOf(", includeDocker: false")).not.toContain("acme/base");
    const machine = await predicateOf(", metadata: {includeEnv: true}");
    expect(machine).toContain('"machine"');
    expect(plain).not.toContain('"machine"');
    const older = await predicateOf(", format: slsa-v0.2");
    expect(older).toContain("buildType");
    expect(older).not.toContain("buildDefinition");
  });

  test("reporting.defectdojo.productId puts the engagement into that product", async () => {
    await using server = await new DefectDojoServer().listen();
    const run = (product: string): ReturnType<Project["secure"]> => {
      const dojo = `{enabled: true, url: '${server.url}', apiKey: '\${secret:DOJO_KEY}', engagementName: CI, ${product}, autoCreate: true}`;
      const config = `security: {enabled: true, scan: {enabled: true}, reporting: {defectdojo: ${dojo}}}`;
      return project.secure(config, [image], { DOJO_KEY: server.key });
    };
    expect((await run("productName: Shop")).exitCode).toBe(0);
    const id = server.products[0]?.id ?? 0;
    expect(documentOf(await run(`productId: ${id}`))).toMatchObject({
      reporting: { defectdojo: [{ uploaded: { engagementId: server.engagements[0]?.id } }] },
    });
    expect([server.products.length, server.engagements.length]).toEqual([1, 1]);
    expect(documentOf(await run("productId: 4711"))).toMatchObject({
      outcome: "pass",
      reporting: { defectdojo: [{ warning: { stage: "defectdojo" } }] },
    });
  });
});
