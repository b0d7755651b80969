import { expect, test } from "vitest";
import { columnsOf, cutMiddle, escapeForTerminal, padColumns, wrapWords } from "./terminal-text.ts";

test("nothing that controls a terminal or turns its text around passes", () => {
  const hostile =
    "a\u001b[31mred\u0007\r\n\t\u0000\u009b2J\u202eevil\u2066\u200b\u2028\u00ad\ufeff\ud800\u{e0041}b\u00a0c";
  const escaped = escapeForTerminal(hostile);
  expect(escaped).toMatch(/^[\u0020-\u007e\ufffd]+$/);
  expect(escaped).toContain("\\u{1b}[31mred");
  expect(escaped).toContain("\\u{202e}evil");
});

test("ordinary text of any language stays as it is", () => {
  for (const text of ["lodash", "@scope/name", "größe", "пакет", "包", "パッケージ", "🚀", "é"])
    expect(escapeForTerminal(text)).toBe(text);
});

test("columns are counted as terminals do", () => {
  expect(["abc", "包", "🚀", "e\u0301", "пак"].map(columnsOf)).toEqual([3, 2, 2, 1, 3]);
  expect(padColumns("包", 4)).toBe("包  ");
});

test("a cut name keeps both ends and the width that was asked for", () => {
  expect(cutMiddle("@scope/a-very-long-name", 13)).toBe("@scope…g-name");
  expect(cutMiddle("short", 13)).toBe("short");
  for (let width = 3; width < 30; width += 1)
    expect(columnsOf(cutMiddle("包".repeat(40), width))).toBeLessThanOrEqual(width);
});

test("wrapping loses nothing and keeps the width", () => {
  const words = ["one", "two", "x".repeat(45), "three", "包".repeat(15)];
  const lines = wrapWords(words, { width: 20, indent: "  " });
  expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(20);
  expect(lines.join("").replaceAll(/\s/g, "")).toBe(words.join(""));
});
