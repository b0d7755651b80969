import type { Finding } from "@sc/model";
import { describe, expect, test } from "vitest";
import type { ScanReport } from "../report.ts";
import { columnsOf } from "../terminal-text.ts";
import { json } from "./json.ts";
import { table } from "./table.ts";

type FindingFacts = Partial<Omit<Finding, "package">> & { readonly name: string; readonly version?: string };

function finding({ name, version = "1.0", ...rest }: FindingFacts): Finding {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${version}` as const;
  const fixedIn = rest.fixedIn ?? [];
  return {
    id: "CVE-2024-1",
    aliases: [],
    package: { id: purl, type: "deb", name, version, purl, locations: [{ path: "var/lib/dpkg/status" }] },
    severity: "unknown",
    ratings: [],
    fixState: fixedIn.length > 0 ? "fixed" : "not-fixed",
    fixedIn,
    references: [],
    explanations: [
      {
        advisory: "X",
        ecosystem: "Debian:12",
        comparedName: name,
        comparedVersion: version,
        scheme: "dpkg",
        range: "",
      },
    ],
    ...rest,
  };
}

const digest = `sha256:9f2c1e84d0ab${"0".repeat(52)}` as const;

function reportOf(findings: readonly Finding[], rest: Partial<ScanReport> = {}): ScanReport {
  return {
    sc: "0.1.0",
    subject: {
      type: "image",
      name: "ghcr.io/acme/api:1.4.2",
      digest,
      platform: { os: "linux", architecture: "amd64" },
    },
    distribution: {
      kind: "distribution",
      id: "debian",
      idLike: [],
      versionId: "12",
      prettyName: "Debian 12 (bookworm)",
      fields: {},
      path: "etc/os-release",
    },
    packages: { deb: 141, npm: 73 },
    layers: 6,
    findings,
    coverage: { compared: 214, uncompared: 0, ecosystems: [], gaps: [], undecided: 0 },
    database: { schema: 1, digest, built: "2026-11-20T04:10:00Z", ecosystems: [] },
    problems: [],
    incomplete: false,
    ...rest,
  };
}

const few = [
  finding({ name: "lodash", version: "4.17.15", id: "CVE-2020-28500", severity: "medium", fixedIn: ["4.17.21"] }),
  finding({ name: "zlib1g", version: "1:1.2.13.dfsg-1", id: "CVE-2023-45853", severity: "high", fixState: "wont-fix" }),
  finding({ name: "lodash", version: "4.17.15", id: "CVE-2021-23337", severity: "high", fixedIn: ["4.17.21"] }),
  finding({ name: "libssl3", version: "3.0.14-1~deb12u2", id: "CVE-2024-9143", severity: "low", fixedIn: ["3.0.9"] }),
  finding({
    name: "libssl3",
    version: "3.0.14-1~deb12u2",
    id: "CVE-2024-5535",
    severity: "critical",
    fixedIn: ["3.0.15-1~deb12u1"],
    knownExploited: true,
  }),
];

describe("the table", () => {
  test("has a row for each upgrade, known exploited and gravest first, naming the version that mends all (SCAN-6)", () => {
    expect(table.render(reportOf(few)))
      .toBe(`ghcr.io/acme/api:1.4.2 @sha256:9f2c1e84d0ab  linux/amd64  Debian 12 (bookworm)
214 packages in 6 layers · advisories of 20 Nov 2026 04:10 UTC

SEV   PACKAGE  INSTALLED         FIXED IN          VULNERABILITIES
CRIT  libssl3  3.0.14-1~deb12u2  3.0.15-1~deb12u1  CVE-2024-5535 KEV +1
HIGH  lodash   4.17.15           4.17.21           CVE-2021-23337 +1
HIGH  zlib1g   1:1.2.13.dfsg-1   (will not fix)    CVE-2023-45853

5 vulnerabilities in 3 packages: 1 critical, 2 high, 1 medium, 1 low
4 fixable
! no gate set: 5 vulnerabilities, not judged
`);
  });

  test("has rows for the twenty most urgent upgrades of hundreds, counts the rest, and fits on a screen (SCAN-6)", () => {
    const hundreds = Array.from({ length: 400 }, (_, index) =>
      finding({
        name: `package${index}`,
        id: `CVE-2024-${1000 + index}`,
        severity: (["critical", "high", "medium", "low"] as const)[index % 4] ?? "low",
        fixedIn: index % 3 === 0 ? [] : ["2.0"],
      }),
    );
    const lines = table.render(reportOf(hundreds)).split("\n");
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.includes("CVE-2024-"))).toHaveLength(20);
    expect(lines).toContain("CRIT  80 more packages, 80 vulnerabilities, 46 fixable");
    expect(lines).toContain("HIGH  100 packages, 100 vulnerabilities, 67 fixable");
    expect(lines.join("\n")).toContain(
      "400 vulnerabilities in 400 packages: 100 critical, 100 high, 100 medium, 100 low",
    );
    expect(table.render(reportOf(hundreds), { all: true }).match(/CVE-2024-/g)).toHaveLength(400);
  });

  test("folds what is below high when there are more than twenty, and unfolds it on request (SCAN-6)", () => {
    const low = Array.from({ length: 20 }, (_, index) =>
      finding({ name: `lib${index % 10}`, id: `CVE-2024-${100 + index}`, severity: "low" }),
    );
    const folded = table.render(reportOf([...few, ...low]));
    expect(folded).toContain("HIGH  lodash   4.17.15           4.17.21           CVE-2021-23337\n");
    expect(folded).toContain("\nMED   1 package, 1 vulnerability, 1 fixable\n");
    expect(folded).toContain("\nLOW   11 packages, 21 vulnerabilities, 1 fixable\n");
    expect(folded).not.toContain("CVE-2024-100");
    const all = table.render(reportOf([...few, ...low]), { all: true });
    for (const { id } of [...few, ...low]) expect(all).toContain(id);
    expect(table.render(reportOf(few.slice(0, 1)))).toContain("MED   lodash");
  });

  test("is never wider than the terminal and never cuts an id or a fix, whatever the image calls its packages (SCAN-6)", () => {
    const nasty = [
      finding({
        name: `@scope/${"very-".repeat(30)}long`,
        id: "GHSA-aaaa-bbbb-cccc",
        severity: "high",
        fixedIn: ["1"],
      }),
      finding({
        name: "包".repeat(60),
        version: `1.${"2".repeat(90)}`,
        severity: "high",
        fixedIn: [`9.${"8".repeat(120)}`],
      }),
      finding({ name: "x", id: `x_PRIVATE-${"9".repeat(100)}`, severity: "high" }),
      finding({
        name: "e\u0301".repeat(50),
        severity: "critical",
        fixedIn: ["2.0.0-very-long-version+build.20261120"],
      }),
    ];
    const base = reportOf(nasty);
    const subject = { ...base.subject, name: `registry.example.com/${"team/".repeat(30)}app:1` };
    for (const width of [40, 60, 80, 100, 200]) {
      const text = table.render({ ...base, subject }, { width });
      const widest = Math.max(...text.split("\n").map(columnsOf));
      expect(widest, `${width}`).toBeLessThanOrEqual(width);
      const joined = text.replaceAll(/\s/g, "");
      for (const { id, fixedIn } of nasty) for (const whole of [id, ...fixedIn]) expect(joined).toContain(whole);
      expect(joined).toContain(subject.name);
      expect(joined).toContain("@sha256:9f2c1e84d0ab");
    }
  });

  test("shows nothing that controls a terminal or commands a build server", () => {
    const hostile = "\u001b[2Jx\r\n::set-output name=a::b\u202e\u009b";
    const gap = { reason: "no-advisories", type: hostile, ecosystem: hostile, packages: 2, examples: [] } as const;
    const base = reportOf([
      finding({ name: hostile, version: hostile, id: hostile, fixedIn: [hostile], severity: "high" }),
    ]);
    const text = table.render({
      ...base,
      subject: { type: "document", name: `::error::${hostile}` },
      distribution: { kind: "distribution", id: hostile, idLike: [], prettyName: hostile, fields: {}, path: "x" },
      coverage: { ...base.coverage, gaps: [gap] },
      policy: hostile,
      verdict: {
        outcome: "violation",
        violations: [{ rule: "x", message: hostile }],
        warnings: [{ rule: "x", message: hostile }],
      },
    });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split("\n").filter((line) => /^(?:::|##)/.test(line))).toEqual([]);
  });

  test("says as of when nothing is known, and tells it from nothing compared (SCAN-6)", () => {
    const clean = reportOf([], { packages: { deb: 14 } });
    const { coverage } = clean;
    expect(table.render({ ...clean, coverage: { ...coverage, compared: 14 } })).toContain(
      "\nno known vulnerabilities in 14 packages (advisories of 20 Nov 2026 04:10 UTC)\n",
    );
    const none = { ...coverage, compared: 0 };
    expect(table.render({ ...clean, packages: {}, coverage: none })).toContain(
      "\n! 0 packages found: nothing was compared\n",
    );
    const gap = { reason: "unknown-distribution", type: "deb", packages: 14, examples: [] } as const;
    const text = table.render({ ...clean, coverage: { ...none, uncompared: 14, gaps: [gap] } });
    expect(text).toContain("\n! nothing was compared: no advisories for any of 14 packages\n");
    expect(text).toContain("\n! 14 deb packages not compared: the image does not say which distribution it is\n");
    expect(text).not.toContain("✓");
  });

  test("has the verdict in its last line, whatever there is to say besides (SCAN-6)", () => {
    const gap = { reason: "no-advisories", type: "npm", packages: 2, examples: [] } as const;
    const doubtful = { compared: 214, uncompared: 2, ecosystems: [], gaps: [gap], undecided: 1 };
    const blind = { ...doubtful, compared: 0 };
    const warnings = [{ rule: "severity", message: "2 findings at or above high" }];
    const passed = { policy: "--fail-on critical", verdict: { outcome: "pass", violations: [], warnings } } as const;
    const violations = [{ rule: "severity", message: "1 finding at or above critical" }];
    const violated = { ...passed, verdict: { outcome: "violation", violations, warnings } } as const;
    const cases: readonly (readonly [string, readonly Finding[], Partial<ScanReport>])[] = [
      ["! no gate set: 5 vulnerabilities, not judged", few, {}],
      ["! no gate set: 1 vulnerability, not judged", few.slice(0, 1), { verdict: { ...passed.verdict, warnings: [] } }],
      ["✓ no gate set: no known vulnerabilities", [], {}],
      ["! no gate set: nothing was compared", [], { coverage: blind }],
      ["! no gate set: nothing was compared", [], { coverage: blind, packages: {} }],
      ["✓ policy --fail-on critical: passed with 5 vulnerabilities", few, passed],
      ["✓ policy --fail-on critical: passed with no known vulnerabilities", [], passed],
      ["! policy --fail-on critical: not violated, but nothing was compared", [], { ...passed, coverage: blind }],
      ["✗ policy --fail-on critical: 1 finding at or above critical", few, violated],
    ];
    for (const [last, findings, rest] of cases) {
      const lines = table.render(reportOf(findings, { coverage: doubtful, incomplete: true, ...rest })).split("\n");
      expect([lines.at(-2), lines.at(-1)]).toEqual([last, ""]);
      expect(lines.filter((line) => /^[✓✗]/.test(line))).toEqual(last.startsWith("!") ? [] : [last]);
    }
  });

  test("names what is suppressed for one reason in one package together, and on request every id (SCAN-5)", () => {
    const findings = Array.from({ length: 1500 }, (_, index) =>
      finding({
        name: index === 0 ? "curl" : "linux-libc-dev",
        id: `CVE-2024-${1000 + index}`,
        suppressed: { by: "matcher", reason: "headers", source: "kernel-headers" },
      }),
    );
    const folded = table.render(reportOf(findings), { suppressed: true });
    expect(folded).toContain("CVE-2024-1000 in curl 1.0: headers (matcher, kernel-headers)\n");
    expect(folded).toContain("+1,487 in linux-libc-dev 1.0: headers");
    expect(folded.split("\n").length).toBeLessThan(20);
    const whole = table.render(reportOf(findings), { suppressed: true, all: true });
    const words = new Set(whole.split(/\s+/));
    for (const { id } of findings) expect(words.has(id), id).toBe(true);
  });

  test("ends with what is suppressed and what the policy says (SCAN-6)", () => {
    const waived = few.map((one, index) =>
      index === 0 ? { ...one, suppressed: { by: "ignore", reason: "x", source: ".sc/ignore.yaml" } as const } : one,
    );
    const violations = [{ rule: "severity", message: "3 findings at or above high" }];
    const policy = "--fail-on high";
    const text = table.render(
      reportOf(waived, { policy, verdict: { outcome: "violation", violations, warnings: [] } }),
    );
    expect(text).toContain("\n3 fixable · 1 accepted (.sc/ignore.yaml)\n");
    expect(text.endsWith("\n✗ policy --fail-on high: 3 findings at or above high\n")).toBe(true);
    const passed = reportOf([], { policy, verdict: { outcome: "pass", violations: [], warnings: [] } });
    expect(
      table
        .render(passed, { ascii: true })
        .endsWith("\nok policy --fail-on high: passed with no known vulnerabilities\n"),
    ).toBe(true);
    expect(table.render(passed, { ascii: true })).toMatch(/^[\n -~]*$/);
  });

  test("gives colours only to whole cells and lines, so that without them it is the same text", () => {
    const report = reportOf(few);
    const styled = table.render(report, { style: (style, text) => `<${style}>${text}</>` });
    expect(styled).toContain("<critical>CRIT</>  libssl3");
    expect(styled.replaceAll(/<\/?\w*>/g, "")).toBe(table.render(report));
  });
});

describe("the JSON report", () => {
  test("begins with schema, program and outcome, and holds every finding (SCAN-6)", () => {
    const verdict = { outcome: "violation", violations: [{ rule: "severity", message: "x" }], warnings: [] } as const;
    const text = json.render(reportOf(few, { verdict }));
    const document: Record<string, unknown> = JSON.parse(text);
    expect(Object.keys(document).slice(0, 3)).toEqual(["schema", "sc", "outcome"]);
    expect(document).toMatchObject({
      schema: "urn:sc:scan-report:1",
      sc: "0.1.0",
      outcome: "violation",
      incomplete: false,
    });
    expect(document["findings"]).toEqual(few);
    expect(document["summary"]).toEqual({
      findings: { critical: 1, high: 2, medium: 1, low: 1, none: 0, unknown: 0 },
      fixable: 4,
      suppressed: 0,
    });
    expect(json.render(reportOf(few, { verdict }))).toBe(text);
  });
});
