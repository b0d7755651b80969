import { createHash } from "node:crypto";
import { severities, type Severity } from "@sc/model";
import { cssString, escapeHtml, escapeScriptJson } from "./escape.ts";
import { pageScript } from "./html-script.ts";
import { pageStyle } from "./html-style.ts";

/** Above this a page is slow to send and to open; descriptions go first, and the page says so. */
const maxPageLength = 5_000_000;

/** What is described, from everything to nothing; the last holds no JSON of its own either. */
const ladder: readonly (readonly Severity[])[] = [severities, ["critical", "high", "medium"], ["critical", "high"], []];

/** What stands in a page; everything but the title is HTML. */
export interface PageParts {
  readonly title: string;
  /** What stands at the foot of every printed sheet: plain text, as the title is. */
  readonly foot: string;
  readonly verdict: string;
  readonly main: string;
}

/**
 * One page that holds everything it needs: it asks nobody for anything, and forbids itself to. `parts` is asked for less
 * and less until the page is small enough. `data` is the JSON that the page holds besides.
 */
export function renderPage(parts: (described: readonly Severity[]) => PageParts, data: () => object): string {
  let page = "";
  for (const described of ladder) {
    const whole = described.length > 0;
    page = renderWhole(parts(described), whole ? escapeScriptJson(JSON.stringify(data())) : "");
    if (page.length <= maxPageLength) break;
  }
  return page;
}

function renderWhole({ title, foot, verdict, main }: PageParts, data: string): string {
  const style = `${pageStyle}@page { @bottom-left { content: ${cssString(foot)}; } }\n`;
  const policy = [
    "default-src 'none'",
    `style-src '${hashSource(style)}'`,
    `script-src '${hashSource(pageScript)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${verdict}
<main>
${main}
</main>
${data === "" ? "" : `<script type="application/json" id="sc-report">${data}</script>`}
<script>${pageScript}</script>
</body>
</html>
`;
}

function hashSource(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
