import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@sc/model";
import { reports, resolveScanners, uncomparedReasons } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { emptyReport, exampleReport, finding, hostileReport, hostileText, manyReport } from "./report-samples.ts";
import { at, parse, render } from "./rendered-report.ts";
import { ownSchemaCheck } from "./own-schema.ts";
import { schemaCheck } from "./schema.ts";

const schemas = dataFolder("schemas");
const samples = dataFolder("reports");

const all = [emptyReport, exampleReport, hostileReport, manyReport(500)];

describe("every report", () => {
  test("is the same text for the same scan, also for what no one would expect in an image (SCAN-6)", () => {
    expect(reports).toHaveLength(16);
    for (const { id } of reports) {
      for (const report of all) expect(render(id, report), id).toBe(render(id, report));
    }
  });

  test("holds no control character, whatever the image calls its packages (SCAN-6)", () => {
    for (const { id } of reports) {
      const text = render(id, hostileReport);
      expect(text.replaceAll("\r\n", "\n").replaceAll("\n", ""), id).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }
  });

  test("that is JSON is JSON, and names what was found", () => {
    for (const { id, mediaType } of reports.filter((format) => format.mediaType.includes("json"))) {
      expect(mediaType).toContain("json");
      for (const report of all) expect(() => parse(render(id, report)), id).not.toThrow();
      expect(render(id, exampleReport), id).toContain("CVE-2024-5535");
    }
  });
});

describe("SARIF", () => {
  test.skipIf(schemas === undefined)("is what its schema says (SCAN-6)", () => {
    const check = schemaCheck(join(schemas ?? "", "sarif"), ["sarif-2.1.0.schema.json"]);
    for (const report of all) {
      expect(check(parse(render("sarif", report))), JSON.stringify(check.errors)).toBe(true);
    }
  });

  test("keeps its fingerprints from one tag and package version to the next, and names each rule once (SCAN-6)", () => {
    const { subject } = exampleReport;
    const next = { ...exampleReport, subject: { ...subject, name: "ghcr.io/acme/api:2.0", tag: "2.0" } };
    const results = [exampleReport, next].map((report) => at(parse(render("sarif", report)), "runs", 0, "results"));
    const prints = results.map((list) =>
      (Array.isArray(list) ? list : []).map((one: unknown) => [at(one, "partialFingerprints"), at(one, "locations")]),
    );
    expect(prints[0]).toEqual(prints[1]);
    const rules = at(parse(render("sarif", exampleReport)), "runs", 0, "tool", "driver", "rules");
    const ids = (Array.isArray(rules) ? rules : []).map((rule: unknown) => at(rule, "id"));
    expect(new Set(ids).size).toBe(ids.length);
    expect(at(rules, 0, "properties", "security-severity")).toBe("9.8");
  });

  test("keeps what is suppressed with the reason, and places no result outside the image's name", () => {
    const results = at(parse(render("sarif", hostileReport)), "runs", 0, "results");
    const uris = (Array.isArray(results) ? results : []).map((one: unknown) =>
      String(at(one, "locations", 0, "physicalLocation", "artifactLocation", "uri")),
    );
    expect(uris.length).toBeGreaterThan(0);
    for (const uri of uris) expect(uri).toMatch(/^[\w%.~-]+(\/[\w%.~!*'()-]+)*$/);
    expect(uris.some((uri) => uri.includes(".."))).toBe(false);
    expect(render("sarif", exampleReport)).toContain('"justification": "the function is never called"');
  });
});

test("the JSON report is what its own schema says, and the schema names every member (SCAN-6)", () => {
  const check = ownSchemaCheck("scan/schema/scan-report-1.schema.json");
  const newest = "2026-11-20T00:00:00Z";
  const digest = `sha256:${"7".repeat(64)}` as const;
  const more: Partial<Finding> = { foundBy: ["osv", "grype"], malicious: true };
  for (const report of all.concat({
    ...exampleReport,
    findings: exampleReport.findings.map((one): Finding =>
      Object.assign({}, one, more, { package: { ...one.package, hiddenBy: 3 } }),
    ),
    coverage: {
      ...exampleReport.coverage,
      ecosystems: (["fixed-only", "unfixed-too"] as const).map((tells) => ({
        ecosystem: "Debian:12",
        packages: 1,
        advisories: 2,
        tells,
        newest,
        standsInFor: "13",
      })),
      gaps: uncomparedReasons.map((reason) => ({
        reason,
        type: "deb",
        ecosystem: "Debian:12",
        packages: 1,
        examples: ["a"],
      })),
    },
    database: {
      ...exampleReport.database,
      newest,
      exploitation: { epss: { scores: 1, date: "2026-11-20" }, kev: { entries: 1, date: "2026-11-20" } },
      ecosystems: [
        { ecosystem: "npm", advisories: 1, malicious: 1, packages: 1, releases: [], newest, digest, sizeBytes: 1 },
      ],
    },
    problems: [
      { kind: "problem", code: "A_B", message: "m", path: "p", layer: digest, cataloger: "npm", incomplete: true },
    ],
    scanners: resolveScanners(["osv", "grype"]),
    comparisons: [{ source: "main.json", before: { high: 1 }, added: 2, gone: 5 }],
    endOfLife: {
      release: "Debian 12",
      on: "2028-06-30",
      paidUntil: "2033-06-30",
      source: "https://wiki.debian.org/LTS",
    },
  })) {
    expect(check(parse(render("json", report))), JSON.stringify(check.errors)).toBe(true);
  }
  expect(check({ ...parse(render("json", exampleReport)), extra: 1 })).toBe(false);
});

describe("documents with a published schema", () => {
  test.skipIf(schemas === undefined)("CycloneDX with vulnerabilities is what its schema says (SCAN-6)", () => {
    const check = schemaCheck(join(schemas ?? "", "cyclonedx"), [
      "bom-1.6.schema.json",
      "spdx.schema.json",
      "jsf-0.82.schema.json",
    ]);
    for (const report of all) {
      expect(check(parse(render("cyclonedx-vex", report))), JSON.stringify(check.errors)).toBe(true);
    }
  });

  test.skipIf(schemas === undefined)(
    "OpenVEX is what its schema says, but for an image without findings (SCAN-6)",
    () => {
      const check = schemaCheck(join(schemas ?? "", "openvex"), ["openvex.schema.json"]);
      for (const report of [exampleReport, hostileReport]) {
        expect(check(parse(render("openvex", report))), JSON.stringify(check.errors)).toBe(true);
      }
      expect(at(parse(render("openvex", emptyReport)), "statements")).toEqual([]);
    },
  );
});

/** The paths of members of a document, array places as `[]`. */
function members(value: unknown, path = ""): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((one: unknown) => [...members(one, `${path}[]`)]));
  if (typeof value !== "object" || value === null) return new Set();
  const entries = Object.entries(value).map(([name, inner]) => ({ at: `${path}.${name}`, inner }));
  return new Set(entries.flatMap(({ at: place, inner }) => [place].concat([...members(inner, place)])));
}

/** The reports in a folder of samples that have this list with something in it, whatever they are called. */
function samplesWith(folder: string, list: readonly string[]): readonly unknown[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return names.toSorted().flatMap((name) => {
    // Some are there because they cannot be read.
    const report = attempt(() => parse(readFileSync(join(folder, name), "utf8")));
    const found = list.reduce<unknown>(
      (inner, step) => (Array.isArray(inner) ? inner.map((one) => at(one, step)).find(Array.isArray) : at(inner, step)),
      report,
    );
    return Array.isArray(found) && found.length > 0 ? [report] : [];
  });
}

function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The members that at least half of the documents have: what a reader of them may count on. */
function usualMembers(documents: readonly unknown[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const document of documents) {
    for (const member of members(document)) counts.set(member, (counts.get(member) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count * 2 >= documents.length).map(([member]) => member);
}

/** Our report, the folder of real ones, the list that those worth comparing have, and the members that are compared. */
const importable: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  [
    "trivy-json",
    "trivy",
    ["Results", "Vulnerabilities"],
    /^\.Results\[\](\.(Target|Class|Type)|\.Vulnerabilities\[\]\.\w+)$/,
  ],
  [
    "grype-json",
    "anchore_grype",
    ["matches"],
    /^\.matches\[\]\.(vulnerability|artifact|matchDetails)(\[\])?\.\w+$|^\.(source|distro|descriptor)\.\w+$/,
  ],
  ["osv-json", "osv_scanner", ["results"], /^\.results\[\]\.(source|packages)(\[\])?\.\w+$/],
];

describe.skipIf(samples === undefined)("reports of other tools", () => {
  for (const [id, folder, list, compared] of importable) {
    const path = join(samples ?? "", folder);
    const isThere = existsSync(path);
    if (!isThere) process.stderr.write(`${id}: there is no folder ${folder} of real reports to compare with\n`);
    test.skipIf(!isThere)(`${id} has the members that the real tool's reports usually have (SCAN-6)`, () => {
      const documents = samplesWith(path, list);
      expect(documents.length).toBeGreaterThan(0);
      const real = usualMembers(documents).filter((member) => compared.test(member));
      expect(real.length).toBeGreaterThan(3);
      const ours = members(parse(render(id, exampleReport)));
      // Facts that advisories in OSV's format do not carry, and settings of the other program.
      const known = new Set([".Results[].Vulnerabilities[].CweIDs", ".descriptor.configuration"]);
      expect(real.filter((member) => !ours.has(member) && !known.has(member))).toEqual([]);
    });
  }
});

describe("escaping for the target", () => {
  test("CSV has no cell that a spreadsheet would take for a formula", () => {
    const cells = render("csv", hostileReport).matchAll(/"((?:[^"]|"")*)"/g);
    const risky = [...cells].map((match) => match[1] ?? "").filter((cell) => /^\s*[=+\-@|%]/.test(cell));
    expect(risky).toEqual([]);
    expect(render("csv", hostileReport)).toContain(`"'=HYPERLINK(`);
    for (const line of render("csv", hostileReport).trimEnd().split("\r\n")) {
      expect(line.split('","')).toHaveLength(17);
    }
  });

  test("GitHub annotations are commands we wrote, one for each line, and no other", () => {
    const lines = render("github", hostileReport).trimEnd().split("\n");
    for (const line of lines) expect(line).toMatch(/^::(?:error|warning|notice) title=[^:,]*::[^\r]*$/);
    expect(render("github", manyReport(500)).split("\n").length).toBeLessThan(35);
  });

  test("JUnit is well-formed and has a case for a clean image, too", () => {
    expect(render("junit", emptyReport)).toContain('tests="2" failures="0"');
    const text = render("junit", hostileReport);
    const bare = text.replaceAll(/<\/?(?:testsuites?|testcase|failure|skipped|system-out)(?: \w+="[^"<>]*")*\/?>/g, "");
    expect(bare.replace(/^<\?xml[^>]*\?>/, "")).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/&(?!#\d+;)/);
  });

  test("Markdown mentions nobody, refers to no issue, and ends neither its table nor its section early", () => {
    const text = render("markdown", hostileReport);
    const prose = text.replaceAll("\\`", "").replaceAll(/`[^`\n]*`/g, "");
    const tags = [...prose.matchAll(/<\/?(\w+)/g)].map((match) => match[1]);
    expect(new Set(tags)).toEqual(new Set(["details", "summary", "sub"]));
    expect(prose).not.toMatch(/@\w|(?<!sc:comment id=\w*)#\d/);
    for (const [, url = ""] of prose.matchAll(/(?<!\\)\]\(([^)]*)/g))
      expect(url).toMatch(/^https:\/\/osv\.dev\/[\w%/.~-]+$/);
    const rows = text.split("\n").filter((line) => /^\| (?:CRIT|HIGH|MED|LOW|UNKN) /.test(line));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.replaceAll(String.raw`\|`, "").split("|")).toHaveLength(7);
  });

  test("Markdown stays below its limit with ten thousand findings, and closes what it opened (SCAN-6)", () => {
    for (const maxLength of [60_000, 32_000, 4000]) {
      const text = render("markdown", manyReport(10_000), { maxLength });
      expect(text.length).toBeLessThanOrEqual(maxLength);
      expect(text.split("<details>")).toHaveLength(text.split("</details>").length);
      expect(text).toMatch(/… \d+ more in the full report/);
      expect(text.split("\n")[0]).toBe("## Security Scan Results: ghcr.io/acme/api");
    }
  });

  test("HTML has no tag, attribute or address but our own", () => {
    const page = render("html", hostileReport);
    const body = page.slice(page.indexOf("<body>"), page.indexOf('<script type="application/json"'));
    expect(body).not.toMatch(/<(?:img|script|iframe|svg on|b>x)/);
    for (const [, name = ""] of body.matchAll(/<[a-z][^>]*?\s([a-z-]+)="/g)) expect(name).not.toMatch(/^on/);
    for (const [, url = ""] of body.matchAll(/href="([^"]*)"/g)) expect(url).toMatch(/^https?:\/\//);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(JSON.parse(/id="sc-report">(.*?)<\/script>/s.exec(page)?.[1] ?? "")).toEqual(
      parse(render("json", hostileReport)),
    );
    expect(page).not.toContain(hostileText);
  });

  test("HTML forbids itself every request, and allows exactly its own style and script (SCAN-6)", () => {
    const page = render("html", exampleReport);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    for (const [name, pattern] of [
      ["style", /<style>(.*?)<\/style>/s],
      ["script", /<script>(.*?)<\/script>/s],
    ] as const) {
      const text = pattern.exec(page)?.[1] ?? "";
      const hash = createHash("sha256").update(text).digest("base64");
      expect(policy).toContain(`${name}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(
      /\s(?:src|srcset|poster|background|action|style)=|<(?:link|img|iframe|object|embed)\b|url\(|@import/,
    );
    expect(page.match(/\son[a-z]+="/)).toBeNull();
  });

  test("HTML of thousands of findings stays below its bound and says what it left out (SCAN-6)", () => {
    const page = render("html", manyReport(8000, "x".repeat(1500)));
    expect(page.length).toBeLessThan(8_000_000);
    expect(page).toContain("Shortened:");
    expect(page.match(/<tr data-severity/g)).toHaveLength(8000);
    expect(render("html", exampleReport)).not.toContain("Shortened:");
  });
});

test("a finding that does not count is in no list of what to do, and kept with its reason where there is place", () => {
  const suppressed = { by: "vex", reason: "the code is not there", source: "vex.json" } as const;
  const report = { ...emptyReport, findings: [finding({ name: "quiet", id: "CVE-2024-1", suppressed })] };
  for (const id of ["github", "gitlab", "osv-json"]) expect(render(id, report)).not.toContain("CVE-2024-1");
  for (const id of [
    "html",
    "markdown",
    "sarif",
    "junit",
    "csv",
    "cyclonedx-vex",
    "openvex",
    "trivy-json",
    "grype-json",
  ]) {
    expect(render(id, report), id).toContain("the code is not there");
  }
  expect(at(parse(render("openvex", report)), "statements", 0, "status")).toBe("not_affected");
});
