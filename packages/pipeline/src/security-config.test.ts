import { describe, expect, test } from "vitest";
import { parseSecurityConfig, securityConfigSchema } from "./security-config.ts";

function errorOf(text: string): unknown {
  try {
    return parseSecurityConfig(text, "sc.yaml");
  } catch (error) {
    return error;
  }
}

describe("the security block (RUN-1)", () => {
  test("what is left out is off", () => {
    const config = parseSecurityConfig("security: {}", "sc.yaml");
    expect(config.enabled).toBe(false);
    expect([config.scan.enabled, config.signing.enabled, config.sbom.enabled]).toEqual([false, false, false]);
  });

  test("an unknown field is an error with line, path and nearest name", () => {
    expect(errorOf("security:\n  scan:\n    enabled: true\n    failOnn: high\n")).toMatchObject({
      code: "CONFIG_INVALID",
      message: "sc.yaml:4: security.scan.failOnn: there is no such field",
      hint: "Did you mean: failOn",
    });
    expect(errorOf("security:\n  sbom: {attach: {sgin: true}}\n")).toMatchObject({ code: "CONFIG_INVALID" });
    expect(errorOf("securty: {}")).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a wrong value is an error with line and path", () => {
    expect(errorOf("security:\n  scan:\n    failOn: hgih\n")).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^sc\.yaml:3: security\.scan\.failOn: /),
    });
  });

  test("an ignore rule needs a reason", () => {
    expect(errorOf("security: {scan: {ignore: [{id: CVE-2024-1}]}}")).toMatchObject({
      message: expect.stringContaining("security.scan.ignore.0.reason"),
    });
  });

  test("what is not YAML, a repeated key and a bomb of aliases are refused", () => {
    expect(errorOf("security: [")).toMatchObject({ code: "CONFIG_INVALID" });
    expect(errorOf("security: {enabled: true, enabled: false}")).toMatchObject({ code: "CONFIG_INVALID" });
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let level = 0; level < 8; level += 1) {
      const [one, two] = ["abcdefghi"[level], "abcdefghi"[level + 1]];
      bomb.push(`${two}: &${two} [${`*${one},`.repeat(9)}]`);
    }
    expect(errorOf(bomb.join("\n"))).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("its JSON Schema is closed", () => {
    expect(securityConfigSchema()).toMatchObject({ additionalProperties: false, properties: { security: {} } });
  });
});
