import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { beforeAll, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-reports-"));
const database = join(directory, "db");
const manifest = (name: string, version: string): { path: string; content: string } => ({
  path: `app/node_modules/${name}/package.json`,
  content: JSON.stringify({ name, version }),
});
const packageAt = (path: string, name: string, version: string): { path: string; content: string } => ({
  path: `${path}/package.json`,
  content: JSON.stringify({ name, version }),
});
const file = (name: string): string => join(directory, name);
const base = buildImage({ layers: [buildLayer([manifest("minimist", "1.2.5")])] });
const built = buildImage({ layers: [buildLayer([manifest("minimist", "1.2.5"), manifest("lodash", "4.17.15")])] });

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, { variables: { HOME: directory, LANG: "C.UTF-8" } });
}

function counted(ran: Ran): readonly unknown[] {
  const findings: unknown = documentOf(ran)["findings"];
  return (Array.isArray(findings) ? findings : []).flatMap((finding: { id: string; suppressed?: object }) =>
    finding.suppressed === undefined ? [finding.id] : [],
  );
}

beforeAll(async () => {
  const vectors = join(import.meta.dirname, "../vectors/advisories");
  await buildDatabase([vectors], { output: database, now: new Date("2026-11-20T00:00:00Z") });
});

test("several reports go to several files in one run, by --format and by the flags of their own (SCAN-6)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const scan = ["scan", "-i", reference, "--db", database];
  const more = ["--sarif-output", file("x.sarif"), "--comment-output", file("x.md"), "--html-output", file("x.html")];
  const ran = await sc(...scan, "--format", "table", "--format", `csv=${file("x.csv")}`, ...more);
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toContain("lodash");
  for (const name of ["x.sarif", "x.md", "x.html", "x.csv"]) {
    expect(readFileSync(file(name), "utf8"), name).toContain("CVE-2021-23337");
  }
  const twice = await sc(...scan, "--format", `json=${file("y")}`, "--html-output", file("y"));
  expect(twice.exitCode).toBe(3);
});

test("a VEX file takes findings out with its reason, and is said to be unsigned (SCAN-5)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const vex = file("vex.json");
  const statement = {
    vulnerability: { name: "CVE-2021-23337" },
    products: [{ "@id": "pkg:npm/lodash@4.17.15" }],
    status: "not_affected",
    justification: "vulnerable_code_not_in_execute_path",
  };
  const document = { "@context": "https://openvex.dev/ns/v0.2.0", author: "A", statements: [statement] };
  writeFileSync(vex, JSON.stringify({ ...document, timestamp: "2026-01-01T00:00:00Z" }));
  const scan = ["scan", "-i", reference, "--db", database, "--vex", vex];
  expect(counted(await sc(...scan, "--json"))).not.toContain("CVE-2021-23337");
  const ran = await sc(...scan, "--show-suppressed");
  expect(ran.stdout).toContain("SUPPRESSED");
  expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain("vulnerable_code_not_in_execute_path");
  expect(ran.stderr).toContain("without a checked signature");
  expect(ran.stderr).not.toContain("changes nothing");
  // As CSAF names most products: by name and version alone.
  const product = { name: "lodash 4.17.15", product_id: "P" };
  const vulnerabilities = [{ cve: "CVE-2021-23337", product_status: { known_not_affected: ["P"] } }];
  const product_tree = { full_product_names: [product] };
  writeFileSync(vex, JSON.stringify({ document: { csaf_version: "2.0" }, product_tree, vulnerabilities }));
  const unchanged = await sc(...scan, "--json");
  expect(counted(unchanged)).toContain("CVE-2021-23337");
  expect(unchanged.stderr.replaceAll(/\s+/g, " ")).toContain("so it changes nothing");
  writeFileSync(vex, "{}");
  expect((await sc(...scan)).exitCode).toBe(3);
});

test("only what is new counts, against an earlier report, a document or the base image (SCAN-5)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const earlier = pushImage(registry, "acme/base:1", base);
  const [report, document] = [join(directory, "old.json"), join(directory, "old.cdx.json")];
  await sc("scan", "-i", earlier, "--db", database, "--format", `json=${report}`);
  await sc("sbom", "generate", "-i", earlier, "-o", document);
  const scan = ["scan", "-i", reference, "--db", database, "--json"];
  const newer = join(directory, "new.json");
  await sc("scan", "-i", reference, "--db", database, "--format", `json=${newer}`);
  expect(counted(await sc(...scan))).toContain("CVE-2021-44906");
  for (const before of [
    ["--only-new", report],
    ["--only-new", document],
    ["--base-image", earlier],
  ]) {
    const ran = await sc(...scan, ...before);
    expect(counted(ran), before[0]).toEqual(["CVE-2020-28500", "CVE-2021-23337"]);
  }
  const compared = documentOf(await sc(...scan, "--only-new", report, "--base-image", earlier))["comparisons"];
  const counts = { added: 2, gone: 0, before: expect.objectContaining({ critical: 1, high: 0 }) };
  expect(compared).toMatchObject([
    { source: report, ...counts },
    { source: earlier, ...counts },
  ]);
  const mended = documentOf(await sc("scan", "-i", earlier, "--db", database, "--json", "--only-new", newer));
  expect(mended["comparisons"]).toMatchObject([{ added: 0, gone: 2 }]);
  const gated = await sc("scan", "-i", earlier, "--db", database, "--only-new", report, "--fail-on", "low");
  expect(gated.exitCode).toBe(0);
});

test("a distribution at its end is told, and fails the scan when that is asked for (SCAN-5)", async () => {
  await using registry = await startRegistry();
  const release = { path: "etc/os-release", content: "ID=alpine\nVERSION_ID=3.18.4\nPRETTY_NAME=Alpine\n" };
  const image = buildImage({ layers: [buildLayer([release, manifest("minimist", "1.2.8")])] });
  const scan = ["scan", "-i", pushImage(registry, "acme/old:1", image), "--db", database];
  const told = await sc(...scan);
  expect([told.exitCode, told.stdout.replaceAll(/\s+/g, " ")]).toEqual([
    0,
    expect.stringContaining("Alpine 3.18 has not been maintained since 2025-05-09"),
  ]);
  const failed = await sc(...scan, "--fail-on-eol");
  expect([failed.exitCode, failed.stdout]).toEqual([1, expect.stringContaining("policy --fail-on-eol")]);
});

test("what npm brings for itself is set aside, shown on request, and counted on request (SCAN-5)", async () => {
  await using registry = await startRegistry();
  const npm = "usr/local/lib/node_modules/npm";
  const layer = buildLayer([
    packageAt(npm, "npm", "10.8.2"),
    packageAt(`${npm}/node_modules/lodash`, "lodash", "4.17.15"),
  ]);
  const scan = ["scan", "-i", pushImage(registry, "acme/npm:1", buildImage({ layers: [layer] })), "--db", database];
  const ran = await sc(...scan, "--fail-on", "low", "--show-suppressed");
  expect([ran.exitCode, ran.stdout]).toEqual([0, expect.stringContaining("set aside (bundled-by-npm)")]);
  expect(ran.stdout.replaceAll(/\s+/g, " ")).toContain("it is bundled with npm in /usr/local/lib/node_modules/npm");
  expect(counted(await sc(...scan, "--json"))).toEqual([]);
  expect((await sc(...scan, "--fail-on", "low", "--all-matches")).exitCode).toBe(1);
});

test("one vulnerability is explained, and one that is not there ends in 1 (SCAN-4)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const scan = ["scan", "-i", reference, "--db", database, "--explain"];
  const ran = await sc(...scan, "ghsa-35jh-r3h4-6jhm");
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toMatch(/because .*lodash 4\.17\.15 is in/);
  expect(ran.stdout).toContain("app/node_modules/lodash/package.json");
  expect(Math.max(...ran.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect((await sc(...scan, "CVE-1999-1")).exitCode).toBe(1);
});

test("a list of severities narrows the report and says so, but no gate (SCAN-5)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const scan = ["scan", "-i", reference, "--db", database, "--json", "--fail-on", "medium"];
  const ran = await sc(...scan, "--severity", "HIGH");
  expect(counted(ran)).toEqual(["CVE-2021-23337"]);
  expect(ran.stderr).toContain("findings of other severities are not in the report");
  expect(ran.exitCode).toBe(1);
  expect((await sc(...scan, "--severity", "grave")).exitCode).toBe(3);
});

test("another scanner's name is accepted, and the output says who served it (SCAN-7)", async () => {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", built);
  const scan = ["scan", "-i", reference, "--db", database];
  for (const name of ["grype", "trivy"]) {
    const ran = await sc(...scan, "--tool", name, "--json");
    expect(documentOf(ran)).toMatchObject({
      scanner: { asked: name, servedBy: "sc" },
      scanners: [{ name, servedBy: "osv" }],
    });
    expect(ran.stderr).toContain("no other scanner is run");
    expect((await sc(...scan, "--tool", name)).stdout).toContain(`${name} is served by sc's own match (osv)`);
  }
  expect(documentOf(await sc(...scan, "--tool", "osv", "--json"))["scanner"]).toBeUndefined();
});

test("of all scanners each finding says who found it, and the output that they are one opinion (SCAN-7)", async () => {
  await using registry = await startRegistry();
  const scan = ["scan", "-i", pushImage(registry, "acme/api:1", built), "--db", database, "--tool", "all"];
  const document = documentOf(await sc(...scan, "--json"));
  expect(document).toMatchObject({ scanner: { asked: "all" }, scanners: [{ name: "osv" }, { name: "grype" }, {}] });
  const single = documentOf(await sc(...scan.slice(0, -2), "--json"));
  const { findings = [] } = document;
  expect(findings).toHaveLength(Array.isArray(single["findings"]) ? single["findings"].length : -1);
  expect(findings).toEqual(
    expect.arrayContaining([expect.objectContaining({ id: "CVE-2021-23337", foundBy: ["osv", "grype", "trivy"] })]),
  );
  expect((await sc(...scan)).stdout.replaceAll(/\s+/g, " ")).toContain("their agreement is one opinion");
});

test("what layers hide is scanned on request, also when the image alone was scanned before (SCAN-8)", async () => {
  await using registry = await startRegistry();
  const hidden = buildImage({
    layers: [buildLayer([manifest("lodash", "4.17.15")]), buildLayer([{ path: "app/node_modules/.wh.lodash" }])],
  });
  const scan = ["scan", "-i", pushImage(registry, "acme/hidden:1", hidden), "--db", database, "--json"];
  expect(counted(await sc(...scan))).toEqual([]);
  expect(counted(await sc(...scan, "--scope", "all-layers"))).toContain("CVE-2021-23337");
  expect(counted(await sc(...scan))).toEqual([]);
});
