import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Chromium, where it is installed. */
export const chromium: string | undefined = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) =>
  existsSync(path),
);
if (chromium === undefined) process.stderr.write("chromium is not installed: the page is not looked at in a browser\n");

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens a page in a browser that nobody has used before, and gives what it writes. */
export function browse(url: string, ...more: readonly string[]): string {
  const profile = mkdtempSync(join(tmpdir(), "sc-browser-"));
  try {
    return execFileSync(chromium ?? "", [...flags, `--user-data-dir=${profile}`, ...more, url], {
      encoding: "utf8",
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
