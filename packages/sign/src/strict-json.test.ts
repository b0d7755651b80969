import { describe, expect, test } from "vitest";
import { signLimits } from "./limits.ts";
import { parseStrictJson } from "./strict-json.ts";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const parse = (text: string): unknown => parseStrictJson(new TextEncoder().encode(text), "x");

describe("JSON that is signed", () => {
  test("is read whether it is written closely or widely, in any order of its members", () => {
    for (const text of ['{"b":[1,{"c":"}\\""}],"a":null}', '{ "b": [1, {"c": "}\\""}], "a": null }']) {
      expect(parse(text)).toEqual({ b: [1, { c: '}"' }], a: null });
    }
    expect(parse('{"2":1,"1":2}')).toEqual({ 1: 2, 2: 1 });
  });

  test("has no member twice, the same value or another, at any depth, however the name is written", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"a":2}',
      '[{"b":{"a":1,"c":{},"a":1}}]',
      '{"a":1,"\\u0061":1}',
      '{"__proto__":1,"__proto__":1}',
      '{"1":1,"1":1}',
    ]) {
      expect(() => parse(text), text).toThrow("stands twice");
      expect(() => parse(text.replaceAll(",", " , ")), text).toThrow("stands twice");
    }
  });

  test("is nested to the limit and no deeper", () => {
    const most = signLimits.maxJsonDepth;
    expect(parse(nested(most))).toBeDefined();
    expect(() => parse(nested(most + 1))).toThrow("nested too deeply");
    expect(() => parse(nested(most + 1).replace("[", "[ "))).toThrow("nested too deeply");
  });
});
