import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfigSchemas } from "@sc/pipeline";
import { formatConfigReference, formatCoverageReference, formatErrorReference } from "./docs-references.ts";

describe("the references are what the program itself reads", () => {
  test("errors.md", async () => {
    await expect(formatErrorReference()).toMatchFileSnapshot("../docs/errors.md");
  });

  test("configuration-fields.md", async () => {
    const { file } = await loadConfigSchemas();
    await expect(formatConfigReference(file)).toMatchFileSnapshot("../docs/configuration-fields.md");
  });

  test("coverage.md", async () => {
    const text = formatCoverageReference(join(import.meta.dirname, "../vectors/catalogers"));
    await expect(text).toMatchFileSnapshot("../docs/coverage.md");
  });
});
