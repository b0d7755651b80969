import { expect, test } from "vitest";
import { formatWhole } from "./whole-number.ts";

test("a whole number reads as the tables of languages would write it", () => {
  const numbers = [0, 7, 999, 1000, 1204, 12_345, 999_999, 1_000_000, 1_234_567_890];
  expect(numbers.map(formatWhole)).toEqual(numbers.map((number) => number.toLocaleString("en-US")));
});
