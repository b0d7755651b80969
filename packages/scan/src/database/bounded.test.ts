import { expect, test } from "vitest";
import { type InstalledVersion, judge, readInstalled } from "../affected.ts";
import { dpkg } from "../versions/dpkg.ts";
import { pep440 } from "../versions/pep440.ts";
import { semver } from "../versions/semver.ts";
import { compareEnds, endOf, isPast } from "./bounded.ts";
import type { AffectedEntry } from "./layout.ts";

type Ranges = AffectedEntry["ranges"];
type Event = Ranges[number]["events"][number];

function entry(events: readonly Event[], rest: Partial<AffectedEntry> = {}): AffectedEntry {
  return {
    advisory: 0,
    ranges: [{ type: "ECOSYSTEM", events }],
    versions: [],
    ratings: [],
    endOfLife: false,
    wontFix: false,
    ...rest,
  };
}

function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

test("a version past an entry's end is not affected by it, nor by any with a lower end (SCAN-1)", () => {
  const random = createRandom(5);
  const version = () => `${random(3)}.${random(3)}${random(4) === 0 ? "a1" : ""}`;
  const types = ["introduced", "fixed", "last_affected"] as const;
  for (const scheme of [pep440, dpkg]) {
    const entries = Array.from({ length: 400 }, () => {
      const start: Event = { type: "introduced", version: random(2) === 0 ? "0" : version() };
      const more = Array.from({ length: 1 + random(2) }, (): Event => ({
        type: types[random(3)] ?? "fixed",
        version: version(),
      }));
      return entry([start, ...more]);
    });
    const ends = entries.flatMap((one) => endOf(one, scheme) ?? []);
    expect(ends.length).toBeGreaterThan(50);
    const sorted = ends.toSorted((left, right) => compareEnds(left, right, scheme));
    for (let round = 0; round < 200; round += 1) {
      const installed = readInstalled(version(), scheme);
      const past = entries.filter((one) => isPastEntry(one, installed));
      expect(past.filter((one) => judge(one, installed).outcome !== "unaffected")).toEqual([]);
      const first = sorted.findIndex((end) => isPast(end, installed));
      if (first !== -1) expect(sorted.slice(first).every((end) => isPast(end, installed))).toBe(true);
    }
  }
});

function isPastEntry(one: AffectedEntry, installed: InstalledVersion): boolean {
  const end = endOf(one, installed.scheme);
  return end !== undefined && isPast(end, installed);
}

test("only a single span that the ecosystem's scheme orders has an end", () => {
  const [start, end]: [Event, Event] = [
    { type: "introduced", version: "1.0.0" },
    { type: "fixed", version: "2.0.0" },
  ];
  expect(endOf(entry([start, end]), semver)).toEqual(end);
  const without: readonly AffectedEntry[] = [
    entry([start]),
    entry([end, start]),
    entry([start, end, start]),
    entry([start, { type: "limit", version: "2.0.0" }]),
    entry([start, { type: "fixed", version: "what" }]),
    entry([{ type: "introduced", version: "3.0.0" }, end]),
    entry([start, end], { versions: ["5.0.0"] }),
    entry([], { ranges: [] }),
  ];
  expect(without.map((one) => endOf(one, semver))).toEqual(without.map(() => undefined));
  expect(endOf(entry([], { ranges: [{ type: "SEMVER", events: [start, end] }] }), pep440)).toBeUndefined();
});

test("a version without order is past nothing", () => {
  expect(isPast({ type: "fixed", version: "1.0.0" }, readInstalled("latest", semver))).toBe(false);
});
