import { expect, test } from "vitest";
import { Decoder } from "./decode.ts";
import type { JsonValue } from "./json.ts";

function complaintOf(value: JsonValue): string {
  return new Decoder(value, "$").wrong("a digest").message;
}

test("a complaint shows how the value's JSON begins, whatever the value is", () => {
  const values: readonly JsonValue[] = [
    null,
    true,
    -1.5,
    'a"b\\c\u0000',
    [],
    {},
    [1, "a", [], { b: null }],
    { a: { "b\n": [true, {}] }, c: "d" },
    ["x".repeat(200), 1],
    { ["k".repeat(200)]: 1 },
    Array.from({ length: 50 }, (_, index) => ({ index })),
  ];
  for (const value of values) {
    expect(complaintOf(value)).toBe(`$: wanted a digest, got ${JSON.stringify(value).slice(0, 80)}`);
  }
  expect(new Decoder(undefined, "$").wrong("a digest").message).toBe("$: wanted a digest, got nothing");
});

test("a complaint about a value nested without end is a complaint, not the end of the stack", () => {
  const depth = 200_000;
  const value: JsonValue = JSON.parse("[".repeat(depth) + "]".repeat(depth));
  expect(complaintOf(value)).toBe(`$: wanted a digest, got ${"[".repeat(80)}`);
});
