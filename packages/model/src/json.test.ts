import { expect, test } from "vitest";
import { Decoder } from "./decode.ts";
import { hasCode, isScError, ScError } from "./error.ts";
import { canonicalJson, isJsonArray, isJsonObject, parseJson } from "./json.ts";

test("canonical JSON sorts members by UTF-16 code units and writes no white space, as RFC 8785 3.2.3 shows", () => {
  const value = parseJson(
    String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"Latin"}`,
    "sample",
  );
  expect([...canonicalJson(value).matchAll(/:"([A-Z]\w*)/g)].map((match) => match[1])).toEqual([
    "Carriage",
    "One",
    "Control",
    "Latin",
    "Euro",
    "Emoji",
    "Hebrew",
  ]);
});

test("canonical JSON writes numbers as ECMAScript does (RFC 8785 3.2.2.3)", () => {
  const text = "[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001,-0]";
  expect(canonicalJson(parseJson(text, "numbers"))).toBe("[333333333.3333333,1e+30,4.5,0.002,1e-27,0]");
});

test("canonical JSON is a fixed point: parsing and writing it again changes nothing", () => {
  const value = { b: [1, { z: null, a: true }], a: '\u0007"\\/', absent: undefined };
  const text = canonicalJson(value);
  expect(text).toBe(String.raw`{"a":"\u0007\"\\/","b":[1,{"a":true,"z":null}]}`);
  expect(canonicalJson(parseJson(text, "again"))).toBe(text);
});

test.each([
  ["not JSON", "<html>"],
  ["empty", ""],
  ["cut", '{"a":'],
  ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
])("a document that is %s is refused with its name", (_what, document) => {
  try {
    parseJson(document, "the index");
    expect.unreachable();
  } catch (error) {
    expect(hasCode(error, "JSON_INVALID")).toBe(true);
    expect(String(error)).toContain("the index");
  }
});

test("a hostile document is not echoed: the message is short and its control characters are escaped", () => {
  try {
    parseJson(`\u001b[2J${"x".repeat(5000)}`, "doc");
    expect.unreachable();
  } catch (error) {
    expect(String(error).length).toBeLessThan(300);
    expect(String(error)).not.toContain("\u001b");
  }
});

test("__proto__ in a document is an ordinary member and reaches no prototype", () => {
  const value = parseJson('{"__proto__":{"polluted":true}}', "hostile");
  expect(isJsonObject(value)).toBe(true);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect("polluted" in {}).toBe(false);
  expect(new Decoder(value, "hostile").member("polluted").absent).toBe(true);
  expect(new Decoder(parseJson('{"a":1}', "x"), "x").member("constructor").absent).toBe(true);
  const strings = new Decoder(parseJson('{"__proto__":"text"}', "x"), "x").strings();
  expect(strings["__proto__"]).toBe("text");
});

test("a decoder says where something stands, what was wanted and what was got", () => {
  const document = new Decoder(parseJson('{"layers":[{"size":"12"},{"size":-1},{"size":1.5}]}', "m"), "manifest");
  const sizes = document.member("layers").array();
  expect(() => sizes[0]?.member("size").count()).toThrow(
    'manifest.layers[0].size: wanted a whole number of at least 0, got "12"',
  );
  expect(() => sizes[1]?.member("size").count()).toThrow("manifest.layers[1].size");
  expect(() => sizes[2]?.member("size").count()).toThrow("manifest.layers[2].size");
  expect(() => document.member("config").object()).toThrow("manifest.config: wanted an object, got nothing");
  expect(() => document.member("layers").string()).toThrow("manifest.layers: wanted a string");
  expect(() => document.array()).toThrow("manifest: wanted an array");
  expect(() => document.boolean()).toThrow("wanted true or false");
  expect(() => document.number()).toThrow("wanted a number");
  expect(() => document.digest()).toThrow("wanted a digest");
});

test("a decoder gives the value it names, and undefined only for what is absent or null", () => {
  const document = new Decoder(parseJson('{"a":"x","b":true,"c":3,"d":null,"e":{"k":"v"}}', "d"), "d");
  expect(document.member("a").string()).toBe("x");
  expect(document.member("b").boolean()).toBe(true);
  expect(document.member("c").number()).toBe(3);
  expect(document.member("c").count()).toBe(3);
  expect(document.member("d").optional((member) => member.string())).toBeUndefined();
  expect(document.member("none").optional((member) => member.string())).toBeUndefined();
  expect(document.member("a").optional((member) => member.string())).toBe("x");
  expect({ ...document.member("e").strings() }).toEqual({ k: "v" });
  expect(isJsonArray([])).toBe(true);
});

test("an error keeps its code, cause, hint and facts, and is known across copies of the package", () => {
  const cause = new TypeError("inner");
  const error = new ScError("JSON_INVALID", "doc: no", {
    cause,
    hint: "Do this.",
    retryable: false,
    facts: { a: "b" },
  });
  expect(isScError(error)).toBe(true);
  expect(hasCode(error, "JSON_INVALID")).toBe(true);
  expect(hasCode(error, "OTHER")).toBe(false);
  expect(error).toMatchObject({ hint: "Do this.", cause, retryable: false, facts: { a: "b" }, name: "ScError" });
  const fromAnotherCopy = Object.defineProperty(new Error("x"), Symbol.for("sc.error"), { value: true });
  expect(isScError(fromAnotherCopy)).toBe(true);
  for (const other of [new Error("x"), null, undefined, "text", {}]) expect(isScError(other)).toBe(false);
});
