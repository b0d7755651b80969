import { expect, test } from "vitest";
import { chosenGem } from "./gem-version.ts";
import { programsNamed } from "./known-programs.ts";

// Square work would take longer than a test may: its time limit is what fails.
const long = 1_000_000;

test("a condition of blanks is read in one pass, and met by all as one that cannot be read (SBOM-2)", () => {
  expect(chosenGem([{ version: "1" }], [`${" ".repeat(long)}!`])).toEqual({ version: "1" });
  expect(chosenGem([{ version: "1" }, { version: "2" }], ["  < 2 "])).toEqual({ version: "1" });
});

test("a name of digits without end is looked at once, and a version behind a program's name is left out (SBOM-2)", () => {
  expect(programsNamed(`usr/bin/python${"1-".repeat(long)}x`)).toEqual([]);
  expect(programsNamed("usr/bin/python").length).toBeGreaterThan(0);
  expect(programsNamed("usr/bin/python3.12").map(({ name }) => name)).toEqual(
    programsNamed("usr/bin/python").map(({ name }) => name),
  );
});
