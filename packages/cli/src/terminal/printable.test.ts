import { expect, test } from "vitest";
import { cutMiddle, fitLines, printable, wrap } from "./printable.ts";

test("text from outside cannot move the cursor, change colours or reorder what is read", () => {
  expect(printable("\u001b[2K\u001b[1Alibc\u0007\r\n\u202e6 \u200bok\u009b31m")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(printable("\u001b]8;;http://x\u0007libc\u001b]8;;\u0007")).toBe("libc");
});

test("a long name keeps both its ends", () => {
  expect(cutMiddle("@scope/a-very-long-package-name", 16, "…")).toBe("@scope/a…ge-name");
  expect(cutMiddle("short", 16, "…")).toBe("short");
});

test("text is broken at spaces and a word longer than the line stays whole", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("a sha256:0123456789 b", 8)).toEqual(["a", "sha256:0123456789", "b"]);
});

test("a line that is too wide is broken at spaces, further in, and loses nothing", () => {
  const line = "  blobs  \u001b[31mten copied\u001b[39m, four there already";
  expect(fitLines(line, 24)).toBe("  blobs  \u001b[31mten copied\u001b[39m,\n    four there already");
  expect(fitLines(line, 80)).toBe(line);
  expect(fitLines("x".repeat(90), 80)).toBe("x".repeat(90));
});
