import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanImage, createProject, criticalImage, type Project, vulnerable } from "./acceptance-project.ts";
import { DefectDojoServer } from "./defectdojo-server.ts";
import { documentOf } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;
let server: DefectDojoServer;

beforeAll(async () => {
  project = await createProject();
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});
beforeEach(async () => {
  registry = await startRegistry();
  server = await new DefectDojoServer().listen();
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const push = (...names: readonly string[]): readonly string[] =>
  names.map((name) => pushImage(registry, `acme/${name}:1`, name === "api" ? vulnerable : cleanImage(name)));

function config(more: string, scan = ""): string {
  const dojo = `{enabled: true, url: '${server.url}', apiKey: '\${secret:DOJO_KEY}', ${more}}`;
  return `security: {enabled: true, scan: {enabled: true${scan}}, reporting: {defectdojo: ${dojo}}}`;
}

const names = "engagementName: CI, productName: Shop, autoCreate: true";

describe("findings of a run in DefectDojo (SCAN-6, RUN-2)", () => {
  test("given DefectDojo answers 201, when a run is reported, then every image is a test of one engagement, told with its build, and the run says where", async () => {
    const [api = "", web = ""] = push("api", "web");
    const more = `${names}, testType: SARIF, environment: Canary, tags: [nightly, shop]`;
    const ran = await project.secure(config(more), [api, web], { ...project.github, DOJO_KEY: server.key });
    expect(ran.exitCode).toBe(0);
    expect([server.products.length, server.engagements.length]).toEqual([1, 1]);
    expect(server.tests).toMatchObject(
      ["api", "web"].map((name) => ({ title: `${registry.host}/acme/${name}`, scan_type: "SARIF" })),
    );
    expect(server.tests[0]?.uploads).toMatchObject([
      {
        fields: {
          build_id: ["7"],
          commit_hash: [project.github["GITHUB_SHA"]],
          branch_tag: ["main"],
          environment: ["Canary"],
          tags: ["nightly", "shop"],
          version: [expect.stringMatching(/^sha256:/)],
        },
        report: { runs: [{ results: expect.arrayContaining([expect.anything()]) }] },
      },
    ]);
    const { reporting } = documentOf(ran) as { reporting: unknown };
    const url = (index: number): string => `${server.url}/test/${server.tests[index]?.id}`;
    expect(reporting).toMatchObject({
      defectdojo: [
        { image: api, uploaded: { url: url(0) } },
        { image: web, uploaded: { url: url(1) } },
      ],
    });
    expect(ran.stdout + ran.stderr).not.toContain(server.key);
  });

  test("given an engagement by its number and a gate that fails, when the run is reported, then the findings are there and the answer stays no", async () => {
    const engagementId = server.addEngagement("release", server.addProduct("Shop", "Web"));
    const images = push("api");
    const asked = config(`engagementId: ${engagementId}`, ", failOn: high, required: true");
    for (const reimported of [false, true]) {
      const ran = await project.secure(asked, images, { DOJO_KEY: server.key });
      expect(ran.exitCode).toBe(1);
      expect(documentOf(ran)["reporting"]).toMatchObject({ defectdojo: [{ uploaded: { engagementId, reimported } }] });
    }
    expect(server.tests).toHaveLength(1);
  });

  test("given DefectDojo refuses, when a run is reported, then that is a warning in its report, the other images are still told, and the run passes", async () => {
    const [api = "", web = ""] = push("api", "web");
    server.faults.push({ status: 500, body: "down" }, { status: 500, body: "down" }, { status: 500, body: "down" });
    const ran = await project.secure(config(names), [api, web], { DOJO_KEY: server.key });
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain("findings not uploaded");
    expect(documentOf(ran)["reporting"]).toMatchObject({
      defectdojo: [
        { image: api, warning: { stage: "defectdojo", code: "REPORTING_REFUSED" } },
        { image: web, uploaded: { url: expect.stringContaining(server.url) } },
      ],
    });
  });

  test("given a wrong key, when a run is reported, then neither it nor any form of it is printed", async () => {
    const ran = await project.secure(config(names), push("api"), { DOJO_KEY: "wrong-key-5d1e" });
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)["reporting"]).toMatchObject({ defectdojo: [{ warning: { code: "REPORTING_REFUSED" } }] });
    expect(ran.stdout + ran.stderr).not.toContain("wrong-key");
  });

  test("given a secret that is not set, when a run is reported, then the server is not asked and the run says which", async () => {
    const ran = await project.secure(config(names), push("api"));
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain("DOJO_KEY");
    expect(server.requests).toEqual([]);
  });

  test("given no engagement, no key or a form that is none, when the configuration is read, then it is refused before an image is", async () => {
    const url = `enabled: true, url: '${server.url}'`;
    for (const [wrong, told] of [
      [`${url}, apiKey: '\${secret:K}'`, "engagement"],
      [`${url}, engagementId: 1`, "apiKey"],
      [`${url}, engagementId: 1, apiKey: '\${secret:K}', testType: Trivy`, "Trivy Scan"],
    ]) {
      const asked = `security: {enabled: true, scan: {enabled: true}, reporting: {defectdojo: {${wrong}}}}`;
      const ran = await project.secure(asked, push("api"), { K: server.key });
      expect(ran.exitCode).toBe(3);
      expect(ran.stderr).toContain(told);
    }
    expect(registry.requests.filter(({ method }) => method === "GET")).toEqual([]);
  });

  test("given reporting that is not enabled, when a run ends, then nobody is told", async () => {
    const asked = config(names).replace("defectdojo: {enabled: true", "defectdojo: {enabled: false");
    const ran = await project.secure(asked, push("api"), { DOJO_KEY: server.key });
    expect(ran.exitCode).toBe(0);
    expect(server.requests).toEqual([]);
  });

  test("given a stack, when it is released, then every image of it is told (RUN-5)", async () => {
    const [api = "", web = ""] = push("api", "web");
    const images = `images: ['${api}', '${web}']`;
    const stack = `schemaVersion: 1.0\nstacks: {production: {config: {${images}, ${config(names)}}}}`;
    project.write(".sc/stacks/shop/client.yaml", stack);
    const words = ["release", "create", "-s", "shop", "-e", "production", "--version", "1.0.0", "--yes", "--json"];
    const place = ["--project", project.directory, "--db", project.database];
    const ran = await project.sc([...words, ...place], { DOJO_KEY: server.key });
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)["reporting"]).toMatchObject({ defectdojo: [{ image: api }, { image: web }] });
    expect(server.tests).toHaveLength(2);
  });
});

function chain(more: string): string {
  return `security: {enabled: true, scan: {enabled: true, failOn: high}, sbom: {enabled: true}, signing: {enabled: true, privateKey: ${project.key}}${more}}`;
}

describe("a run told to people (SCAN-6, RUN-2)", () => {
  test("given prComment, when a run of two images ends, then its comment stands where it says, with both", async () => {
    const output = join(project.directory, "out/pr.md");
    const ran = await project.secure(
      chain(`, reporting: {prComment: {enabled: true, output: '${output}'}}`),
      push("api", "web"),
    );
    expect(ran.exitCode).toBe(1);
    const text = readFileSync(output, "utf8");
    expect(text).toMatch(
      /^## Security Scan Results: [\w.:/-]+\n<!-- sc:comment id=[\w.:/-]+ v=1 -->\n✗ \*\*1 of 2 images refused/,
    );
    expect(text).toContain("| – – – |");
    expect(text).toContain("| ✓ ✓ – |");
    expect(documentOf(ran)["reporting"]).toEqual({ files: [output] });
  });

  test("given a comment that cannot be written, when the run ends, then that is a warning and the answer is the run's", async () => {
    const file = project.write("file", "");
    const more = `, reporting: {prComment: {enabled: true, output: '${file}/comment.md'}}`;
    const ran = await project.secure(chain(more), push("web"));
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toContain("reporting.prComment");
  });

  test("given files for page and comment and a limit, when the run ends, then both are written and the comment keeps to it", async () => {
    const images = push("api", "web").flatMap((image) => ["--image", image]);
    const [page, comment] = [join(project.directory, "run.html"), join(project.directory, "comment.md")];
    const files = ["--html-output", page, "--comment-output", comment, "--comment-limit", "900"];
    const summary = project.write("summary.md", "");
    const ran = await project.sc(["secure", ...images, "--db", project.database, "--key", project.key, ...files], {
      ...project.github,
      GITHUB_STEP_SUMMARY: summary,
    });
    expect(ran.exitCode).toBe(0);
    expect(readFileSync(page, "utf8")).toContain("signature</td>");
    const text = readFileSync(comment, "utf8");
    expect(text.length).toBeLessThanOrEqual(900);
    expect(text).toContain("in the job's `run.html`");
    const whole = readFileSync(summary, "utf8");
    expect(whole).toMatch(/^## Security Scan Results: /);
    expect(whole.length).toBeGreaterThan(text.length);
  });

  test("given a stack, when it is released, then the comment is named by stack and environment, and the step's summary too (RUN-5)", async () => {
    const [web = ""] = push("web");
    const stack = `schemaVersion: 1.0\nstacks: {production: {config: {images: ['${web}'], ${chain("")}}}}`;
    project.write(".sc/stacks/shop/client.yaml", stack);
    const [comment, summary] = [join(project.directory, "release.md"), project.write("release-summary.md", "")];
    const words = ["release", "create", "-s", "shop", "-e", "production", "--version", "2.0.0", "--yes"];
    const place = ["--project", project.directory, "--db", project.database, "--comment-output", comment];
    const ran = await project.sc([...words, ...place], { GITHUB_STEP_SUMMARY: summary });
    expect(ran.exitCode).toBe(0);
    const heading = "## Security Scan Results: shop/production\n<!-- sc:comment id=shop/production v=1 -->\n✓ ";
    expect(readFileSync(comment, "utf8").slice(0, heading.length)).toBe(heading);
    expect(readFileSync(summary, "utf8").slice(0, heading.length)).toBe(heading);
  });

  test.each(["scan", "sign", "sbom"])(
    "given GitHub Actions, when sc stack %s ends, then the step's page shows every image under the name of stack and environment (RUN-5)",
    async (verb) => {
      const images = push("api", "web");
      const file = project.write(`summary-${verb}.md`, "");
      const security = `security: {scan: {failOn: critical}, signing: {privateKey: ${project.key}}}`;
      const listed = images.map((image) => `'${image}'`).join(", ");
      const stack = `schemaVersion: 1.0\n${security}\nstacks: {production: {config: {images: [${listed}]}}}\n`;
      project.write(".sc/stacks/steps/client.yaml", stack);
      const place = ["-s", "steps", "-e", "production", "--project", project.directory, "--db", project.database];
      const ran = await project.sc(["stack", verb, ...place], { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: file });
      expect(ran.exitCode).toBe(0);
      const text = readFileSync(file, "utf8");
      expect(text).toContain("Security Scan Results: steps/production");
      for (const image of images) expect(text).toContain(image);
    },
  );
});

describe("a run compared with an earlier one (SCAN-5, SCAN-6)", () => {
  const gate = "security: {enabled: true, scan: {enabled: true, required: true, failOn: high}}";

  test("given the report of an earlier run, when another build of its images is secured, then only what is new counts and the comment shows both", async () => {
    const [api = ""] = push("api");
    const first = await project.secure(gate, [api]);
    expect(first.exitCode).toBe(1);
    const earlier = project.write("main.json", first.stdout);
    const next = pushImage(registry, "acme/api:2", vulnerable);
    const comment = join(project.directory, "compared.md");
    const words = ["--only-new", earlier, "--comment-output", comment];
    const ran = await project.secure(gate, [next], {}, { words });
    expect(ran.exitCode).toBe(0);
    expect(documentOf(ran)).toMatchObject({ outcome: "pass", images: [{ verdict: { outcome: "pass" } }] });
    const text = readFileSync(comment, "utf8");
    expect(text).toContain("0 new findings compared with");
    expect(text).toMatch(/\| before \|/);
    const worse = pushImage(registry, "acme/api:3", criticalImage);
    const refused = await project.secure(gate, [worse], {}, { words: ["--only-new", earlier] });
    expect(refused.exitCode).toBe(1);
  });

  test("given an image that the earlier run did not scan, or a file that is no report, when it is compared, then all of its findings count, or the run is refused", async () => {
    const [api = "", web = ""] = push("api", "web");
    const earlier = project.write("web.json", (await project.secure(gate, [web])).stdout);
    expect((await project.secure(gate, [api], {}, { words: ["--only-new", earlier] })).exitCode).toBe(1);
    const none = project.write("none.json", '{"schema":"urn:sc:other:1","images":[]}');
    const ran = await project.secure(gate, [web], {}, { words: ["--only-new", none] });
    expect(ran.exitCode).toBe(4);
    expect(documentOf(ran)).toMatchObject({ error: { code: "DECODE_FAILED" } });
    expect((await project.secure(gate, [web], {}, { words: ["--only-new", "gone.json"] })).exitCode).toBe(3);
  });

  test("given two images of one repository in the earlier run, when a third build of it is secured, then neither stands for it", async () => {
    const builds = ["api:1", "api:2"].map((name) => pushImage(registry, `acme/${name}`, vulnerable));
    const earlier = project.write("two.json", (await project.secure(gate, builds)).stdout);
    const next = pushImage(registry, "acme/api:3", vulnerable);
    expect((await project.secure(gate, [next], {}, { words: ["--only-new", earlier] })).exitCode).toBe(1);
    expect((await project.secure(gate, builds, {}, { words: ["--only-new", earlier] })).exitCode).toBe(0);
  });
});
