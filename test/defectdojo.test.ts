import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createHttpClient } from "@sc/http";
import { hasCode } from "@sc/model";
import { type DefectDojoTarget, uploadToDefectDojo } from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { DefectDojoServer } from "./defectdojo-server.ts";
import { emptyReport, finding } from "./report-samples.ts";
import { runCli } from "./run-cli.ts";

const client = createHttpClient();
const report = { ...emptyReport, findings: [finding({ name: "openssl", id: "CVE-2024-5535", severity: "critical" })] };

afterAll(async () => {
  await client[Symbol.asyncDispose]();
});

async function upload(
  server: DefectDojoServer,
  more: Partial<DefectDojoTarget>,
): ReturnType<typeof uploadToDefectDojo> {
  return await uploadToDefectDojo(report, { url: server.url, apiKey: server.key, ...more }, { client });
}

const names = { productName: "Shop", engagementName: "CI" };

describe("findings in DefectDojo (SCAN-6)", () => {
  test("go into an engagement that is there, and the next upload brings the same test up to date", async () => {
    await using server = await new DefectDojoServer().listen();
    const engagementId = server.addEngagement("release", server.addProduct("Shop", "Web"));
    const first = await upload(server, { engagementId, tags: ["nightly", "api"], environment: "Production" });
    expect(first).toMatchObject({ engagementId, reimported: false, url: `${server.url}/test/${first.testId}` });
    const second = await upload(server, { engagementId });
    expect(second).toMatchObject({ testId: first.testId, reimported: true });
    const [stored, ...others] = server.tests;
    expect(others).toEqual([]);
    expect(stored).toMatchObject({ title: "ghcr.io/acme/api", scan_type: "Trivy Scan" });
    expect(stored?.uploads[0]).toMatchObject({
      path: "/api/v2/import-scan/",
      fields: { tags: ["nightly", "api"], environment: ["Production"], version: [report.subject.digest] },
      report: { Results: [{ Vulnerabilities: [{ VulnerabilityID: "CVE-2024-5535", Severity: "CRITICAL" }] }] },
    });
    expect(stored?.uploads[1]?.path).toBe("/api/v2/reimport-scan/");
  });

  test("make product, engagement and environment where that is allowed, once", async () => {
    await using server = await new DefectDojoServer().listen();
    const first = await upload(server, { ...names, autoCreate: true, environment: "Canary" });
    expect(server.products).toMatchObject([{ name: "Shop", type: "Research and Development" }]);
    expect(server.engagements).toMatchObject([{ name: "CI", id: first.engagementId }]);
    expect(server.environments).toContain("Canary");
    const second = await upload(server, { ...names, autoCreate: true });
    expect(second.testId).toBe(first.testId);
    expect([server.products.length, server.engagements.length, server.tests.length]).toEqual([1, 1, 1]);
  });

  test("go to a product of another type as it is, since a type that is not its own would be refused", async () => {
    await using server = await new DefectDojoServer().listen();
    server.addProduct("Shop", "Payment systems");
    await upload(server, { ...names, autoCreate: true });
    expect(server.products).toMatchObject([{ type: "Payment systems" }]);
    expect(server.engagements).toMatchObject([{ name: "CI" }]);
  });

  test("go by names, or a product's number, into what is there, and make nothing unasked", async () => {
    await using server = await new DefectDojoServer().listen();
    const productId = server.addProduct("Shop", "Web");
    server.addEngagement("CI", productId);
    const first = await upload(server, { productId, engagementName: "CI" });
    expect(await upload(server, names)).toMatchObject({ testId: first.testId });
    const missing = upload(server, { productName: "Shop", engagementName: "None" });
    await expect(missing).rejects.toSatisfy((error) => hasCode(error, "REPORTING_REFUSED"));
    await expect(missing).rejects.toThrow(/400.*unable to create non-existing engagement/);
    expect(server.engagements.length).toBe(1);
  });

  test.each([
    ["SARIF", "version"],
    ["Anchore Grype", "matches"],
    ["CycloneDX Scan", "bomFormat"],
    ["OSV Scan", "results"],
  ])("go as %s where that test type is asked for", async (testType, member) => {
    await using server = await new DefectDojoServer().listen();
    await upload(server, { ...names, autoCreate: true, testType });
    expect(server.tests[0]?.scan_type).toBe(testType);
    expect(server.tests[0]?.uploads[0]?.report).toHaveProperty(member);
  });

  test("the build that made the image is told", async () => {
    await using server = await new DefectDojoServer().listen();
    const build = { id: "4711", commit: "0123456789abcdef", ref: "refs/heads/main" };
    const target = { url: `${server.url}/api/v2/`, apiKey: server.key, ...names, autoCreate: true };
    await uploadToDefectDojo(report, target, { client, build });
    expect(server.tests[0]?.uploads[0]?.fields).toMatchObject({
      build_id: ["4711"],
      commit_hash: ["0123456789abcdef"],
      branch_tag: ["refs/heads/main"],
    });
  });
});

describe("what DefectDojo does not take", () => {
  test("a wrong key, an address that redirects, and one that is no DefectDojo are named, and the key is not", async () => {
    await using server = await new DefectDojoServer().listen();
    const wrong = upload(server, { ...names, apiKey: "not-the-key-5e6f", autoCreate: true });
    await expect(wrong).rejects.toThrow(/answered 401: .*Invalid token/);
    await expect(wrong).rejects.not.toThrow(/not-the-key-5e6f/);
    server.faults.push({ status: 302, body: "", headers: { location: "https://login.example/?next=secret" } });
    await expect(upload(server, { engagementId: 1 })).rejects.toThrow(/answered 302: go to https:\/\/login.example\//);
    server.faults.push({ status: 200, body: "<html>welcome</html>" });
    await expect(upload(server, { engagementId: 1 })).rejects.toThrow(/no JSON: is this the address of DefectDojo/);
  });

  test("an import is not repeated when the server fails, an update is", async () => {
    await using server = await new DefectDojoServer().listen();
    const engagementId = server.addEngagement("CI", server.addProduct("Shop", "Web"));
    const failing = { status: 503, body: "{}" };
    const imports = (path: string): number => server.requests.filter((one) => one === `POST /api/v2/${path}/`).length;
    const lookup = { status: 200, body: '{"results": []}' };
    server.faults.push(lookup, failing);
    await expect(upload(server, { engagementId })).rejects.toThrow(/answered 503/);
    expect(imports("import-scan")).toBe(1);
    await upload(server, { engagementId });
    const known = { status: 200, body: JSON.stringify({ results: [server.tests[0]] }) };
    server.faults.push(known, { ...failing, headers: { "retry-after": "0" } });
    expect((await upload(server, { engagementId })).reimported).toBe(true);
    expect(imports("reimport-scan")).toBe(2);
  });

  test.each([
    [{ url: "http://defectdojo.example.com" }, /is not https/],
    [{ url: "https://user:word@defectdojo.example.com" }, /carries a user/],
    [{ url: "defectdojo" }, /is no URL/],
    [{ testType: "Trivi Scan" }, /is none that sc can write/],
    [{ tags: ["two words"] }, /has a blank, comma or quote/],
    [{ productName: undefined }, /neither an engagement's id/],
    [{ apiKey: "" }, /key is empty/],
  ])("%j is refused before anything is sent", async (more, message) => {
    await using server = await new DefectDojoServer().listen();
    const refused = upload(server, { ...names, ...more });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toSatisfy((error) => hasCode(error, "REPORTING_INVALID"));
    expect(server.requests).toEqual([]);
  });
});

describe("sc image scan --upload-defectdojo", () => {
  const folder = mkdtempSync(join(tmpdir(), "sc-dojo-"));
  const sbom = join(folder, "api.cdx.json");
  const database = join(folder, "db");
  const scan = ["image", "scan", "--sbom", sbom, "--db", database, "--upload-defectdojo"];
  const document = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    components: [{ type: "library", name: "lodash", version: "4.17.15", purl: "pkg:npm/lodash@4.17.15" }],
  };

  test("uploads what was found, and the key stands in no output", async () => {
    writeFileSync(sbom, JSON.stringify(document));
    await buildDatabase([join(import.meta.dirname, "../vectors/advisories")], {
      output: database,
      now: new Date("2026-11-21"),
    });
    await using server = await new DefectDojoServer().listen();
    const variables = { SC_DEFECTDOJO_URL: server.url, DEFECTDOJO_API_KEY: server.key };
    const words = [
      "--defectdojo-product-name",
      "Shop",
      "--defectdojo-engagement-name",
      "CI",
      "--defectdojo-auto-create",
    ];
    const ran = await runCli([...scan, ...words, "--json", "--verbose"], { variables });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(server.tests[0]?.uploads.length).toBe(1);
    expect(ran.stderr).toContain(`${server.url}/test/`);
    expect(ran.stdout + ran.stderr).not.toContain(server.key);
    server.faults.push({ status: 403, body: JSON.stringify({ detail: `no import for ${server.key}` }) });
    const denied = await runCli([...scan, ...words, "--verbose"], { variables });
    expect(denied.exitCode).toBe(4);
    expect(denied.stderr).toContain("Check the API key");
    expect(denied.stdout + denied.stderr).not.toContain(server.key);
  });

  test("names the product by its number, the kind of report, the environment and tags", async () => {
    await using server = await new DefectDojoServer().listen();
    const productId = server.addProduct("Shop", "Web");
    const engagementId = server.addEngagement("CI", productId);
    const words = [
      `--defectdojo-url=${server.url}`,
      `--defectdojo-product-id=${productId}`,
      "--defectdojo-engagement-name=CI",
      "--defectdojo-test-type=SARIF",
      "--defectdojo-environment=Staging",
      "--defectdojo-tags=nightly",
      "--defectdojo-tags=api",
      "--defectdojo-auto-create",
    ];
    const ran = await runCli([...scan, ...words], { variables: { DEFECTDOJO_API_KEY: server.key } });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(server.products.length).toBe(1);
    expect(server.tests).toMatchObject([{ engagement: engagementId, scan_type: "SARIF" }]);
    expect(server.tests[0]?.uploads[0]).toMatchObject({
      fields: { environment: ["Staging"], tags: ["nightly", "api"] },
      report: { version: "2.1.0" },
    });
    const unknown = await runCli([...scan, ...words, "--defectdojo-test-type=Abacus"], {
      variables: { DEFECTDOJO_API_KEY: server.key },
    });
    expect(unknown.exitCode).toBe(3);
    expect(server.tests[0]?.uploads.length).toBe(1);
  });

  test("without an address or a key ends in 3, and with --offline sends nothing", async () => {
    expect((await runCli(scan)).stderr).toContain("--defectdojo-url is missing");
    await using server = await new DefectDojoServer().listen();
    const where = [`--defectdojo-url=${server.url}`, "--defectdojo-engagement-id=1"];
    const keyless = await runCli([...scan, ...where]);
    expect(keyless.exitCode).toBe(3);
    expect(keyless.stderr).toContain("--defectdojo-api-key is missing");
    const offline = await runCli([...scan, ...where, "--offline"], { variables: { DEFECTDOJO_API_KEY: server.key } });
    expect(offline.exitCode).toBe(4);
    expect(server.requests).toEqual([]);
  });
});
