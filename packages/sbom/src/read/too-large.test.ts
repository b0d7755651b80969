import { expect, test } from "vitest";
import { catalogers } from "../catalogers/index.ts";
import { limits } from "../limits.ts";

test.each([
  ["dpkg", "var/lib/dpkg/info/a.list", "/\n"],
  ["dpkg", "var/lib/dpkg/status.d/a.md5sums", "x\n"],
  ["pacman", "var/lib/pacman/local/a-1-1/files", "a\n"],
  ["portage", "var/db/pkg/a/b-1/CONTENTS", "x\n"],
  ["opkg", "usr/lib/opkg/info/a.list", "/\n"],
])("a list of files of %s that is longer than is read is a problem, not a shorter list: %s", (id, path, line) => {
  const cataloger = catalogers.find((one) => one.id === id);
  const read = (lines: number): unknown => {
    const text = line.repeat(lines);
    const bytes = Buffer.from(text);
    const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
    const file = { path, size: bytes.length, mode: 0o644, bytes: () => bytes, text: () => text, readAt };
    expect(cataloger?.wants({ ...file, type: "file" })).toBe(true);
    return cataloger?.read(file);
  };
  expect(read(limits.maxFiles + 1)).toMatchObject({ kind: "problem", code: "FILE_TOO_LARGE", incomplete: true });
  expect(read(limits.maxFiles)).not.toMatchObject({ code: "FILE_TOO_LARGE" });
});

test.each([
  ["conda-environment", "app/environment.yml"],
  ["github-actions", ".github/workflows/ci.yml"],
  ["gradle-catalog", "gradle/libs.versions.toml"],
  ["setup-py", "app/setup.py"],
  ["gemspec", "app/a.gemspec"],
  ["pyproject", "app/pyproject.toml"],
])("a file that people write is read up to a size that none of them writes: %s (G 15)", (id, path) => {
  const cataloger = catalogers.find((one) => one.id === id);
  const bytes = Buffer.from("#".repeat(limits.maxWrittenBytes + 1));
  const readAt = (): Uint8Array => bytes;
  const file = { path, size: bytes.length, mode: 0o644, bytes: readAt, text: () => bytes.toString(), readAt };
  expect(cataloger?.wants({ ...file, type: "file" })).toBe(true);
  expect(cataloger?.read(file)).toMatchObject({ kind: "problem", code: "FILE_TOO_LARGE", incomplete: true });
});

test("a lock file in YAML of more lines than are read is a problem, and one of as many is read (G 20)", () => {
  const cataloger = catalogers.find(({ id }) => id === "pubspec-lock");
  const read = (lines: number): unknown => {
    const text = "\n".repeat(lines);
    const bytes = Buffer.from(text);
    const readAt = (): Uint8Array => bytes;
    return cataloger?.read({ path: "pubspec.lock", size: lines, mode: 0o644, bytes: readAt, text: () => text, readAt });
  };
  expect(read(limits.maxYamlLines + 1)).toMatchObject({ kind: "problem", code: "FILE_TOO_LARGE", incomplete: true });
  expect(read(limits.maxYamlLines)).not.toMatchObject({ code: "FILE_TOO_LARGE" });
});
