import type { Distribution } from "@sc/model";
import { expect, test } from "vitest";
import { describeEndOfLife, endOfLife } from "./end-of-life.ts";

function os(id: string, versionId: string, fields: Readonly<Record<string, string>> = {}): Distribution {
  return { kind: "distribution", id, idLike: [], versionId, fields, path: "etc/os-release" };
}

const on = (day: string): { readonly now: Date } => ({ now: new Date(`${day}T00:00:00Z`) });

test.each([
  ["alpine", "3.18.4", "2025-05-09"],
  ["centos", "7", "2024-06-30"],
  ["debian", "10", "2024-06-30"],
  ["fedora", "40", "2025-05-13"],
  ["opensuse-leap", "15.5", "2024-12-31"],
  ["rhel", "7.9", "2024-06-30"],
  ["sles", "15.4", "2023-12-31"],
  ["ubuntu", "18.04", "2023-05-31"],
])("%s %s is at its end when the day is over, and not on it (SCAN-4)", (id, version, day) => {
  const next = new Date(Date.parse(day) + 24 * 60 * 60 * 1000);
  expect(endOfLife(os(id, version), on(day))).toBeUndefined();
  expect(endOfLife(os(id, version), { now: new Date(next.getTime() - 1) })).toBeUndefined();
  expect(endOfLife(os(id, version), { now: next })).toMatchObject({ on: day });
});

test("it says until when those who pay are served, while they are (SCAN-4)", () => {
  const ended = endOfLife(os("ubuntu", "20.04"), on("2026-11-21"));
  expect(ended).toEqual({
    release: "Ubuntu 20.04",
    on: "2025-05-31",
    paidUntil: "2030-04-02",
    source: "https://wiki.ubuntu.com/Releases",
  });
  expect(ended === undefined ? "" : describeEndOfLife(ended)).toBe(
    "Ubuntu 20.04 has not been maintained since 2025-05-31, but for paying customers (until 2030-04-02): new vulnerabilities may have neither advisory nor fix",
  );
  expect(endOfLife(os("ubuntu", "20.04"), on("2031-01-01"))?.paidUntil).toBeUndefined();
});

test("an image's own word counts only where the table has none, and nothing is guessed (SCAN-4)", () => {
  const past = { SUPPORT_END: "2020-01-01" };
  const now = on("2026-11-21");
  expect(endOfLife(os("mylinux", "1", past), now)).toMatchObject({
    on: "2020-01-01",
    source: "/etc/os-release of the image",
  });
  expect(endOfLife(os("debian", "10", { SUPPORT_END: "2099-01-01" }), now)).toMatchObject({ on: "2024-06-30" });
  expect(endOfLife(os("debian", "12", past), now)).toBeUndefined();
  expect(endOfLife(os("mylinux", "1", { SUPPORT_END: "soon" }), now)).toBeUndefined();
  expect(endOfLife(os("mylinux", "1"), now)).toBeUndefined();
  expect(endOfLife(os("constructor", "1"), now)).toBeUndefined();
  expect(endOfLife(os("debian", "constructor"), now)).toBeUndefined();
});
