import type { Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { limits } from "../limits.ts";

/** The problem that a file is when it holds more bytes than are read of its kind. */
export function tooLarge(file: CapturedFile, maxBytes: number): Problem | undefined {
  if (file.size <= maxBytes) return undefined;
  return {
    kind: "problem",
    code: "FILE_TOO_LARGE",
    message: `${file.path}: ${file.size} bytes, more than the ${maxBytes} that are read of such a file`,
    path: file.path,
    incomplete: true,
  };
}

/** The problem that a list of files is when it has more lines than are read: in part it would look like all there is. */
export function tooManyLines(file: CapturedFile, text: string, most: number = limits.maxFiles): Problem | undefined {
  // Every line has its line feed, so that most files need not be looked at.
  if (text.length <= most) return undefined;
  let at = -1;
  for (let lines = 0; lines <= most; lines += 1) {
    at = text.indexOf("\n", at + 1);
    if (at === -1) return undefined;
  }
  return {
    kind: "problem",
    code: "FILE_TOO_LARGE",
    message: `${file.path}: more than the ${most} lines that are read of such a file`,
    path: file.path,
    incomplete: true,
  };
}

/** The problem that a file is when it cannot be read as what its name says. */
export function malformed(file: CapturedFile, what: string): Problem {
  return { kind: "problem", code: "RECORD_MALFORMED", message: `${file.path}: ${what}`, path: file.path };
}

/** The same of a file that lists packages: none of them is known. */
export function unreadable(file: CapturedFile, what: string): Problem {
  return { ...malformed(file, what), incomplete: true };
}
