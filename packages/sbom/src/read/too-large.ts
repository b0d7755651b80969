import type { Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";

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

/** The problem that a file is when it cannot be read as what its name says. */
export function malformed(file: CapturedFile, what: string): Problem {
  return { kind: "problem", code: "RECORD_MALFORMED", message: `${file.path}: ${what}`, path: file.path };
}

/** The same of a file that lists packages: none of them is known. */
export function unreadable(file: CapturedFile, what: string): Problem {
  return { ...malformed(file, what), incomplete: true };
}
