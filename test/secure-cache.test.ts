import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { inventory, secure, type SecuredImage, type SecurePlan } from "@sc/pipeline";
import { CacheFolder } from "@sc/rootfs";
import { buildDatabase } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "sc-secure-cache-"));
const database = join(directory, "db");
const newer = join(directory, "newer");
const noon = new Date("2026-11-21T12:00:00Z");
const hour = 60 * 60 * 1000;
const after = (hours: number): Date => new Date(noon.getTime() + hours * hour);

const layerOf = (version: string) =>
  buildLayer([{ path: "app/node_modules/lodash/package.json", content: JSON.stringify({ name: "lodash", version }) }]);
const imageOf = (version: string) => buildImage({ layers: [layerOf(version)] });

let registry: TestRegistry;
let image: string;
let other: string;

beforeAll(async () => {
  const vectors = join(import.meta.dirname, "../vectors/advisories");
  await buildDatabase([vectors], { output: database, now: new Date("2026-11-20T00:00:00Z") });
  const epss = join(directory, "epss.csv");
  writeFileSync(epss, "#model_version:v2026,score_date:2026-11-20\ncve,epss,percentile\nCVE-2021-23337,0.5,0.9\n");
  await buildDatabase([vectors], { output: newer, now: new Date("2026-11-21T00:00:00Z"), epss });
  registry = await startRegistry();
  image = pushImage(registry, "acme/api:1", imageOf("4.17.15"));
  other = pushImage(registry, "acme/web:1", imageOf("4.17.21"));
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

interface Asked {
  readonly folder: string;
  readonly now?: Date;
  readonly image?: string;
  readonly database?: string;
  readonly more?: Partial<SecurePlan>;
}

/** One image through a run; `read` says whether any of its layers was asked for. */
async function run({ folder, now = noon, image: named = image, database: known = database, more }: Asked) {
  registry.requests.length = 0;
  const { images } = await secure({
    images: [named],
    now,
    inventory: { workers: false, results: { directory: join(folder, "inventories"), now } },
    sbom: { required: true, formats: ["cyclonedx-json", "spdx-json"], attach: false, sign: false },
    scan: {
      required: true,
      database: known,
      version: "1",
      now,
      cache: { directory: join(folder, "results") },
    },
    ...more,
  });
  const [one] = images;
  if (one === undefined) throw new TypeError("the run has no image");
  const layer = layerOf(named === image ? "4.17.15" : "4.17.21").descriptor.digest;
  const read = registry.requests.some(({ method, target }) => method === "GET" && target.endsWith(layer));
  return { one, read };
}

const fresh = (): string => mkdtempSync(join(directory, "cache-"));
const essence = ({ documents, packages, report }: SecuredImage): object => {
  return { documents, packages, findings: report?.findings, coverage: report?.coverage };
};

describe("a run keeps what it found (SCAN-8, RUN-3)", () => {
  test("the second run of an image reads no layer, says so, and gives the same bytes", async () => {
    const folder = fresh();
    const [first, second] = [await run({ folder }), await run({ folder })];
    expect([first.read, first.one.fromCache]).toEqual([true, undefined]);
    expect([second.read, second.one.fromCache]).toEqual([false, ["inventory", "scan"]]);
    expect(second.one.outcome).toBe("pass");
    expect(essence(second.one)).toEqual(essence(first.one));
    expect(second.one.report?.findings.length).toBeGreaterThan(0);
  });

  test("an inventory that was kept is what is in the image, whole", async () => {
    const folder = fresh();
    const results = { directory: folder, now: noon };
    const taken = await inventory(image, { workers: false });
    await inventory(image, { workers: false, results });
    expect(await inventory(image, { workers: false, results })).toEqual(taken);
  });

  test("results are used for six hours and inventories for a day, by the clock that is given", async () => {
    const folder = fresh();
    await run({ folder });
    const at = async (hours: number): Promise<unknown> => (await run({ folder, now: after(hours) })).one.fromCache;
    expect(await at(5.99)).toEqual(["inventory", "scan"]);
    expect(await at(6)).toEqual(["inventory"]);
    // What was found at six is new.
    expect(await at(11.9)).toEqual(["inventory", "scan"]);
    expect(await at(24)).toBeUndefined();
    // A time before it was kept tells of a clock that was turned back.
    expect(await at(-1)).toBeUndefined();
  });

  test("another database finds anew in the inventory that was kept", async () => {
    const folder = fresh();
    await run({ folder });
    const { one, read } = await run({ folder, database: newer });
    expect([one.fromCache, read]).toEqual([["inventory"], false]);
    expect(one.report?.findings.some(({ epss }) => epss === 0.5)).toBe(true);
  });

  test("a document is the one that was kept only where nothing that decides it is otherwise", async () => {
    const folder = fresh();
    const sbom = { required: true, formats: ["cyclonedx-json"], attach: false, sign: false };
    const textOf = async (asked: Partial<Asked> = {}): Promise<string> => {
      const { one } = await run({ folder, more: { sbom }, ...asked });
      return new TextDecoder().decode(one.documents[0]?.bytes);
    };
    const written = await textOf();
    const inventories = join(folder, "inventories");
    await mark(pathIn(inventories, /\.document$/));
    expect(await textOf()).toBe(written.replace("CycloneDX", "marked"));
    const tagged = pushImage(registry, "acme/api:2", imageOf("4.17.15"));
    const results = { directory: inventories, now: noon };
    const limits = { maxEntries: 1000 };
    const others: readonly Partial<Asked>[] = [
      { image: tagged },
      { image: other },
      { more: { sbom: { ...sbom, formats: ["spdx-json"] } } },
      { more: { sbom: { ...sbom, tool: { name: "sc", version: "9.9.9" } } } },
      { more: { sbom: { ...sbom, timestamp: noon } } },
      { more: { sbom: { ...sbom, configuration: "other" } } },
      { more: { sbom: { ...sbom, exclude: ["pkg:npm/lodash*"] } } },
      { more: { sbom, inventory: { workers: false, results, limits } } },
      // What is found too old is written anew: the last of them.
      { now: after(24) },
    ];
    for (const asked of others) expect(await textOf(asked)).not.toContain("marked");
  });

  test("gates and waivers are of now, whatever was kept", async () => {
    const folder = fresh();
    const { one } = await run({ folder });
    const scan = { required: true, database, version: "1", now: noon, cache: { directory: join(folder, "results") } };
    const gated = await run({ folder, more: { scan: { ...scan, failOn: "low" } } });
    expect([gated.one.outcome, gated.one.fromCache]).toEqual(["violation", ["inventory", "scan"]]);
    const waivers = (one.report?.findings ?? []).map(({ id }) => ({ id, reason: "never called" }));
    const waived = await run({ folder, more: { scan: { ...scan, failOn: "low", waivers } } });
    expect(waived.one.outcome).toBe("pass");
  });

  test("other limits are another inventory", async () => {
    const folder = fresh();
    await run({ folder });
    const results = { directory: join(folder, "inventories"), now: noon };
    const { one, read } = await run({
      folder,
      more: { inventory: { workers: false, results, limits: { maxEntries: 1000 } } },
    });
    expect([one.fromCache, read]).toEqual([undefined, true]);
  });

  test("what was changed, cut, exchanged for another image's or made a link is not used, and made again", async () => {
    for (const harm of [flip, cut, exchange, link]) {
      for (const kind of ["inventories", "results"] as const) {
        const folder = fresh();
        const { one } = await run({ folder });
        await harm(join(folder, kind), kind);
        const again = await run({ folder });
        const left = kind === "inventories" ? ["scan"] : ["inventory"];
        expect([harm.name, kind, again.one.fromCache]).toEqual([harm.name, kind, left]);
        expect(essence(again.one)).toEqual(essence(one));
        expect((await run({ folder })).one.fromCache).toEqual(["inventory", "scan"]);
      }
    }
  });

  test("an inventory that is not whole is not kept", async () => {
    const folder = fresh();
    const broken = buildLayer([
      { path: "var/lib/dpkg/status", content: "no status\n" },
      { path: "big", content: "x" },
    ]);
    const named = pushImage(registry, "acme/broken:1", buildImage({ layers: [broken] }));
    const more = {
      inventory: {
        workers: false as const,
        results: { directory: join(folder, "inventories"), now: noon },
        limits: { maxEntries: 1 },
      },
    };
    for (const round of [1, 2]) {
      const { one } = await run({ folder, image: named, more });
      expect([round, one.fromCache]).toEqual([round, undefined]);
    }
  });
});

function pathIn(folder: string, suffix = /\.(?:inventory|scan)$/): string {
  return join(folder, readdirSync(folder).find((name) => suffix.test(name)) ?? "");
}

// Another text in a sound file.
async function mark(path: string): Promise<void> {
  const options = { directory: dirname(path), name: "test", magic: "sc-document\n", maxBytes: 2 ** 20 };
  const kept = new CacheFolder({ ...options, onProgress: undefined });
  const text = kept.load(basename(path), (bytes) => new TextDecoder().decode(bytes)) ?? "";
  await kept.store(basename(path), new TextEncoder().encode(text.replace("CycloneDX", "marked")));
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
async function exchange(folder: string, kind: string): Promise<void> {
  const foreign = fresh();
  await run({ folder: foreign, image: other });
  writeFileSync(pathIn(folder), readFileSync(pathIn(join(foreign, kind))));
}

function link(folder: string): void {
  const path = pathIn(folder);
  const elsewhere = join(fresh(), "elsewhere");
  cpSync(path, elsewhere);
  rmSync(path);
  symlinkSync(elsewhere, path);
}

async function secured(
  block: string,
  options: { readonly home: string; readonly now?: Date; readonly words?: readonly string[] },
) {
  const config = join(fresh(), "security.yaml");
  writeFileSync(config, `security:\n  enabled: true\n${block}`);
  const words = ["secure", "-i", image, "--config", config, "--db", database, "--plain-http", registry.host];
  return await runCli([...words, "--json", ...(options.words ?? [])], {
    variables: { HOME: options.home, LANG: "C.UTF-8" },
    now: options.now ?? noon,
  });
}
function cachedIn(ran: Ran): unknown {
  expect(ran.exitCode, ran.stderr).toBe(0);
  const { images } = documentOf(ran);
  return Array.isArray(images) ? images[0]?.fromCache : undefined;
}

describe("scan.cache and sbom.cache of a configuration (SCAN-8, RUN-1)", () => {
  const both = "  scan: { enabled: true }\n  sbom: { enabled: true, attach: false }\n";

  test("both are used by default, and --no-cache does everything anew", async () => {
    const home = fresh();
    expect(cachedIn(await secured(both, { home }))).toBeUndefined();
    expect(cachedIn(await secured(both, { home }))).toEqual(["inventory", "scan"]);
    expect(cachedIn(await secured(both, { home, words: ["--no-cache"] }))).toBeUndefined();
    expect(cachedIn(await secured(both, { home, now: after(7) }))).toEqual(["inventory"]);
  });

  test("people are told", async () => {
    const home = fresh();
    await secured(both, { home });
    const config = join(fresh(), "security.yaml");
    writeFileSync(config, `security:\n  enabled: true\n${both}`);
    const words = ["secure", "-i", image, "--config", config, "--db", database, "--plain-http", registry.host];
    const again = await runCli(words, { variables: { HOME: home }, now: noon });
    expect(again.stdout).toContain("  unchanged, nothing was done\n");
    const later = await runCli(words, { variables: { HOME: home }, now: after(7) });
    expect(later.stdout).toContain("  from cache: inventory\n");
    for (const { stdout } of [again, later]) {
      expect(stdout).toMatch(/^ok \S+ {2}sha256:[\da-f]{12}[^\n]*(?:\n [^\n]*)? {2}\d+\.\d s\n/);
      expect(stdout).toMatch(/^1 of 1 secured - \d+\.\d s$/m);
    }
  });

  test("ttl says how long each is used", async () => {
    const home = fresh();
    const block =
      "  scan: { enabled: true, cache: { ttl: 2h } }\n  sbom: { enabled: true, attach: false, cache: { ttl: 90m } }\n";
    await secured(block, { home });
    expect(cachedIn(await secured(block, { home, now: after(1.49) }))).toEqual(["inventory", "scan"]);
    expect(cachedIn(await secured(block, { home, now: after(1.5) }))).toEqual(["scan"]);
    expect(cachedIn(await secured(block, { home, now: after(2) }))).toEqual(["inventory"]);
  });

  test("enabled: false keeps nothing of that kind, and dir says where", async () => {
    const [home, dir] = [fresh(), fresh()];
    const block = `  scan: { enabled: true, cache: { enabled: false } }\n  sbom: { enabled: true, attach: false, cache: { dir: ${dir} } }\n`;
    await secured(block, { home });
    expect(cachedIn(await secured(block, { home }))).toEqual(["inventory"]);
    expect(readdirSync(dir)).toContain("inventories");
    expect(readdirSync(home)).toEqual([]);
  });

  test("without an SBOM the scan's own settings hold for the inventory", async () => {
    const home = fresh();
    const block = "  scan: { enabled: true, cache: { ttl: 1h } }\n";
    await secured(block, { home });
    expect(cachedIn(await secured(block, { home, now: after(0.5) }))).toEqual(["inventory", "scan"]);
    expect(cachedIn(await secured(block, { home, now: after(1) }))).toBeUndefined();
  });
});
