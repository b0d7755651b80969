import { expect, test } from "vitest";
import { readAnnotations } from "./annotations.ts";

test("an annotation ends its name at the first equals sign, and its value may have more of them (SIGN-3)", () => {
  expect(readAnnotations(["team=a=b", "empty=", "query=x==", "__proto__=y"])).toEqual(
    Object.fromEntries([
      ["team", "a=b"],
      ["empty", ""],
      ["query", "x=="],
      ["__proto__", "y"],
    ]),
  );
});

test.each(["team", "=a", ""])("%j is no annotation", (text) => {
  expect(() => readAnnotations([text])).toThrow(/wanted name=value/);
});
