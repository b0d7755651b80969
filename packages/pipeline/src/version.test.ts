import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { version } from "./version.ts";

test("what is kept between runs bears the version of the package that kept it (SCAN-8)", () => {
  const manifest: { readonly version?: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../package.json"), "utf8"),
  );
  expect(version).toBe(manifest.version);
});
