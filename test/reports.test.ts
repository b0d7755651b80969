import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@sc/model";
import { reports, resolveScanners, type ScanReport } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { emptyReport, exampleReport, finding, hostileReport, hostileText, manyReport } from "./report-samples.ts";
import { ownSchemaCheck } from "./own-schema.ts";
import { schemaCheck } from "./schema.ts";

const schemas = dataFolder("schemas");
const samples = dataFolder("reports");

function render(id: string, report: ScanReport, options = {}): string {
  const format = reports.find((known) => known.id === id);
  if (format === undefined) throw new Error(`there is no report ${id}`);
  return format.render(report, options);
}

function parse(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return Object.fromEntries(Object.entries(value));
}

/** The text of a value somewhere inside a parsed document. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return new Map<string, unknown>(Object.entries(inner)).get(String(step));
  }, value);
}

const all = [emptyReport, exampleReport, hostileReport, manyReport(3000)];

describe("every report", () => {
  test("is the same text for the same scan, also for what no one would expect in an image (SCAN-6)", () => {
    expect(reports).toHaveLength(15);
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
  for (const report of all.concat({
    ...exampleReport,
    findings: exampleReport.findings.map((one): Finding => Object.assign({}, one, { foundBy: ["osv", "grype"] })),
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

describe("what a report cannot say", () => {
  const ecosystem = { packages: 14, advisories: 100 };
  const limited: ScanReport = {
    ...emptyReport,
    endOfLife: { release: "Alpine 3.19", on: "2025-11-01", source: "https://alpinelinux.org/releases/" },
    coverage: {
      ...emptyReport.coverage,
      ecosystems: [
        { ...ecosystem, ecosystem: "Alpine:v3.19", tells: "fixed-only" },
        { ...ecosystem, ecosystem: "npm", tells: "unfixed-too" },
      ],
    },
  };

  test.each(["table", "html"])("%s: of which ecosystems only what is mended is told (SCAN-4)", (id) => {
    const text = render(id, limited).replaceAll(/\s+/g, " ");
    expect(text).toContain("advisories of Alpine:v3.19 tell only of what an update mends");
    expect(text).not.toContain("advisories of npm");
    const { coverage } = limited;
    const told = { ...coverage, ecosystems: coverage.ecosystems.slice(1) };
    expect(render(id, { ...limited, coverage: told })).not.toContain("tell only of");
  });

  test("json: the same for machines (SCAN-4)", () => {
    expect(at(parse(render("json", limited)), "coverage", "ecosystems", 0, "tells")).toBe("fixed-only");
  });

  test.each(["table", "html", "markdown", "github", "gitlab", "sarif", "json"])(
    "%s: that the distribution is no longer maintained (SCAN-4)",
    (id) => {
      const text = render(id, limited).replaceAll(/\s+/g, " ").replaceAll("\\", "");
      expect(text).toContain("Alpine 3.19");
      expect(text).toContain("2025-11-01");
      expect(render(id, emptyReport)).not.toContain("Alpine 3.19");
    },
  );

  test.each(["table", "html", "markdown", "github", "junit"])(
    "%s: that nothing was compared, which is not that nothing was found (SCAN-6)",
    (id) => {
      const gaps = [
        { reason: "no-advisories", type: "deb", ecosystem: "Debian:12", packages: 214, examples: [] },
      ] as const;
      const blind = { ...emptyReport, coverage: { ...emptyReport.coverage, compared: 0, uncompared: 214, gaps } };
      const text = render(id, blind).toLowerCase();
      expect(text).toMatch(/nothing was compared|0 packages compared/);
      expect(text).not.toContain("no known vulnerabilities");
      const ecosystems = [{ ...ecosystem, ecosystem: "npm", tells: "unfixed-too" }] as const;
      const clean = { ...emptyReport, coverage: { ...emptyReport.coverage, ecosystems } };
      expect(render(id, clean).toLowerCase()).not.toMatch(/nothing was compared/);
    },
  );

  test("VEX states not affected only of what is known not to be, and not of all that is set aside (SCAN-5)", () => {
    const findings = ["kernel-headers", "bundled-by-npm"].map((source, index) =>
      finding({ name: source, id: `CVE-2026-${index}`, suppressed: { by: "matcher", reason: "because", source } }),
    );
    const report = { ...emptyReport, findings };
    const statements = parse(render("openvex", report));
    expect([at(statements, "statements", 0, "status"), at(statements, "statements", 1, "status")]).toEqual([
      "not_affected",
      "under_investigation",
    ]);
    const bom = parse(render("cyclonedx-vex", report));
    const states = [0, 1].map((index) => at(bom, "vulnerabilities", index, "analysis", "state"));
    expect(states).toEqual(["false_positive", "in_triage"]);
  });
});

describe("a comment on what a change brought", () => {
  const known = { by: "baseline", reason: "it was there before", source: "main.json" } as const;
  const report: ScanReport = {
    ...emptyReport,
    findings: [
      finding({ name: "old", id: "CVE-2026-1", severity: "high", suppressed: known }),
      finding({ name: "new", id: "CVE-2026-2", severity: "high", fixedIn: ["2"] }),
      finding({ name: "same", id: "CVE-2026-3", severity: "low", suppressed: known }),
    ],
    comparisons: [{ source: "main|x.json", before: { critical: 1, high: 1, low: 1 }, added: 1, gone: 1 }],
  };

  test("shows both in one table, the higher number in bold, and lists only what is new (SCAN-6)", () => {
    const lines = render("markdown", report).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        String.raw`| | \`main\|x.json\` | this image |`.replaceAll("\\`", "`"),
        "|---|---|---|",
        "| critical / high / medium / low | 1 / 1 / 0 / 1 | 0 / **2** / 0 / 1 |",
        "| new · gone | | 1 · 1 |",
      ]),
    );
    const text = lines.join("\n");
    expect(text).toContain("**1 new vulnerability** in");
    expect(text).toContain("CVE-2026-2");
    expect(text).not.toMatch(/CVE-2026-[13]/);
  });

  test("is the plain table where nothing is compared (SCAN-6)", () => {
    const text = render("markdown", emptyReport);
    expect(text).toContain("| | this image |\n|---|---|\n");
    expect(text).not.toContain("new ·");
  });
});
