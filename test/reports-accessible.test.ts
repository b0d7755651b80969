import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { renderRunPage } from "@sc/pipeline";
import { reports, type ScanReport } from "@sc/scan";
import { afterAll, describe, expect, test } from "vitest";
import { browse, chromium } from "./browser.ts";
import { exampleReport } from "./report-samples.ts";
import { exampleRun, hostileRun } from "./run-samples.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-accessible-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// axe-core is what the requirement names: the rules of WCAG that a program can check, contrast of both schemes among them.
const check = `axe.run({ resultTypes: ["violations", "incomplete", "passes"] }).then(({ violations, incomplete, passes }) => {
  const told = (list) => list.map(({ id, impact, nodes }) => [id, impact, nodes[0].html.slice(0, 200)]);
  const said = document.createElement("pre");
  said.id = "axe";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  said.textContent = encodeURIComponent(JSON.stringify({ dark, passes: passes.length, faults: told(violations), doubts: told(incomplete) }));
  document.body.append(said);
});`;

interface Accessibility {
  readonly dark: boolean;
  /** How many rules found something to check and nothing wrong. */
  readonly passes: number;
  readonly faults: readonly unknown[];
  /** What the rules could not decide. */
  readonly doubts: readonly unknown[];
}

/** What axe says of a page. The page's own policy would not let it run: it is taken out. */
function accessibilityOf(page: string, { dark = false, width = 1280 } = {}): Accessibility {
  const open = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
  const path = join(folder, "page.html");
  const script = `<script>${axe.source.replaceAll("</script", "<\\/script")}</script><script>${check}</script>`;
  writeFileSync(
    path,
    open.replace("</body>", () => `${script}</body>`),
  );
  const scheme = `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`;
  const dom = browse(
    pathToFileURL(path).href,
    scheme,
    `--window-size=${width},1200`,
    "--virtual-time-budget=20000",
    "--dump-dom",
  );
  const [, said = ""] = /<pre id="axe">([^<]*)<\/pre>/.exec(dom) ?? [];
  return JSON.parse(decodeURIComponent(said));
}

const scanPage = (report: ScanReport): string => reports.find(({ id }) => id === "html")?.render(report) ?? "";
const facts = { name: "shop/production", sc: "0.1.0" };

describe.skipIf(chromium === undefined)("the pages, by the rules of axe (SCAN-6)", () => {
  test.each([
    ["of a scan, dark", () => scanPage(exampleReport), { dark: true, hostile: false }],
    ["of a run, light", () => renderRunPage(exampleRun, facts), { dark: false, hostile: false }],
    [
      "of a run of images that were built to harm, light and narrow",
      () => renderRunPage(hostileRun, facts),
      { dark: false, width: 500, hostile: true },
    ],
  ])("%s: nothing is wrong", { timeout: 60_000 }, (_, page, how) => {
    const { dark, passes, faults, doubts } = accessibilityOf(page(), how);
    expect(dark).toBe(how.dark);
    expect(passes).toBeGreaterThan(15);
    expect(faults).toEqual([]);
    // Of texts of signs that no one can read axe cannot tell how well they are seen.
    if (!how.hostile) expect(doubts).toEqual([]);
  });

  test("would tell: a text that is too pale, and a field without a name", { timeout: 60_000 }, () => {
    const page = scanPage(exampleReport);
    const worse = page
      .replace("--dim: #545d6b", "--dim: #b0b6c0")
      .replace("<label>Search <input", "<label></label><p>Search <input");
    expect(worse).not.toBe(page);
    const ids = accessibilityOf(worse).faults.map((fault) => (Array.isArray(fault) ? fault[0] : fault));
    expect(ids).toContain("color-contrast");
  });
});
