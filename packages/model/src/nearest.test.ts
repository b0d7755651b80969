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

  test("takes a word that was broken off at a hyphen for the first that goes on there", () => {
    const formats = ["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value"];
    expect(nearest("cyclonedx", formats)).toBe("cyclonedx-json");
    expect(nearest("SPDX", formats)).toBe("spdx-json");
    expect(nearest("sp", formats)).toBeUndefined();
    expect(nearest("spd", formats)).toBeUndefined();
  });

  test("takes a slip in the beginning of a longer word for the first that begins so", () => {
    const formats = ["cyclonedx-json", "cyclonedx-xml", "spdx-json"];
    expect(nearest("cyclondx", formats)).toBe("cyclonedx-json");
    expect(nearest("cyclon", formats)).toBeUndefined();
    expect(nearest("spdy", formats)).toBeUndefined();
  });

  test("suggests nothing that is further than two thirds of the shorter word", () => {
    expect(nearest("xy", ["ab"])).toBeUndefined();
    expect(nearest("deploy", ["verify"])).toBeUndefined();
    expect(nearest("", ["a"])).toBeUndefined();
  });
});
