import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const vectors = join(import.meta.dirname, "../vectors");

/**
 * Holds what is promised now to what was promised before, a line for each promise in a file of `vectors`. A line that is
 * gone is a promise that was broken: it needs a new number, never an edit of the file. A line that is new is to be added.
 */
export function frozenLines(file: string, lines: readonly string[]): void {
  const before = readFileSync(join(vectors, file), "utf8").split("\n").filter(Boolean);
  expect(before.length).toBeGreaterThan(0);
  const [now, known] = [new Set(lines), new Set(before)];
  const broken = before.filter((line) => !now.has(line));
  expect(broken.join("\n"), `promised in vectors/${file} and no longer so: other programs read this`).toBe("");
  const added = lines.filter((line) => !known.has(line));
  expect(added.join("\n"), `new, and to be added to vectors/${file}: from then on it stays`).toBe("");
}
