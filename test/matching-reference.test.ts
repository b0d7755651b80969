import { expect, test } from "vitest";
import { distribution, installed, inventoryOf, matchRecords } from "./matching-database.ts";

// Versions of each ecosystem in their order, lowest first, each in the ways in which it is written. The order itself is
// tested elsewhere, against each ecosystem's own tool: here nothing is compared but places in these lists.
const orders = {
  npm: [
    ["0.0.0-0"],
    ["0.0.0"],
    ["0.9.9"],
    ["1.0.0-alpha.2"],
    ["1.0.0-alpha.10"],
    ["1.0.0", "1.0.0+build.7"],
    ["1.0.1"],
    ["1.9.0"],
    ["1.10.0"],
    ["2.0.0-rc.1"],
    ["2.0.0"],
    ["10.0.0"],
  ],
  PyPI: [
    ["0.1.dev3", "0.1dev3"],
    ["0.1a1", "0.1-alpha1"],
    ["0.1", "0.1.0", "v0.1"],
    ["0.1.post2", "0.1-2"],
    ["0.9"],
    ["0.10", "0.10.0.0"],
    ["1.0rc1", "1.0c1"],
    ["1.0", "1"],
    ["1.0+local.1"],
    ["1.1", "1.1.0"],
    ["1!0.1"],
  ],
  "Debian:12": [
    ["0~~1-1"],
    ["0~1-1"],
    ["0.9-1", "0:0.9-1"],
    ["0.10-1"],
    ["1.0~rc1-1"],
    ["1.0-1~deb12u1"],
    ["1.0-1", "1.0-01"],
    ["1.0-1+deb12u1"],
    ["1.0-1+deb12u10"],
    ["1.0-1.1"],
    ["1.0a-1"],
    ["1:0.1-1"],
  ],
} as const;

type Ecosystem = keyof typeof orders;
const ecosystems = ["npm", "PyPI", "Debian:12"] as const;

type Random = (below: number) => number;

/** Numbers that look random and are the same for the same seed. */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function pick<Value>(list: readonly [Value, ...Value[]] | readonly Value[], random: Random): Value {
  const value = list[random(list.length)];
  if (value === undefined) throw new Error("there is nothing to pick");
  return value;
}

const eventKinds = ["introduced", "introduced", "fixed", "fixed", "last_affected", "limit"] as const;

type Event = Readonly<Partial<Record<(typeof eventKinds)[number], string>>>;

interface Range {
  readonly type: "SEMVER" | "ECOSYSTEM" | "GIT";
  readonly events: readonly Event[];
}

interface Entry {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly ranges?: readonly Range[];
  readonly versions?: readonly string[];
}

interface Advisory {
  readonly [member: string]: unknown;
  readonly id: string;
  readonly withdrawn?: string;
  readonly affected: readonly Entry[];
}

function makeVersion(ecosystem: Ecosystem, random: Random): string {
  return pick(pick<readonly string[]>(orders[ecosystem], random), random);
}

function makeEvent(ecosystem: Ecosystem, random: Random): Event {
  const kind = pick(eventKinds, random);
  if (kind === "introduced" && random(3) === 0) return { introduced: "0" };
  if (kind === "limit" && random(3) === 0) return { limit: "*" };
  return { [kind]: makeVersion(ecosystem, random) };
}

function makeRange(ecosystem: Ecosystem, random: Random): Range {
  if (random(8) === 0) {
    return { type: "GIT", events: [{ introduced: "0" }, { fixed: "6ff7d8ab0c0dc4f0f0c9c3fcd6f2d6a1e43b9a6e" }] };
  }
  const type = ecosystem === "npm" && random(2) === 0 ? "SEMVER" : "ECOSYSTEM";
  const events = Array.from({ length: random(7) }, () => makeEvent(ecosystem, random));
  // As databases write it: a branch without affected versions, and a span that begins where another ends.
  const at = makeVersion(ecosystem, random);
  const pair = pick([[], [{ introduced: at }, { fixed: at }], [{ fixed: at }, { introduced: at }]], random);
  return { type, events: events.toSpliced(random(7), 0, ...pair) };
}

function makeEntry(random: Random): Entry {
  const ecosystem = pick(ecosystems, random);
  const named = { name: `p${random(5)}` };
  // Of Debian also what is said of another release, and of all of them.
  const written =
    ecosystem === "Debian:12" ? pick(["Debian:12", "Debian:12", "Debian:11", "Debian"], random) : ecosystem;
  const ranges = Array.from({ length: random(4) }, () => makeRange(ecosystem, random));
  const versions = Array.from({ length: random(4) }, () => makeVersion(ecosystem, random));
  return {
    package: { ecosystem: written, ...named },
    ...(ranges.length === 0 ? {} : { ranges }),
    ...(random(2) === 0 ? { versions } : {}),
  };
}

function makeAdvisory(number: number, random: Random): Advisory {
  return {
    id: `CVE-2025-${number + 1000}`,
    modified: "2025-01-01T00:00:00Z",
    ...(random(12) === 0 ? { withdrawn: "2025-02-01T00:00:00Z" } : {}),
    affected: Array.from({ length: 1 + random(3) }, () => makeEntry(random)),
  };
}

/** The place of a version in its order: below all of them for the beginning, above all for no limit. */
function placeOf(text: string, ecosystem: Ecosystem): number {
  return orders[ecosystem].findIndex((ways: readonly string[]) => ways.includes(text));
}

interface Placed {
  readonly kind: (typeof eventKinds)[number];
  readonly place: number;
}

function placeEvents(events: readonly Event[], ecosystem: Ecosystem): readonly Placed[] {
  return events.flatMap((event) =>
    [...new Set(eventKinds)].flatMap((kind): readonly Placed[] => {
      const text = event[kind];
      if (text === undefined) return [];
      if (kind === "introduced" && text === "0") return [{ kind, place: -Infinity }];
      return [{ kind, place: kind === "limit" && text === "*" ? Infinity : placeOf(text, ecosystem) }];
    }),
  );
}

// OSV leaves the order of events at one version open. Here it is that of the record, but that a fix comes before all
// else, where it does not stand directly behind its own beginning; then it comes last.
function rankOf(index: number, placed: readonly Placed[]): number {
  const [own, before] = [placed[index], placed[index - 1]];
  if (own?.kind !== "fixed") return 1;
  return before?.kind === "introduced" && before.place === own.place ? 2 : 0;
}

/** The algorithm of the OSV schema, word for word, over places instead of versions. */
function isInRange(version: number, { type, events }: Range, ecosystem: Ecosystem): boolean {
  if (type === "GIT") return false;
  const placed = placeEvents(events, ecosystem);
  const limits = placed.filter(({ kind }) => kind === "limit");
  if (limits.length > 0 && !limits.some(({ place }) => version < place)) return false;
  let vulnerable = false;
  const ranked = placed.map((event, index) => ({ kind: event.kind, place: event.place, rank: rankOf(index, placed) }));
  for (const { kind, place } of ranked.toSorted((left, right) =>
    left.place === right.place ? left.rank - right.rank : left.place - right.place,
  )) {
    if (kind === "introduced" && version >= place) vulnerable = true;
    else if (kind === "fixed" && version >= place) vulnerable = false;
    else if (kind === "last_affected" && version > place) vulnerable = false;
  }
  return vulnerable;
}

function isAffected(name: string, version: number, ecosystem: Ecosystem, { withdrawn, affected }: Advisory): boolean {
  if (withdrawn !== undefined) return false;
  return affected.some((entry) => {
    const written = entry.package.ecosystem;
    const isOf = written === ecosystem || (ecosystem === "Debian:12" && written === "Debian");
    if (!isOf || entry.package.name !== name) return false;
    if (entry.versions?.some((text) => placeOf(text, ecosystem) === version) === true) return true;
    return entry.ranges?.some((range) => isInRange(version, range, ecosystem)) === true;
  });
}

const types = { npm: "npm", PyPI: "pypi", "Debian:12": "deb" } as const;

test.each([1, 2, 3])(
  "what matches is what the algorithm of the OSV schema says, for some 10,000 versions and random records: seed %d (SCAN-1)",
  async (seed) => {
    const random = createRandom(seed * 7919);
    const records = Array.from({ length: 250 }, (_, number) => makeAdvisory(number, random));
    const asked = ecosystems.flatMap((ecosystem) =>
      ["p0", "p1", "p2", "p3", "p4"].flatMap((name) =>
        orders[ecosystem].flatMap((ways: readonly string[], place) =>
          ways.map((version) => ({ ecosystem, name, version, place })),
        ),
      ),
    );
    const packages = asked.map(({ ecosystem, name, version }) => installed({ type: types[ecosystem], name, version }));
    const { findings } = await matchRecords(records, inventoryOf(packages, distribution("debian", "12")));
    const told = new Set(
      findings.map(({ id, package: { type, name, version } }) => [type, name, version, id].join(" ")),
    );
    let affected = 0;
    for (const { ecosystem, name, version, place } of asked) {
      for (const record of records) {
        const expected = isAffected(name, place, ecosystem, record);
        const key = [types[ecosystem], name, version, record.id].join(" ");
        affected += Number(expected);
        if (told.has(key) === expected) continue;
        const about = record.affected.filter((entry) => entry.package.name === name);
        expect.unreachable(`${key}: ${expected ? "not found" : "found"}, for ${JSON.stringify(about)}`);
      }
    }
    expect(told.size).toBe(affected);
    const byId = new Map(records.map((record) => [record.id, record]));
    let mended = 0;
    for (const { id, fixedIn, package: found } of findings) {
      const ecosystem = ecosystems.find((known) => types[known] === found.type) ?? "npm";
      const record = byId.get(id);
      if (record === undefined || fixedIn.length === 0) continue;
      const isMending = fixedIn.map((fix) => !isAffected(found.name, placeOf(fix, ecosystem), ecosystem, record));
      mended += Number(isMending.every(Boolean));
      // Where nothing mends it, what the record calls a fix stays.
      const about = `${id} ${found.name} ${found.version}: ${fixedIn.join(", ")}`;
      expect(isMending.every(Boolean) || !isMending.some(Boolean), about).toBe(true);
    }
    expect(mended).toBeGreaterThan(300);
    expect(affected).toBeGreaterThan(1000);
  },
);
