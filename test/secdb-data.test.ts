import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { TarReader } from "@sc/archive";
import { type AdvisoryDatabase, buildDatabase, matchInventory, openDatabase } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { builtAt, distribution, installed, inventoryOf, openFolder } from "./matching-database.ts";

const osv = dataFolder("osv");
const raw = dataFolder("osv/raw");

/** The names of packages by release, as Alpine's own lists have them. */
type Named = ReadonlyMap<string, ReadonlySet<string>>;

async function unpackLists(archive: string, folder: string): Promise<Named> {
  const named = new Map<string, Set<string>>();
  const files = new Map<string, Uint8Array[]>();
  let current: Uint8Array[] = [];
  const reader = new TarReader(
    {
      entry: ({ path, type }) => {
        current = [];
        if (type === "file" && path.endsWith(".yaml")) files.set(path, current);
        return true;
      },
      content: (piece) => current.push(Uint8Array.from(piece)) > 0,
      contentEnd: () => undefined,
    },
    { where: archive },
  );
  reader.push(gunzipSync(await readFile(archive)));
  reader.end();
  await mkdir(folder, { recursive: true });
  for (const [path, chunks] of files) {
    const text = Buffer.concat(chunks).toString();
    await writeFile(join(folder, path.replaceAll("/", "-")), text);
    const release = /^distroversion: v(\d+\.\d+)$/m.exec(text)?.[1] ?? "";
    const names = named.get(release) ?? new Set();
    for (const [, name = ""] of text.matchAll(/^ {6}name: (\S+)$/gm)) names.add(name);
    named.set(release, names);
  }
  return named;
}

// Of a version below all others: everything that was ever mended, with the version that mends it for good. A list names
// some vulnerabilities at two versions: we take the higher, the conversion has a range for each.
function mended(database: AdvisoryDatabase, named: Named): readonly string[] {
  return [...named].flatMap(([release, names]) => {
    const packages = [...names].map((name) => installed({ type: "apk", namespace: "alpine", name, version: "0" }));
    const { findings } = matchInventory(inventoryOf(packages, distribution("alpine", `${release}.0`)), database);
    return findings.flatMap(({ id, aliases, fixedIn, package: { name } }) => {
      const called = [id, ...aliases].map((one) => one.replace("ALPINE-", ""));
      return called.map((one) => `${release} ${name} ${one} ${fixedIn.at(-1)}`);
    });
  });
}

describe.skipIf(raw === undefined)("Alpine's own lists of what was mended", () => {
  test("give what somebody else's conversion of them to OSV gives (SCAN-1, SCAN-2)", { timeout: 120_000 }, async () => {
    await using folder = await openFolder();
    const archives = (await readdir(raw ?? "")).filter((name) => /secdb.*\.tar\.gz$/.test(name));
    expect(archives.length).toBeGreaterThan(0);
    for (const archive of archives) {
      const lists = join(folder.path, basename(archive, ".tar.gz"));
      const named = await unpackLists(join(raw ?? "", archive), lists);
      const [own, converted] = [join(folder.path, "own"), join(folder.path, "converted")];
      await buildDatabase([lists], { output: own, now: builtAt });
      await buildDatabase([join(osv ?? "", "Alpine", "all.zip")], { output: converted, now: builtAt });
      await using ours = await openDatabase(own);
      await using theirs = await openDatabase(converted);
      const [left, right] = [mended(ours, named), mended(theirs, named)];
      expect(left.length).toBeGreaterThan(0);
      // The conversion leaves out other names of what has a CVE: those of Talos.
      expect(left.filter((line) => line.includes(" CVE-") && !right.includes(line))).toEqual([]);
      expect(right.filter((line) => !left.includes(line))).toEqual([]);
    }
  });
});
