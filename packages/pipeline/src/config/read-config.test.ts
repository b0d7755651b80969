import { readFileSync } from "node:fs";
import { isJsonObject, type JsonValue } from "@sc/model";
import { describe, expect, test } from "vitest";
import { resolveText } from "./placeholders.ts";
import { configSchemas, parseConfigFile } from "./read-config.ts";

function errorOf(text: string): unknown {
  try {
    return parseConfigFile(text, "sc.yaml");
  } catch (error) {
    return error;
  }
}

describe("the security block (RUN-1)", () => {
  test("what is left out is off", () => {
    const config = parseConfigFile("security: {}", "sc.yaml").security;
    expect(config.enabled).toBe(false);
    expect([config.scan.enabled, config.signing.enabled, config.sbom.enabled]).toEqual([false, false, false]);
  });

  test("an unknown field is an error with line, path and nearest name", () => {
    expect(errorOf("security:\n  scan:\n    enabled: true\n    failOnn: high\n")).toMatchObject({
      code: "CONFIG_INVALID",
      message: "sc.yaml:4:14: security.scan.failOnn: there is no such field",
      hint: "Did you mean: failOn",
    });
    expect(errorOf("security:\n  sbom: {attach: {sgin: true}}\n")).toMatchObject({ code: "CONFIG_INVALID" });
    expect(errorOf("securty: {}")).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a wrong value is an error with line and path", () => {
    expect(errorOf("security:\n  scan:\n    failOn: hgih\n")).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^sc\.yaml:3:13: security\.scan\.failOn: /),
    });
  });

  test("an ignore rule needs a reason", () => {
    expect(errorOf("security: {scan: {ignore: [{id: CVE-2024-1}]}}")).toMatchObject({
      message: expect.stringContaining("security.scan.ignore.0.reason"),
    });
  });

  test("what is not YAML, a repeated key, a bomb of aliases, too much and too deep are refused", () => {
    expect(errorOf("security: [")).toMatchObject({ code: "CONFIG_INVALID" });
    expect(errorOf("security: {enabled: true, enabled: false}")).toMatchObject({ code: "CONFIG_INVALID" });
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    const merged = ["a: &a {k: 1}"];
    for (let level = 0; level < 8; level += 1) {
      const [one, two] = ["abcdefghi"[level], "abcdefghi"[level + 1]];
      bomb.push(`${two}: &${two} [${`*${one},`.repeat(9)}]`);
      merged.push(`${two}: &${two} {${Array.from({ length: 9 }, (_, at) => `k${at}: {<<: *${one}}`).join(", ")}}`);
    }
    const aliases = { message: expect.stringContaining("aliases that grow") };
    expect(errorOf(bomb.join("\n"))).toMatchObject(aliases);
    expect(errorOf(merged.join("\n"))).toMatchObject(aliases);
    expect(errorOf(`security: {} # ${"x".repeat(1024 * 1024)}`)).toMatchObject({
      message: expect.stringContaining("at most"),
    });
    const deep = { code: "CONFIG_INVALID", message: expect.stringContaining("nests deeper") };
    expect(errorOf(`security: ${"[".repeat(200)}${"]".repeat(200)}`)).toMatchObject(deep);
    expect(errorOf(`security: ${"[".repeat(20_000)}${"]".repeat(20_000)}`)).toMatchObject(deep);
    expect(errorOf(`${"- ".repeat(20_000)}x`)).toMatchObject(deep);
  });

  test("a wrong format names those there are", () => {
    expect(errorOf("security: {sbom: {format: cyclonedx}}")).toMatchObject({
      message: expect.stringMatching(/"cyclonedx" is no document format; wanted one of .*cyclonedx-json.*spdx-json/),
    });
  });

  test("fields that contradict each other are refused", () => {
    const verify = (text: string): unknown => errorOf(`security: {signing: {verify: {${text}}}}`);
    expect(verify("identity: me")).toMatchObject({ message: expect.stringContaining("together") });
    expect(verify("oidcIssuer: https://i")).toMatchObject({ message: expect.stringContaining("together") });
    expect(verify("identity: me, identityRegexp: me, oidcIssuer: https://i")).toMatchObject({ code: "CONFIG_INVALID" });
    expect(errorOf("security: {signing: {enabled: true, keyless: false}}")).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a policy is refused with its reason, since this version reads no policy files, unless nothing is in it", () => {
    expect(errorOf("security:\n  policy: {files: [a.rego], mode: block}")).toMatchObject({
      code: "CONFIG_INVALID",
      message: "sc.yaml:2:19: security.policy.files: policy files are not read by this version",
      hint: expect.stringContaining("scan.failOn"),
    });
    for (const empty of ["{}", "{files: []}", "{files: [], mode: warn}"]) {
      const { shown, security } = parseConfigFile(`security: {policy: ${empty}}`, "sc.yaml");
      expect(security.policy.files).toEqual([]);
      expect(shown["security"]).not.toHaveProperty("policy");
    }
  });
});

describe("variables and secrets in a configuration (RUN-1)", () => {
  test("only a secret's own members may name one, and only variables and secrets can be named", () => {
    expect(errorOf("security: {scan: {output: {local: '${secret:A}'}}}")).toMatchObject({
      message: expect.stringContaining("security.scan.output.local: a secret here"),
    });
    expect(errorOf("security: {signing: {privateKey: '${file:A}'}}")).toMatchObject({
      message: expect.stringContaining("stands for nothing"),
    });
    expect(errorOf("security: {signing: {privateKey: '${secret:A'}}")).toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("what is shown has the names of secrets and never a secret that stands in the file", () => {
    const text =
      "security: {signing: {privateKey: '${secret:KEY}', password: hunter2}, reporting: {defectdojo: {apiKey: 'x${env:A}'}}}";
    const { shown } = parseConfigFile(text, "sc.yaml");
    expect(JSON.stringify(shown)).not.toContain("hunter2");
    expect(shown).toMatchObject({
      security: {
        signing: { privateKey: "${secret:KEY}", password: "***" },
        reporting: { defectdojo: { apiKey: "***" } },
      },
    });
  });

  test("a value is filled in when it is used, and one that is not set is an error with its name alone", async () => {
    const values = {
      environment: { A: "one" },
      readSecret: async (name: string) => (name === "B" ? "two" : undefined),
    };
    expect(await resolveText("${env:A}-${secret:B}", "x", values)).toBe("one-two");
    await expect(resolveText("${env:toString}", "x", values)).rejects.toMatchObject({ code: "CONFIG_VALUE_MISSING" });
    await expect(resolveText("${secret:C}", "x", values)).rejects.toMatchObject({
      message: "x: ${secret:C} is not set",
    });
  });
});

interface SchemaField {
  readonly path: string;
  readonly field: JsonValue | undefined;
}

// Every property of a schema, wherever it stands in it.
function* fieldsIn(schema: JsonValue | undefined, path: string): Generator<SchemaField> {
  if (Array.isArray(schema)) for (const one of schema) yield* fieldsIn(one, path);
  if (!isJsonObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "properties" && isJsonObject(value)) {
      for (const [name, field] of Object.entries(value)) {
        yield { path: `${path}.${name}`, field };
        yield* fieldsIn(field, `${path}.${name}`);
      }
    } else yield* fieldsIn(value, `${path}/${keyword}`);
  }
}

// What is the same in several places stands once, and is referred to.
function descriptionOf(field: JsonValue | undefined, document: JsonValue): JsonValue | undefined {
  if (!isJsonObject(field)) return undefined;
  const { description, $ref: reference } = field;
  if (description !== undefined || typeof reference !== "string" || !isJsonObject(document)) return description;
  const { $defs: definitions } = document;
  const name = reference.slice("#/$defs/".length);
  return isJsonObject(definitions) ? descriptionOf(definitions[name], document) : undefined;
}

describe("the JSON Schemas of configurations (RUN-1)", () => {
  test("are closed, and the published files are what the program reads by", () => {
    const schemas = configSchemas();
    expect(schemas.file).toMatchObject({ additionalProperties: false, properties: { security: {} } });
    for (const [name, schema] of Object.entries(schemas)) {
      const published = readFileSync(new URL(`../../schema/config-${name}-1.schema.json`, import.meta.url), "utf8");
      expect(JSON.parse(published), `sc config schema ${name}`).toEqual(JSON.parse(JSON.stringify(schema)));
    }
  });

  test("say of every field what it does", () => {
    for (const schema of Object.values(configSchemas())) {
      const document: JsonValue = JSON.parse(JSON.stringify(schema));
      const fields = [...fieldsIn(document, "")];
      expect(fields.length).toBeGreaterThan(50);
      const silent = fields.filter(({ field }) => descriptionOf(field, document) === undefined);
      expect(silent.map(({ path }) => path)).toEqual([]);
    }
  });
});
