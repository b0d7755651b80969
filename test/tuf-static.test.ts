import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient } from "@sc/http";
import { isScError } from "@sc/model";
import { refreshTrustRoot, type RefreshTrustRootOptions } from "@sc/sign";
import { startServer } from "@sc/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("sigstore/tuf-static");
const repositories = folder === undefined ? [] : readdirSync(folder).filter((name) => !name.endsWith(".md"));

afterEach(() => {
  vi.useRealTimers();
});

/** Refreshes from a copy of a mirror as it stood one day, on that day or some seconds later. */
async function outcomeOf(name: string, options: Partial<RefreshTrustRootOptions> = {}): Promise<string> {
  const at = join(folder ?? "", name);
  await using server = await startServer({
    faults: [],
    answer: ({ path }) => {
      // Metadata stands beside the targets on the mirror, and in a folder of its own here.
      const file = path.startsWith("/targets/") ? join(at, path) : join(at, "metadata", path);
      const found = !path.includes("..") && existsSync(file);
      return { status: found ? 200 : 404, headers: {}, ...(found ? { body: readFileSync(file) } : {}) };
    },
  });
  await using client = createHttpClient({ retry: { tries: 1 } });
  const cacheFolder = await mkdtemp(join(tmpdir(), "sc-static-"));
  try {
    const initialRoot = readFileSync(join(at, "initial_root.json"));
    const { trustRoot } = await refreshTrustRoot({
      client,
      cacheFolder,
      mirrorUrl: server.origin,
      initialRoot,
      ...options,
    });
    return trustRoot.description;
  } catch (error) {
    if (isScError(error)) return `${error.code} ${error.message}`;
    throw error;
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

function dayOf(name: string): Date {
  return new Date(
    readFileSync(join(folder ?? "", name, "faketime"), "utf8")
      .trim()
      .replace(" ", "T"),
  );
}

describe.skipIf(folder === undefined)("a real TUF repository, kept as it stood one day (SIGN-5)", () => {
  test("is there", () => {
    expect(repositories.length).toBeGreaterThan(0);
  });

  test.each(repositories)("%s gives its trust root on that day, through every root since the first", async (name) => {
    const now = dayOf(name);
    vi.useFakeTimers({ toFake: ["Date"], now });
    expect(await outcomeOf(name, { now })).toContain("127.0.0.1");
  });

  test.each(repositories)("%s gives nothing a year later: it has expired", async (name) => {
    const now = dayOf(name);
    const later = new Date(now.getTime() + 365 * 86_400_000);
    vi.useFakeTimers({ toFake: ["Date"], now });
    // By the clock that is given, though the machine's would let it pass; and by the machine's alone.
    expect(await outcomeOf(name, { now: later })).toMatch(/^TRUST_REFRESH_FAILED .*expired/);
    vi.setSystemTime(later);
    expect(await outcomeOf(name, { now })).toMatch(/^TRUST_REFRESH_FAILED/);
  });
});
