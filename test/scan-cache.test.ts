import { mkdtempSync, readdirSync, readFileSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "@sc/model";
import { inventory, openImage, scanImage, type ScanImageOptions } from "@sc/pipeline";
import { openDatabase, type ScanReport } from "@sc/scan";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, writeLayout } from "@sc/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { openRecords } from "./matching-database.ts";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-results-"));
const vectors = join(import.meta.dirname, "../vectors/advisories");
const database = join(directory, "db");
const layout = `oci-layout:${join(directory, "layout")}`;
const other = `oci-layout:${join(directory, "other")}`;
const noon = new Date("2026-11-21T12:00:00Z");
const hour = 60 * 60 * 1000;

const imageOf = (version: string) =>
  buildImage({
    layers: [
      buildLayer([
        { path: "app/node_modules/lodash/package.json", content: JSON.stringify({ name: "lodash", version }) },
      ]),
    ],
  });

beforeAll(async () => {
  await buildDatabase([vectors], { output: database, now: new Date("2026-11-20T00:00:00Z") });
  await writeLayout(join(directory, "layout"), imageOf("4.17.15"));
  await writeLayout(join(directory, "other"), imageOf("4.17.21"));
});

interface Scanned {
  readonly report: ScanReport;
  /** Whether the image was read. */
  readonly read: boolean;
  readonly notices: readonly string[];
}

interface Asked extends Partial<ScanImageOptions> {
  readonly image?: string;
  readonly folder: string;
}

async function scanned({ image = layout, folder, ...options }: Asked): Promise<Scanned> {
  await using opened = await openImage(image);
  await using advisories = await openDatabase(database);
  let read = false;
  const notices: string[] = [];
  const report = await scanImage(opened, advisories, {
    version: "1",
    now: noon,
    inventory: {},
    cache: { directory: folder },
    onProgress: (progress: Progress) => {
      if (progress.type === "notice") notices.push(progress.code);
    },
    take: async () => {
      read = true;
      return await inventory(opened, { workers: false });
    },
    ...options,
  });
  return { report, read, notices };
}

const freshFolder = (): string => join(mkdtempSync(join(directory, "cache-")), "results");

describe("the result of a scan (SCAN-8)", () => {
  test("is used again for the same image, database and options, and is the same", async () => {
    const folder = freshFolder();
    const first = await scanned({ folder });
    const second = await scanned({ folder });
    expect([first.read, second.read]).toEqual([true, false]);
    expect(second.report).toEqual(first.report);
    expect(first.report.findings.length).toBeGreaterThan(0);
  });

  test.each<readonly [string, Partial<Asked>]>([
    ["another image", { image: other }],
    ["other options of the inventory", { inventory: { declared: true } }],
    ["other options of the match", { setAside: false }],
    ["a time after six hours", { now: new Date(noon.getTime() + 6 * hour) }],
    ["a time before it was found", { now: new Date(noon.getTime() - 1) }],
  ])("is not used for %s", async (_, change) => {
    const folder = freshFolder();
    await scanned({ folder });
    expect((await scanned({ folder, ...change })).read).toBe(true);
  });

  test("is not used with another database", async () => {
    const folder = freshFolder();
    await scanned({ folder });
    const record = { id: "CVE-2026-1", modified: "2026-01-01T00:00:00Z", affected: [] };
    await using more = await openRecords(mkdtempSync(join(directory, "more-")), [
      { ...record, affected: [{ package: { ecosystem: "npm", name: "lodash" }, versions: ["4.17.15"] }] },
    ]);
    await using opened = await openImage(layout);
    const report = await scanImage(opened, more, {
      version: "1",
      now: noon,
      inventory: {},
      cache: { directory: folder },
      take: () => inventory(opened, { workers: false }),
    });
    expect(report.findings.map(({ id }) => id)).toEqual(["CVE-2026-1"]);
  });

  test("is used within the age that is asked for, to the millisecond", async () => {
    const folder = freshFolder();
    const cache = { directory: folder, maxAge: hour };
    await scanned({ folder, cache });
    const at = async (milliseconds: number): Promise<boolean> =>
      (await scanned({ folder, cache, now: new Date(noon.getTime() + milliseconds) })).read;
    expect([await at(hour - 1), await at(hour)]).toEqual([false, true]);
  });

  test("is found, and then judged anew: gates, waivers and the end of life are of now", async () => {
    const folder = freshFolder();
    await scanned({ folder });
    const gated = await scanned({ folder, failOn: "low" });
    const waivers = gated.report.findings.map(({ id }) => ({ id, reason: "never called" }));
    const waived = await scanned({ folder, failOn: "low", waivers });
    expect([gated.read, gated.report.verdict?.outcome]).toEqual([false, "violation"]);
    expect([waived.read, waived.report.verdict?.outcome]).toEqual([false, "pass"]);
    expect((await scanned({ folder })).report.verdict).toBeUndefined();
  });

  test("is not used when its file was changed, exchanged, cut or made a link, and is then made again", async () => {
    for (const harm of [flip, cut, exchange, link]) {
      const folder = freshFolder();
      const { report } = await scanned({ folder });
      await Promise.resolve(harm(folder));
      const again = await scanned({ folder });
      expect([harm.name, again.read]).toEqual([harm.name, true]);
      expect(again.report).toEqual(report);
    }
  });

  test("is not kept where others may write, and the scan goes on", async () => {
    const folder = mkdtempSync(join(directory, "open-"));
    await chmod(folder, 0o777);
    const [first, second] = [await scanned({ folder }), await scanned({ folder })];
    expect([first.read, second.read, second.notices, readdirSync(folder)]).toEqual([true, true, ["CACHE_UNSAFE"], []]);
  });

  test("is not kept when something of the image could not be read", async () => {
    const folder = freshFolder();
    const whole = await inventory(layout, { workers: false });
    await scanned({ folder, take: () => Promise.resolve({ ...whole, incomplete: true }) });
    expect((await scanned({ folder })).read).toBe(true);
  });

  test("may be written by several at once, and every one gets it whole", async () => {
    const folder = freshFolder();
    const all = await Promise.all(Array.from({ length: 8 }, () => scanned({ folder })));
    for (const { report } of all) expect(report).toEqual(all[0]?.report);
    expect(readdirSync(folder)).toHaveLength(1);
    expect((await scanned({ folder })).read).toBe(false);
  });

  test("goes when nobody will use it any more", async () => {
    const folder = freshFolder();
    await scanned({ folder });
    const [old = ""] = readdirSync(folder);
    utimesSync(join(folder, old), noon, new Date(noon.getTime() - 7 * hour));
    await scanned({ folder, image: other });
    expect(readdirSync(folder)).not.toContain(old);
  });
});

function pathIn(folder: string): string {
  return join(folder, readdirSync(folder)[0] ?? "");
}

function flip(folder: string): void {
  const bytes = readFileSync(pathIn(folder));
  bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
  writeFileSync(pathIn(folder), bytes);
}

function cut(folder: string): void {
  writeFileSync(pathIn(folder), readFileSync(pathIn(folder)).subarray(0, 60));
}

// A sound file, of another image.
async function exchange(folder: string): Promise<void> {
  const foreign = freshFolder();
  await scanned({ folder: foreign, image: other });
  writeFileSync(pathIn(folder), readFileSync(pathIn(foreign)));
}

function link(folder: string): void {
  const path = pathIn(folder);
  writeFileSync(join(directory, "elsewhere"), readFileSync(path));
  unlinkSync(path);
  symlinkSync(join(directory, "elsewhere"), path);
}

async function sc(home: string, ...words: readonly string[]): Promise<Ran> {
  return await scAt(noon, home, ...words);
}

async function scAt(now: Date, home: string, ...words: readonly string[]): Promise<Ran> {
  const scan = ["scan", "-i", layout, "--db", database, "--json", "--progress", "plain", ...words];
  return await runCli(scan, { variables: { HOME: home, LANG: "C.UTF-8" }, now });
}

describe("sc image scan (SCAN-8)", () => {
  test("uses what it found before, says so, and finds it anew on request", async () => {
    const home = mkdtempSync(join(directory, "home-"));
    const [first, second, anew] = [await sc(home), await sc(home), await sc(home, "--no-cache")];
    expect(documentOf(second)).toEqual(documentOf(first));
    expect(documentOf(anew)).toEqual(documentOf(first));
    const told = [first, second, anew].map(({ stderr }) => stderr.includes("inventory"));
    expect(told).toEqual([true, false, true]);
  });

  test("--cache-ttl says how long a result is used: six hours unless it is said", async () => {
    const home = mkdtempSync(join(directory, "home-"));
    await sc(home);
    const isRead = async (hours: number, ...words: readonly string[]): Promise<boolean> => {
      const ran = await scAt(new Date(noon.getTime() + hours * hour), home, ...words);
      expect(ran.exitCode, ran.stderr).toBe(0);
      return ran.stderr.includes("inventory");
    };
    expect(await isRead(5)).toBe(false);
    expect(await isRead(5, "--cache-ttl", "4h")).toBe(true);
    // Found anew at five: two hours old at seven.
    expect(await isRead(7, "--cache-ttl", "90m")).toBe(true);
    expect(await isRead(8, "--cache-ttl", "90m")).toBe(false);
    expect((await sc(home, "--cache-ttl", "soon")).exitCode).toBe(3);
  });
});
