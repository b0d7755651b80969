import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.ts";

describe("nearest", () => {
  test("finds a swapped, missing, added or wrong letter", () => {
    const commands = ["image scan", "image sign", "sbom generate", "verify"];
    expect(nearest("image scna", commands)).toBe("image scan");
    expect(nearest("verfy", commands)).toBe("verify");
    expect(nearest("sbom generatee", commands)).toBe("sbom generate");
    expect(nearest("VERIFY", commands)).toBe("verify");
  });

  test("suggests nothing that is further than two thirds of the shorter word", () => {
    expect(nearest("xy", ["ab"])).toBeUndefined();
    expect(nearest("deploy", ["verify"])).toBeUndefined();
    expect(nearest("", ["a"])).toBeUndefined();
  });
});
