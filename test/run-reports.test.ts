import { describeSecured, renderRunComment, renderRunPage, type SecureResult } from "@sc/pipeline";
import { describe, expect, test } from "vitest";
import { render } from "./rendered-report.ts";
import { emptyReport, exampleReport, manyReport } from "./report-samples.ts";
import { exampleRun, hostileRun, secured } from "./run-samples.ts";

const facts = { name: "shop/production", sc: "0.1.0", time: "2026-11-21T06:22:00Z" };

function many(count: number, images = 3): SecureResult {
  const report = manyReport(Math.floor(count / images));
  return {
    outcome: "pass",
    images: Array.from({ length: images }, (_, index) => secured(`ghcr.io/acme/app${index}:1`, report)),
  };
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

test("the line of an image says one as one and several as several", () => {
  const findings = exampleReport.findings.filter(({ suppressed }) => suppressed === undefined).slice(0, 1);
  const warning = { stage: "attach", code: "ATTACH_REFUSED", message: "x" };
  const one = secured("a:1", { ...emptyReport, findings }, { packages: 1, warnings: [warning] });
  expect(describeSecured(one)).toContain(", 1 package, 1 vulnerability, ");
  expect(describeSecured(one)).toMatch(/, 1 warning$/);
  const two = { ...one, packages: 1204, warnings: [warning, warning] };
  expect(describeSecured(two)).toMatch(/, 1,204 packages, .*, 2 warnings$/);
});

test("findings that nobody rated are counted beside the others, in comments as on pages: zeros would read as nothing", () => {
  const found = exampleReport.findings.filter(({ suppressed }) => suppressed === undefined).slice(0, 2);
  const report = {
    ...emptyReport,
    findings: found.map((finding) => Object.assign({}, finding, { severity: "unknown" as const })),
  };
  const run = { outcome: "pass" as const, images: [secured("ghcr.io/acme/api:1", report)] };
  for (const text of [renderRunComment(run, facts), renderRunPage(run, facts), render("markdown", report)]) {
    expect(text).toContain("0 / 0 / 0 / 0 · 2 unknown");
  }
  expect(renderRunPage(exampleRun, facts)).not.toContain("0 unknown");
});

describe("the comment of a whole run (SCAN-6, RUN-2)", () => {
  test("begins with the heading by which it is found again, then the marker, the verdict, the images and what to do", () => {
    const text = renderRunComment(exampleRun, facts);
    const lines = text.split("\n");
    expect(lines.slice(0, 2)).toEqual([
      "## Security Scan Results: shop/production",
      "<!-- sc:comment id=shop/production v=1 -->",
    ]);
    expect(lines[2]).toBe(
      "✗ **1 of 4 images refused, 1 of 4 images could not be checked**; no earlier report to compare with, showing all; policy `failOn: high` fails.",
    );
    expect(text).toContain("| ✗ | `ghcr.io/acme/api:1.4.2` `sha256:999999999999` | 1 / 2 / 1 /");
    expect(text).toContain("| ✓ | `ghcr.io/acme/web:1.4.2` `sha256:999999999999` | 0 / 0 / 0 / 0 | 214 | ✓ ✓ ✓ |");
    expect(text).toContain("| ✗ | `ghcr.io/acme/gone:1.4.2` | not scanned | – | – – – |");
    expect(text).toContain("**To do** `libssl3` → `3.0.15-1~deb12u1`");
    expect(text).toMatch(/<sub>sc 0\\\.1\\\.0|<sub>sc 0\.1\.0/);
  });

  test("shows what was there before beside what is there now, where that is known", () => {
    const comparisons = [{ source: "main.json", before: { critical: 1, high: 1, medium: 4 }, added: 1, gone: 3 }];
    const run = {
      outcome: "pass" as const,
      images: [secured("ghcr.io/acme/api:1", { ...exampleReport, comparisons })],
    };
    const text = renderRunComment(run, facts);
    expect(text).toContain("1 new finding compared with `main.json`");
    expect(text).toContain("| 1 / 1 / 4 / 0 | 1 / **2** / 1 /");
  });

  test("leaves out rows of low, then of medium severity, then descriptions, then layers, then rows, and says so", () => {
    const run = many(300);
    const whole = renderRunComment(run, facts, { maxLength: 10_000_000 });
    const seen: string[] = [];
    for (let maxLength = whole.length; maxLength > 2_000; maxLength -= 500) {
      const text = renderRunComment(run, facts, { maxLength, wholeReport: "report.html" });
      expect(text.length).toBeLessThanOrEqual(maxLength);
      const told = [
        ...(text.includes("| LOW |") ? ["low"] : []),
        ...(text.includes("| MED |") ? ["medium"] : []),
        ...(text.includes("What the gravest are") ? ["descriptions"] : []),
        ...(text.includes("| Layer |") ? ["layers"] : []),
        ...(text.includes("| CRIT |") ? ["rows"] : []),
      ].join(" ");
      if (seen.at(-1) !== told) seen.push(told);
      const left = 300 - countOf(text, "| `lib");
      if (left > 0) expect(text).toContain(`… ${left} more in the job's \`report.html\`.`);
    }
    const order = [
      "low medium descriptions layers rows",
      "medium descriptions layers rows",
      "descriptions layers rows",
      "layers rows",
      "rows",
      "",
    ];
    expect(seen).toEqual(order.filter((step) => seen.includes(step)));
    expect(seen.length).toBeGreaterThan(3);
  });

  test("of 10,000 findings is never longer than its limit, and whatever is opened in it is closed", () => {
    const run = many(10_000);
    for (const maxLength of [undefined, 150_000, 32_768, 9_973, 2_000, 700, 300, 90, 1, 0]) {
      const text = renderRunComment(run, facts, { maxLength });
      expect(text.length).toBeLessThanOrEqual(maxLength ?? 60_000);
      expect(countOf(text, "<details>")).toBe(countOf(text, "</details>"));
      expect(countOf(text, "```")).toBe(0);
      expect(text === "" || text.endsWith("\n")).toBe(true);
      if (maxLength === undefined) expect(text).toContain("| CRIT |");
    }
  });

  test("of a thousand images lists as many as there is room for, and says how many there are", () => {
    const images = Array.from({ length: 1_000 }, (_, index) => secured(`ghcr.io/acme/app${index}:1`, exampleReport));
    const text = renderRunComment({ outcome: "pass", images }, facts, { maxLength: 20_000 });
    expect(text.length).toBeLessThanOrEqual(20_000);
    expect(text).toMatch(/… \d+ more images in the full report/);
    expect(text.length).toBeGreaterThan(15_000);
  });

  test("takes nothing of an image for mark-up, a mention, a link or an end of itself", () => {
    const text = renderRunComment(hostileRun, { ...facts, name: "evil --> <b>x</b> @everyone" });
    expect(text.split("\n")[0]).toBe("## Security Scan Results: evil-b-x-/b-everyone");
    const outside = text.replaceAll(/`[^`\n]*`/g, "");
    const tags = [...outside.matchAll(/<[^>\n]*>/g)].map(([tag]) => tag);
    expect(tags.filter((tag) => !/^<\/?(?:details|summary|sub)>$|^<!-- sc:comment /.test(tag))).toEqual([]);
    expect(outside).not.toMatch(/@\w|(?<!\\)#\d|\bjavascript:\w/i);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Cs}]/u);
  });

  test("is the same text for the same run", () => {
    expect(renderRunComment(many(500), facts)).toBe(renderRunComment(many(500), facts));
  });
});

describe("the page of a whole run (SCAN-6)", () => {
  test("lists the images, and of each its verdict, findings, packages and what is in the registry", () => {
    const page = renderRunPage(exampleRun, facts);
    expect(page).toContain("<h1>shop/production</h1>");
    for (const image of exampleRun.images) expect(page).toContain(`<h2>${image.image}</h2>`);
    expect(countOf(page, '<section id="image-')).toBe(4);
    expect(page).toContain("3 findings at or above high");
    expect(page).toContain("there is no such image");
    expect(page).toMatch(/<td>signature<\/td><td[^>]*>bundle/);
    expect(page).toContain("deb 141");
    expect(countOf(page, 'id="filter"')).toBe(1);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const data = /<script type="application\/json" id="sc-report">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    expect(JSON.parse(data)).toMatchObject({ outcome: "violation", images: [{ outcome: "violation" }, {}, {}, {}] });
  });

  test("holds no mark-up of an image, and names no address that a browser fetches by itself", () => {
    const page = renderRunPage(hostileRun, { ...facts, name: "<script>alert(1)</script>" });
    const scripts = [...page.matchAll(/<script/g)].length;
    expect(scripts).toBe(2);
    expect(page).not.toMatch(/<(?:img|iframe|link|object|embed|base|style [^>]*src)/i);
    expect(page).not.toMatch(/ on\w+="|href="javascript:/i);
  });

  test("stays below 5 MB and says what it left out", () => {
    const long = manyReport(4_000, "It is vulnerable. ".repeat(100));
    const run = { outcome: "pass" as const, images: [secured("a:1", long), secured("b:1", long)] };
    const page = renderRunPage(run, facts);
    expect(page).toContain("Shortened");
    expect(countOf(page, "<tr data-severity")).toBe(8_000);
  });
});
