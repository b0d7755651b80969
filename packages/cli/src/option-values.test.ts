import { describe, expect, test } from "vitest";
import type { OptionDefinition } from "./command.ts";
import { OptionValues } from "./option-values.ts";

function valuesOf(kind: OptionDefinition["kind"], ...values: readonly string[]): OptionValues {
  const definition: OptionDefinition = { name: "it", kind, summary: "an option" };
  return new OptionValues(new Map([["it", { definition, values, origin: "--it" }]]), []);
}

describe("option values", () => {
  test.each([
    ["500", 500],
    ["500B", 500],
    ["1kB", 1000],
    ["1.5MB", 1_500_000],
    ["2GiB", 2 * 2 ** 30],
    ["2G", 2e9],
  ])("%s is %d bytes", (text, bytes) => {
    expect(valuesOf("bytes", text).bytes("it")).toBe(bytes);
  });

  test.each(["", "MB", "-1", "1XB", "1e9", "0", "1 0"])("%j is no number of bytes", (text) => {
    expect(() => valuesOf("bytes", text).bytes("it")).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });

  test.each([
    ["90", 90_000],
    ["250ms", 250],
    ["5m", 300_000],
    ["6h", 21_600_000],
    ["2d", 172_800_000],
  ])("%s is a span of %d milliseconds", (text, milliseconds) => {
    expect(valuesOf("duration", text).milliseconds("it")).toBe(milliseconds);
  });

  test.each(["", "m", "0", "-5m", "5w"])("%j is no span", (text) => {
    expect(() => valuesOf("duration", text).milliseconds("it")).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });

  test.each(["0", "1.5", "x", ""])("%j is no count", (text) => {
    expect(() => valuesOf("count", text).count("it")).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });

  test("a flag from a variable may say no", () => {
    expect(valuesOf("flag", "false").flag("it")).toBe(false);
    expect(valuesOf("flag", "1").flag("it")).toBe(true);
    expect(() => valuesOf("flag", "maybe").flag("it")).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });

  test("reading an option the command does not declare is a mistake of the program", () => {
    expect(() => valuesOf("text").text("other")).toThrow(TypeError);
  });
});
