import { openFileAccess, ZipReader } from "@sc/archive";
import { ecosystems, matchInventory } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { installed, inventoryOf, openFolder, openRecords } from "./matching-database.ts";
import { zipsOf } from "./matching-records.ts";

const osvFolder = dataFolder("osv");

type Event = Readonly<Record<string, string>>;

interface Affected {
  readonly package?: { readonly ecosystem: string; readonly name: string };
  readonly versions?: readonly string[] | null;
  readonly ranges?: readonly { readonly type: string; readonly events: readonly Event[] }[] | null;
}

interface OsvRecord {
  readonly [member: string]: unknown;
  readonly id: string;
  readonly withdrawn?: string;
  readonly affected?: readonly Affected[] | null;
}

/** The purl types of ecosystems that are no operating system's. */
const types = new Map(
  ecosystems.flatMap(({ name, type, distribution }) => (distribution === undefined ? [[name, type] as const] : [])),
);

function readAll(path: string): readonly OsvRecord[] {
  using source = openFileAccess(path);
  const zip = new ZipReader(source, { where: path });
  const decoder = new TextDecoder();
  return Array.from(zip.entries(), (entry): OsvRecord => JSON.parse(decoder.decode(zip.read(entry))));
}

/** What a record enumerates, with the ranges that it gives beside; only of what has both. */
function enumerated(record: OsvRecord): readonly Affected[] {
  if (record.withdrawn !== undefined) return [];
  return (record.affected ?? []).filter(
    (entry) =>
      types.has(entry.package?.ecosystem ?? "") &&
      (entry.versions ?? []).length > 0 &&
      entry.ranges?.some(({ type }) => type !== "GIT") === true,
  );
}

/** Why a version is enumerated that the ranges beside do not hold; `undefined` where there is no reason. */
function contradiction(version: string, { ranges, versions }: Affected): string | undefined {
  const events = (ranges ?? []).flatMap((range) => range.events);
  if (events.some(({ fixed = "" }) => versions?.includes(fixed))) return "the record enumerates what it calls fixed";
  const isBefore = ({ introduced = "" }: Event): boolean =>
    introduced !== "0" && version.startsWith(introduced) && /^[.-]?[a-z]/i.test(version.slice(introduced.length));
  return events.some(isBefore) ? "the record enumerates pre-releases of what introduced it" : undefined;
}

// Whoever writes a record computes the enumeration from the ranges and from what the registry has: it is an expected
// result of evaluating them, for tens of thousands of versions.
describe.skipIf(osvFolder === undefined)("what records enumerate", () => {
  test("their ranges hold, without the enumeration (SCAN-1)", { timeout: 600_000 }, async () => {
    const records = zipsOf(osvFolder ?? "")
      .flatMap(readAll)
      .filter((record) => enumerated(record).length > 0);
    await using folder = await openFolder();
    await using database = await openRecords(
      folder.path,
      records.map((record) => ({
        id: record.id,
        modified: record["modified"],
        affected: enumerated(record).map((entry) => ({ package: entry.package, ranges: entry.ranges })),
      })),
    );
    const asked = new Map(
      records.flatMap(enumerated).flatMap(({ package: named, versions }) =>
        (versions ?? []).map((version) => {
          const found = { type: types.get(named?.ecosystem ?? "") ?? "", name: named?.name ?? "", version };
          return [[found.type, found.name, version].join("\0"), installed(found)] as const;
        }),
      ),
    );
    const { findings } = matchInventory(inventoryOf([...asked.values()]), database, { descriptions: false });
    const told = new Set(
      findings.flatMap(({ package: { type, name, version }, explanations }) =>
        explanations.map(({ advisory }) => [advisory, type, name, version].join("\0")),
      ),
    );
    const missed = records.flatMap((record) =>
      enumerated(record).flatMap((entry) => {
        const { ecosystem = "", name = "" } = entry.package ?? {};
        return (entry.versions ?? []).flatMap((version) => {
          const key = [record.id, types.get(ecosystem) ?? "", name, version].join("\0");
          return told.has(key) || contradiction(version, entry) !== undefined ? [] : [key.replaceAll("\0", " ")];
        });
      }),
    );
    expect(missed).toEqual([]);
    expect(told.size).toBeGreaterThan(0);
  });
});
