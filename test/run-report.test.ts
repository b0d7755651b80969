import { describeRun, type SecureResult } from "@sc/pipeline";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, criticalImage, type Project, vulnerable } from "./acceptance-project.ts";
import { faultsOfRun } from "./own-schema.ts";
import { documentOf, type Ran } from "./run-cli.ts";
import { exampleRun, hostileRun, secured } from "./run-samples.ts";
import { exampleReport } from "./report-samples.ts";

let project: Project;
let registry: TestRegistry;

beforeAll(async () => {
  project = await createProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
});

// `documentOf` holds every run report to the published schema: here are the ways in which a run can end.
function reported(ran: Ran): Record<string, unknown> {
  const document = documentOf(ran);
  expect(faultsOfRun(document)).toBeUndefined();
  return document;
}

const whole = (more = ""): string =>
  `security: {enabled: true, scan: {enabled: true, required: true, failOn: critical, output: {registry: true}}, sbom: {enabled: true}, provenance: {enabled: true}, signing: {enabled: true, privateKey: ${project.key}}${more}}`;

describe("the report of a run is what its published schema says (RUN-2)", () => {
  test("given several images, one good, one refused and one that is not there, when they are secured, then each has its outcome and the run is refused", async () => {
    const web = pushImage(registry, "acme/web:1", vulnerable);
    const api = pushImage(registry, "acme/api:1", criticalImage);
    const gone = `${registry.host}/acme/gone:1`;
    const ran = await project.secure(
      whole(),
      [web, api, gone],
      {},
      { words: ["--output", `${project.directory}/out`] },
    );
    expect(ran.exitCode).toBe(1);
    expect(reported(ran)).toMatchObject({
      schema: "urn:sc:secure:1",
      outcome: "violation",
      summary: { images: 3, secured: 1, scanned: 2, criticalFindings: 1, signed: 1, sboms: 1, provenances: 1 },
      images: [
        { image: web, outcome: "pass", verified: 1, findings: [expect.anything(), expect.anything()] },
        { image: api, outcome: "violation", stoppedAt: "scan", verdict: { outcome: "violation" } },
        { image: gone, outcome: "error", stoppedAt: "open", error: { code: "IMAGE_NOT_FOUND", retryable: false } },
      ],
      files: expect.arrayContaining([expect.stringContaining("cdx.json")]),
    });
  });

  test("given an image that could not be read, when nothing was refused, then the outcome is error, with why and what to do, and exit 4 unless SC_EXIT_COMPAT=1", async () => {
    const web = pushImage(registry, "acme/web:1", cleanImage("web"));
    const gone = `${registry.host}/acme/gone:1`;
    const ran = await project.secure(whole(), [web, gone]);
    expect(ran.exitCode).toBe(4);
    const hint = expect.stringMatching(/./);
    expect(reported(ran)).toMatchObject({
      outcome: "error",
      error: { code: "IMAGE_NOT_FOUND", hint, retryable: false },
    });
    expect((await project.secure(whole(), [web, gone], { SC_EXIT_COMPAT: "1" })).exitCode).toBe(1);
  });

  test("given a key that is not there, when nothing is required, then the warning has a code and what to do", async () => {
    const web = pushImage(registry, "acme/web:1", cleanImage("web"));
    const ran = await project.secure("security: {enabled: true, signing: {enabled: true, privateKey: none.key}}", [
      web,
    ]);
    expect(ran.exitCode).toBe(0);
    expect(reported(ran)).toMatchObject({
      images: [{ warnings: [{ stage: "sign", code: "KEY_NOT_FOUND", hint: expect.stringMatching(/./) }] }],
    });
  });

  test("given a configuration that is not enabled, or one that is wrong, when it runs, then that too is a report", async () => {
    const off = await project.secure("security: {enabled: false}", [`${registry.host}/acme/web:1`]);
    expect(reported(off)).toMatchObject({ outcome: "pass", enabled: false, images: [] });
    const wrong = await project.secure("security: {enabld: true}", [`${registry.host}/acme/web:1`]);
    expect(reported(wrong)).toMatchObject({ outcome: "error", error: { code: "CONFIG_INVALID" } });
  });

  test("given a stack with an image above the gate, when it is looked at, released and scanned, then each answer is a report", async () => {
    pushImage(registry, "acme/web:1", cleanImage("web"));
    pushImage(registry, "acme/api:1", criticalImage);
    const images = ["web", "api"].map((name) => `'${registry.host}/acme/${name}:1'`).join(", ");
    const stack = `schemaVersion: 1.0\nstacks: {production: {config: {images: [${images}]}}}\n${whole()}\n`;
    project.write(".sc/stacks/shop/client.yaml", stack);
    const place = [
      "-s",
      "shop",
      "-e",
      "production",
      "--project",
      project.directory,
      "--db",
      project.database,
      "--json",
    ];
    const release = ["release", "create", "--version", "1.0.0", "--no-git-tag", ...place];
    expect(reported(await project.sc([...release, "--preview"]))).toMatchObject({ preview: true, outcome: "pass" });
    const refused = await project.sc([...release, "--yes"]);
    expect(refused.exitCode).toBe(1);
    expect(reported(refused)).toMatchObject({
      outcome: "violation",
      release: "shop-production-1.0.0",
      tags: [],
      images: [{ outcome: "skipped" }, { outcome: "violation" }],
    });
    for (const verb of ["scan", "sbom", "sign"]) {
      expect(reported(await project.sc(["stack", verb, ...place]))["schema"]).toBe(`urn:sc:stack-${verb}:1`);
    }
  });

  test("of every outcome, of uploads and of outside text is plain data that the schema names whole", () => {
    const runs: readonly SecureResult[] = [
      exampleRun,
      hostileRun,
      {
        outcome: "error",
        images: [secured("a:1", exampleReport, { outcome: "error", error: new TypeError("broken") })],
      },
      { outcome: "pass", images: [] },
    ];
    for (const run of runs) {
      const report = describeRun(run);
      expect(structuredClone(report)).toEqual(report);
      const document: unknown = JSON.parse(JSON.stringify({ schema: "urn:sc:secure:1", sc: "0.1.0", ...report }));
      expect(faultsOfRun(document)).toBeUndefined();
    }
  });

  test("a document without an outcome, with a member the schema does not name, or that failed without saying why, is none", () => {
    const good = { schema: "urn:sc:secure:1", sc: "0.1.0", ...describeRun(exampleRun) };
    const plain: Record<string, unknown> = JSON.parse(JSON.stringify(good));
    expect(faultsOfRun(plain)).toBeUndefined();
    const { outcome: _, ...without } = plain;
    const wrong = [
      without,
      { ...plain, extra: 1 },
      { ...plain, outcome: "error" },
      { ...plain, images: [{ image: 1 }] },
    ];
    for (const one of wrong) expect(faultsOfRun(one)).toMatch(/./);
  });
});
