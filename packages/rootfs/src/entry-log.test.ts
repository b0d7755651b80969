import { describe, expect, test } from "vitest";
import { type EntryLog, EntryLogReader, EntryLogWriter, logBytes, type LogEntry } from "./entry-log.ts";

const entry = (path: string, given: Partial<LogEntry> = {}): LogEntry => ({
  path,
  kind: "file",
  size: 0,
  mode: 0,
  linkTarget: "",
  ...given,
});

function written(entries: readonly LogEntry[]): EntryLog {
  const log = new EntryLogWriter();
  for (const one of entries) log.add(one);
  expect(log.bytes).toBe(logBytes(log.finish()));
  return log.finish();
}

function* read(log: EntryLog): Generator<LogEntry & { readonly name: string; readonly shared: number }> {
  const reader = new EntryLogReader(log);
  while (reader.next()) {
    const { path, kind, size, mode, linkTarget, shared, units } = reader;
    yield { path, kind, size, mode, linkTarget, shared, name: units.text(units.from, units.to) };
  }
}

describe("a log of entries", () => {
  // What one path has in common with the next ends before, at and after slashes, and goes through names of both widths.
  const long = "d/".repeat(3000);
  const plain = ["", "a", "a/b", "a/bc", "a/bc/d", "a/b", "a/b/c/d", "a/be/c/d", "a/b/c/d", "ab", "a", "a/b/c", "b"];
  const others = [
    "漢/字/a",
    "漢/字/b",
    "漢/a",
    "é/a",
    "é/漢",
    "é/",
    "\ud800/a",
    long,
    `${long}漢`,
    `${long}x`,
    "a",
    "",
  ];
  const entries = [
    ...[...plain, ...others].map((path) => entry(path)),
    entry("a/link", { kind: "symlink", linkTarget: "../漢", mode: 0o777 }),
    entry("a/link2", { kind: "hardlink", linkTarget: "a/é" }),
    entry("a", { kind: "directory", mode: 0o1755, size: 127 }),
    entry("a/gone", { kind: "whiteout", size: 128 }),
    entry("a/large", { size: Number.MAX_SAFE_INTEGER, kind: "other" }),
    entry("a", { kind: "opaque", size: 2 ** 32 }),
  ];

  test("says what was written to it, names and what paths share included", () => {
    const all = [...read(written(entries))];
    expect(all).toMatchObject(entries);
    expect(all.map(({ name }) => name)).toEqual(entries.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)));
    for (const [index, { shared, path }] of all.entries()) {
      expect(path.slice(0, shared)).toBe(entries[index - 1]?.path.slice(0, shared) ?? "");
    }
  });

  test("that is cut is refused, unless it is cut between two entries", () => {
    const few = entries.slice(-6);
    const [log = new Uint8Array()] = written(few);
    const whole = Array.from(few, (_, index) => logBytes(written(few.slice(0, index))));
    for (let length = 0; length < log.length; length += 1) {
      const cut = [log.subarray(0, length)];
      if (whole.includes(length)) expect([...read(cut)]).toHaveLength(whole.indexOf(length));
      else expect(() => [...read(cut)], String(length)).toThrow(RangeError);
    }
  });

  test.each([
    ["an unknown kind", [7, 0, 0, 0, 0, 0]],
    ["a path that shares more than there is", [0, 0, 2, 97, 0, 0, 0, 0, 2, 2, 97, 0, 0, 0]],
    ["a number that is too large", [0, 0, 0, 0, ...Array.from({ length: 8 }, () => 255), 1, 0]],
    ["text that is too long", [0, 0, 128, 128, 4]],
  ])("with %s is refused", (_, bytes) => {
    expect(() => [...read([Uint8Array.from(bytes)])]).toThrow(RangeError);
  });

  test("that is large lies in pieces, each of which is given back once it was read and is not wanted again", () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      entry(`${String(index).padStart(4, "0")}${"x".repeat(900)}`),
    );
    const log = written([...entries, ...many]);
    expect(log.length).toBeGreaterThan(2);
    const reader = new EntryLogReader(log, { spent: true });
    const left: number[] = [];
    const paths: string[] = [];
    while (reader.next()) {
      paths.push(reader.path);
      if (left.at(-1) !== logBytes(log)) left.push(logBytes(log));
    }
    expect(reader.next()).toBe(false);
    expect(paths).toEqual([...entries, ...many].map(({ path }) => path));
    expect(left).toHaveLength(log.length);
    expect(logBytes(log)).toBe(0);
  });
});
