import type { ScanReport } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { at, parse, render } from "./rendered-report.ts";
import { emptyReport, finding } from "./report-samples.ts";

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
