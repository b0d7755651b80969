import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabaseLock } from "./lock.ts";

test("whoever waits for another builder stops waiting when they are told to (SCAN-2)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sc-lock-"));
  const held = await openDatabaseLock(folder, {});
  try {
    const told = new AbortController();
    const waiting = openDatabaseLock(folder, { waitMilliseconds: 5000, signal: told.signal });
    told.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  } finally {
    held[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  }
});
