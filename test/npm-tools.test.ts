import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Inventory, Package } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderEntries, layerSource } from "./folder-layer.ts";
import { type NpmRegistry, openNpmRegistry, type PublishedPackage } from "./npm-registry.ts";

/** Versions in conflict, scopes, aliases, cycles, peers, what is optional, what is shipped inside another. */
const published: readonly PublishedPackage[] = [
  { name: "leaf", version: "1.0.0" },
  { name: "leaf", version: "2.1.0", license: "MIT" },
  { name: "middle", version: "1.5.0", dependencies: { leaf: "^1.0.0", "@scope/deep": "^3.0.0" } },
  { name: "@scope/deep", version: "3.2.1", dependencies: { leaf: "^2.0.0", middle: "^1.0.0" } },
  { name: "plugin", version: "4.0.0", peerDependencies: { leaf: ">=1" } },
  { name: "optional-here", version: "1.0.0" },
  { name: "elsewhere-only", version: "1.0.0", os: ["never"] },
  {
    name: "bundler",
    version: "6.0.0",
    dependencies: { inside: "1.0.0" },
    bundleDependencies: ["inside"],
    files: { "node_modules/inside/package.json": '{"name":"inside","version":"1.0.0"}' },
  },
  { name: "inside", version: "1.0.0" },
  { name: "JSONThing", version: "0.0.1-beta.2+build.5" },
];

const application = {
  name: "application",
  version: "0.1.0",
  private: true,
  dependencies: {
    leaf: "^2.0.0",
    middle: "^1.0.0",
    plugin: "4.0.0",
    bundler: "6.0.0",
    JSONThing: "^0.0.1-beta",
    renamed: "npm:leaf@^1.0.0",
  },
  optionalDependencies: { "optional-here": "1.0.0", "elsewhere-only": "1.0.0" },
} as const;

let folder = "";
let registry: NpmRegistry | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sc-npm-"));
  registry = await openNpmRegistry(published);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Whether a tool is there; its absence is said, and what it would show is skipped. */
function isThere(tool: string): boolean {
  const there = spawnSync(tool, ["--version"], { stdio: "ignore", cwd: tmpdir() }).status === 0;
  if (!there) process.stderr.write(`${tool} is absent: what it says of the same files is not compared\n`);
  return there;
}

/** Runs a tool in a folder with nothing of this machine's settings and no other registry than ours. */
async function run(tool: string, cwd: string, args: readonly string[]): Promise<string> {
  const url = registry?.url ?? "";
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    CI: "true",
    npm_config_registry: url,
    npm_config_cache: join(folder, "npm-cache"),
    npm_config_audit: "false",
    npm_config_update_notifier: "false",
  };
  const { stdout } = await promisify(execFile)(tool, args, { cwd, env, maxBuffer: 2 ** 24 });
  return stdout;
}

function writeFiles(root: string, files: Readonly<Record<string, unknown>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** What a tool's listing and an inventory are compared by: the packages, and which needs which. */
interface Tree {
  readonly packages: readonly string[];
  readonly edges: readonly string[];
}

function tree(packages: Iterable<string>, edges: Iterable<string>): Tree {
  return { packages: [...new Set(packages)].toSorted(), edges: [...new Set(edges)].toSorted() };
}

async function inventoryOf(root: string): Promise<Inventory> {
  const layer = buildLayer(folderEntries(root));
  return await takeInventory({ subject: { type: "image", name: "fresh" }, layers: [layerSource(layer)] });
}

function treeOf({ packages, relationships }: Inventory, keep: (one: Package) => boolean = () => true): Tree {
  const names = new Map(packages.filter(keep).map(({ id, name, version }) => [id, `${name}@${version}`]));
  const edges = relationships.filter(({ from, to }) => names.has(from) && names.has(to));
  return tree(
    names.values(),
    edges.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`),
  );
}

/** One package in a listing of npm or pnpm, with those it needs, by the name they are needed by. */
interface Listed {
  readonly name?: string;
  readonly from?: string;
  readonly version?: string;
  readonly path?: string;
  readonly dependencies?: Readonly<Record<string, Listed>>;
  /** pnpm has them apart. */
  readonly optionalDependencies?: Readonly<Record<string, Listed | string>>;
}

function* listedUnder(node: Listed, parent: string | undefined): Generator<readonly [string, string | undefined]> {
  for (const [alias, one] of [node.dependencies, node.optionalDependencies].flatMap((list) =>
    Object.entries(list ?? {}),
  )) {
    // What is optional and for other machines npm lists without a version, and pnpm with a folder that is not there;
    // and npm shows the ranges of the manifest besides.
    if (typeof one === "string" || one.version === undefined || !existsSync(one.path ?? "")) continue;
    const named = `${one.name ?? one.from ?? alias}@${one.version}`;
    yield [named, parent];
    yield* listedUnder(one, named);
  }
}

/** What is listed under the application, and under the other projects of its workspace, which are linked to. */
function treeListed(nodes: readonly Listed[]): Tree {
  const rows = nodes.flatMap((node) => {
    if (node.name === application.name) return [...listedUnder(node, undefined)];
    const named = `${node.name}@${node.version}`;
    return [[named, undefined] as const, ...listedUnder(node, named)];
  });
  const edges = rows.flatMap(([named, parent]) => (parent === undefined ? [] : [`${parent} > ${named}`]));
  return tree(
    rows.map(([named]) => named),
    edges,
  );
}

describe.skipIf(!isThere("npm"))("what npm installs", () => {
  test.each(["hoisted", "nested", "linked"])(
    "is what npm ls shows, package by package and edge by edge: %s (SBOM-2, SBOM-3)",
    async (strategy) => {
      const root = join(folder, strategy);
      writeFiles(root, { "package.json": application });
      await run("npm", root, ["install", "--no-fund", `--install-strategy=${strategy}`]);
      const listing: Listed = JSON.parse(await run("npm", root, ["ls", "--all", "--json", "--long"]));
      const listed = treeListed([listing]);
      expect(listed.packages).toContain("leaf@1.0.0");
      expect(listed.edges).toContain("middle@1.5.0 > leaf@1.0.0");
      expect(treeOf(await inventoryOf(root))).toEqual(listed);
    },
    120_000,
  );
});

describe.skipIf(!isThere("pnpm"))("what pnpm installs", () => {
  test.each(["isolated", "hoisted"])(
    "is what pnpm ls shows, package by package and edge by edge: %s (SBOM-2, SBOM-3)",
    async (linker) => {
      const root = join(folder, `pnpm-${linker}`);
      writeFiles(root, {
        "pnpm-workspace.yaml": `packages: [members/*]\nnodeLinker: ${linker}\nstoreDir: ${join(folder, "store")}\n`,
        ".npmrc": `registry=${registry?.url ?? ""}\n`,
        "package.json": application,
        "members/one/package.json": { name: "one", version: "1.0.0", dependencies: { leaf: "^1.0.0" } },
      });
      await run("pnpm", root, ["install", "--no-frozen-lockfile"]);
      const listing: readonly Listed[] = JSON.parse(
        await run("pnpm", root, ["ls", "-r", "--depth", "Infinity", "--json"]),
      );
      const listed = treeListed(listing);
      expect(listed.packages).toEqual(expect.arrayContaining(["leaf@1.0.0", "one@1.0.0", "optional-here@1.0.0"]));
      const inventory = await inventoryOf(root);
      // What is shipped inside another package pnpm does not list, and npm does: it is there, and marked.
      const bundled = inventory.packages.filter((one) => one.properties?.["npm:bundled-by"] !== undefined);
      expect(bundled.map(({ name }) => name)).toEqual(["inside"]);
      expect(treeOf(inventory, (one) => !bundled.includes(one))).toEqual(listed);
    },
    120_000,
  );
});

const yarnClassic = fileURLToPath(import.meta.resolve("yarn-classic/bin/yarn.js"));
const yarnBerry = fileURLToPath(import.meta.resolve("@yarnpkg/cli-dist/bin/yarn.js"));

/** What is for other machines yarn lists, and does not install. */
const elsewhere = "elsewhere-only@1.0.0";
/** Yarn does not list what a package finds its peer in as a need of it. */
const peer = "plugin@4.0.0 > leaf";

/** One package in a listing of yarn 1; one that lies elsewhere in the tree is only pointed to, by name and range. */
interface YarnListed {
  readonly name: string;
  readonly shadow?: boolean;
  readonly children?: readonly YarnListed[];
}

/** The listing has the application's alias by its own name. */
function real(name: string): string {
  return name.startsWith("renamed@") ? name.replace("renamed", "leaf") : name;
}

/** The packages of a listing, and the names of those that each needs: yarn 1 says no more of a need. */
function yarnListed(nodes: readonly YarnListed[]): Tree {
  const all: YarnListed[] = [...nodes];
  for (const node of all) all.push(...(node.children ?? []));
  const placed = all.filter((node) => node.shadow !== true);
  return tree(
    placed.map(({ name }) => real(name)),
    placed.flatMap(({ name, children = [] }) => children.map((child) => `${real(name)} > ${nameOf(child.name)}`)),
  );
}

/** Without the version or range behind it. */
function nameOf(named: string): string {
  return named.slice(0, named.indexOf("@", 1));
}

describe("what yarn 1 installs", () => {
  test("is what yarn list shows, package by package and need by need (SBOM-2, SBOM-3)", async () => {
    const root = join(folder, "yarn-classic");
    writeFiles(root, { "package.json": application, ".yarnrc": `registry "${registry?.url ?? ""}"\n` });
    const yarn = (...args: readonly string[]): Promise<string> => run("node", root, [yarnClassic, ...args]);
    await yarn("install", "--no-progress", "--non-interactive", "--cache-folder", join(folder, "yarn-cache"));
    const listing: { readonly data: { readonly trees: readonly YarnListed[] } } = JSON.parse(
      await yarn("list", "--json", "--no-progress"),
    );
    const listed = yarnListed(listing.data.trees);
    expect(listed.packages).toContain("leaf@1.0.0");
    expect(listed.edges).toContain("middle@1.5.0 > leaf");
    const ours = treeOf(await inventoryOf(root));
    // It leaves out what stands behind a plus sign in a version, which is none of its order.
    expect(ours.packages.map((name) => name.replace(/\+.*$/, ""))).toEqual(
      listed.packages.filter((name) => name !== elsewhere),
    );
    const needs = ours.edges.map((edge) => edge.replace(/@[^@]*$/, "")).filter((need) => need !== peer);
    expect([...new Set(needs)]).toEqual(listed.edges);
  }, 120_000);
});

/** One line of what yarn 4 says of a project: a package, and those that it needs. */
interface YarnInfo {
  readonly value: string;
  readonly children: { readonly Version: string; readonly Dependencies?: readonly { readonly locator: string }[] };
}

/** `leaf@npm:1.0.0`, also with where it was fetched from, or for the peers of one place. */
function locatorName(locator: string): string {
  const at = locator.indexOf("@", 1);
  return `${locator.slice(0, at)}@${locator
    .slice(at)
    .replace(/^@(?:virtual:[0-9a-f]+#)?npm:/, "")
    .replace(/::.*$/, "")}`;
}

function yarnTold(lines: readonly YarnInfo[]): Tree {
  const rows = lines.filter(({ value }) => !value.includes("@workspace:"));
  return tree(
    rows.map(({ value }) => locatorName(value)),
    rows.flatMap(({ value, children }) =>
      (children.Dependencies ?? []).map(({ locator }) => `${locatorName(value)} > ${locatorName(locator)}`),
    ),
  );
}

describe("what yarn 4 installs", () => {
  test.each(["node-modules", "pnp", "pnpm"])(
    "is what yarn info shows, package by package and edge by edge: %s (SBOM-2, SBOM-3)",
    async (linker) => {
      const root = join(folder, `yarn-${linker}`);
      const settings = [
        `npmRegistryServer: ${registry?.url ?? ""}`,
        "unsafeHttpWhitelist: [127.0.0.1]",
        `nodeLinker: ${linker}`,
        "enableGlobalCache: false",
        "enableTelemetry: false",
        "enableImmutableInstalls: false",
      ];
      writeFiles(root, { "package.json": application, "yarn.lock": "", ".yarnrc.yml": settings.join("\n") });
      const yarn = (...args: readonly string[]): Promise<string> => run("node", root, [yarnBerry, ...args]);
      await yarn("install");
      const lines = (await yarn("info", "-A", "-R", "--json")).trimEnd().split("\n");
      const told = yarnTold(lines.map((line): YarnInfo => JSON.parse(line)));
      expect(told.packages).toContain("leaf@1.0.0");
      expect(told.edges).toContain("@scope/deep@3.2.1 > leaf@2.1.0");
      const ours = treeOf(await inventoryOf(root));
      expect(ours.packages).toEqual(told.packages.filter((name) => name !== elsewhere));
      expect(ours.edges.filter((edge) => edge !== `${peer}@2.1.0`)).toEqual(told.edges);
    },
    120_000,
  );
});
