import { expect, test } from "vitest";
import { defined, someProperties } from "./defined.ts";

test("members that are undefined are left out, and one called __proto__ is a member like any other", () => {
  const hostile: { readonly [name: string]: string } = JSON.parse('{"__proto__":"a","b":"c"}');
  const kept = defined<{ readonly [name: string]: string }>({ ...hostile, absent: undefined });
  expect(JSON.stringify(kept)).toBe('{"__proto__":"a","b":"c"}');
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
  expect(someProperties({ a: undefined })).toBeUndefined();
});
