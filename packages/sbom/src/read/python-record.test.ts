import { expect, test } from "vitest";
import { limits } from "../limits.ts";
import { parseRecord } from "./python-record.ts";

test("a RECORD of more files than are kept says that it is cut (SBOM-2)", () => {
  const line = "a,,\n";
  expect(parseRecord(line.repeat(limits.maxProjectFiles), "site").truncated).toBe(false);
  const { files, truncated } = parseRecord(line.repeat(limits.maxProjectFiles + 1), "site");
  expect([files.length, truncated]).toEqual([limits.maxProjectFiles, true]);
});
