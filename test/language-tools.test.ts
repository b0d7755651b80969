import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Inventory } from "@sc/model";
import { openImage, openSource, parseReference } from "@sc/oci";
import { takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { folderEntries, layerSource } from "./folder-layer.ts";

function inventoryOf(entries: readonly LayerEntry[]): Promise<Inventory> {
  return takeInventory({ subject: { type: "image", name: "fresh" }, layers: [layerSource(buildLayer(entries))] });
}

/** Whether a tool is there; its absence is said, and what it would show is skipped. */
function isThere(tool: string, argument: string): boolean {
  const there = spawnSync(tool, [argument], { stdio: "ignore" }).status === 0;
  if (!there) process.stderr.write(`${tool} is absent: what it says of the same files is not compared\n`);
  return there;
}

const go = "go";
const python = "python3";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sc-languages-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command with a module of its own, and one beside it that stands in for another. */
function writeGoModules(root: string): void {
  const files: Readonly<Record<string, string>> = {
    "go.mod": [
      "module example.com/command",
      "go 1.18",
      "require example.com/wanted v1.2.3",
      "replace example.com/wanted v1.2.3 => ./stand-in",
      "",
    ].join("\n"),
    "main.go": 'package main\n\nimport "example.com/wanted"\n\nfunc main() { println(wanted.Name) }\n',
    "stand-in/go.mod": "module example.com/wanted\n\ngo 1.18\n",
    "stand-in/wanted.go": 'package wanted\n\nvar Name = "x"\n',
  };
  mkdirSync(join(root, "stand-in"), { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
}

describe.skipIf(!isThere(go, "version"))("a Go binary", () => {
  test.each(["linux", "windows", "darwin"])(
    "built for %s has the modules that go version -m shows (SBOM-2)",
    async (GOOS) => {
      const root = join(folder, GOOS);
      writeGoModules(root);
      const env = { ...process.env, GOOS, GOARCH: "amd64", CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOPROXY: "off" };
      const flags = ["-buildvcs=false", "-ldflags=-s -w -X main.version=4.5.6", "-o", "program", "."];
      execFileSync(go, ["build", ...flags], { cwd: root, env });
      const shown = execFileSync(go, ["version", "-m", "program"], { cwd: root, encoding: "utf8" });
      const goVersion = /^program: go(\S+)/.exec(shown)?.[1];
      const dependencies = [...shown.matchAll(/^\tdep\t(\S+)\t(\S+)/gm)].map(
        ([, name, version]) => `${name} ${version}`,
      );
      const { packages } = await inventoryOf([{ path: "bin/program", content: readFileSync(join(root, "program")) }]);
      expect(dependencies).toEqual(["example.com/wanted v1.2.3"]);
      expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
        "example.com/command 4.5.6",
        ...dependencies,
        `stdlib ${goVersion}`,
      ]);
    },
    60_000,
  );
});

describe.skipIf(!isThere(python, "--version"))("a Python environment", () => {
  test("has the projects that importlib.metadata lists (SBOM-2)", async () => {
    const root = join(folder, "environment");
    execFileSync(python, ["-m", "venv", "--copies", root]);
    const script =
      "import importlib.metadata as m; print('\\n'.join(d.metadata['Name'] + ' ' + d.version for d in m.distributions()))";
    const listed = execFileSync(join(root, "bin/python3"), ["-c", script], { encoding: "utf8" }).trim().split("\n");
    const metadata = folderEntries(root, (path) => !path.startsWith("bin") && !path.endsWith(".pyc"));
    const { packages } = await inventoryOf(metadata);
    const found = packages.filter(({ cataloger }) => cataloger === "python-packages");
    // What pip has copied into itself is not on Python's path.
    const own = found.filter(({ locations }) => !locations.some(({ path }) => path.includes("/_vendor/")));
    expect(listed.length).toBeGreaterThan(0);
    expect(own.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual(listed.toSorted());
    // Python unpacks pip into the environment, and is a program of its own three times over.
  }, 600_000);
});

const gem = "gem";
const ruby = "ruby";

/** Gems that need one another, two versions of one among them, and one for a platform of its own. */
const gems: readonly { name: string; version: string; needs?: Readonly<Record<string, string>>; platform?: string }[] =
  [
    { name: "sample", version: "1.4.2" },
    { name: "sample", version: "1.10.0" },
    { name: "sample", version: "2.0.0.rc1" },
    { name: "consumer", version: "3.1.0", needs: { sample: "~> 1.4" } },
    { name: "pinned_to-old", version: "0.0.1", needs: { sample: "< 1.5", consumer: ">= 0" } },
    { name: "native", version: "5.0.0", needs: { json: ">= 1" }, platform: "current" },
  ];

/** The specifications of gems in one folder, at their place in the image. */
function specificationsAt(place: string, from: string): LayerEntry[] {
  const entries = folderEntries(from, (path) => path.endsWith(".gemspec"));
  return entries.map((entry) => Object.assign(entry, { path: `${place}/${entry.path}` }));
}

describe.skipIf(!isThere(gem, "--version"))("gems", () => {
  test("are those that gem list shows, each with the gems that RubyGems finds for it (SBOM-2, SBOM-3)", async () => {
    const root = join(folder, "gems");
    const home = join(root, "home");
    mkdirSync(root);
    const env = { PATH: process.env["PATH"], HOME: root, GEM_HOME: home, GEM_PATH: home };
    for (const { name, version, needs = {}, platform = "ruby" } of gems) {
      const lines = Object.entries(needs).map(([other, range]) => `s.add_dependency "${other}", "${range}"`);
      const file = join(root, `${name}.gemspec`);
      const own = `s.name = "${name}"; s.version = "${version}"; s.summary = "x"; s.authors = ["a"]; s.files = []`;
      const where = platform === "ruby" ? "" : "s.platform = Gem::Platform::CURRENT";
      writeFileSync(file, `Gem::Specification.new do |s|\n${[own, where, ...lines].join("\n")}\nend\n`);
      execFileSync(gem, ["build", "--force", "--quiet", "--output", "built.gem", file], { cwd: root, env });
      execFileSync(gem, ["install", "--local", "--force", "--no-document", "--quiet", "built.gem"], { cwd: root, env });
    }
    const inRuby = (script: string): string =>
      execFileSync(ruby, ["-e", script], { encoding: "utf8", env, cwd: root }).trim();
    const shown = execFileSync(gem, ["list", "--local"], { encoding: "utf8", env, cwd: root });
    // `name (default: 1.2, 1.1 x86_64-linux)`
    const listed = [...shown.matchAll(/^(\S+) \((.+)\)$/gm)].flatMap(([, name, versions]) =>
      (versions ?? "").split(", ").map((version) => `${name} ${version.replace("default: ", "").split(" ", 1)[0]}`),
    );
    const edges = inRuby(
      "Gem::Specification.each { |s| s.runtime_dependencies.each { |d| t = d.to_spec; puts s.name + ' ' + s.version.to_s + ' > ' + t.name + ' ' + t.version.to_s } }",
    ).split("\n");
    const defaults = inRuby("puts Gem.default_specifications_dir");
    const { packages, relationships } = await inventoryOf([
      ...specificationsAt("usr/local/bundle/specifications", join(home, "specifications")),
      ...specificationsAt("usr/lib/ruby/gems/3/specifications/default", defaults),
    ]);
    const names = new Map(packages.map(({ id, name, version }) => [id, `${name} ${version}`]));
    expect(listed).toEqual(expect.arrayContaining(["sample 1.4.2", "sample 1.10.0", "sample 2.0.0.rc1"]));
    expect([...names.values()].toSorted()).toEqual([...new Set(listed)].toSorted());
    expect(edges).toEqual(
      expect.arrayContaining(["consumer 3.1.0 > sample 1.10.0", "pinned_to-old 0.0.1 > sample 1.4.2"]),
    );
    expect(relationships.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`).toSorted()).toEqual(
      edges.toSorted(),
    );
    const native = packages.find(({ name }) => name === "native");
    expect(native?.purl).toBe(`pkg:gem/native@5.0.0?platform=${inRuby("puts Gem::Platform.local")}`);
  }, 120_000);
});

const roots = dataFolder("rootfs");
const attested = dataFolder("slsa");

async function layoutInventory(layout: string): Promise<Inventory> {
  const reference = parseReference(`oci-layout:${layout}`);
  await using source = await openSource(reference);
  const image = await openImage(source, reference);
  const layers = image.layers.map(({ descriptor, diffId }) => ({
    descriptor,
    diffId,
    open: () => source.openBlob(descriptor),
  }));
  return await takeInventory({ subject: { type: "image", name: layout }, layers });
}

/** The folders below a folder of the data in which an OCI layout lies. */
function layoutsBelow(place: string | undefined): string[] {
  if (place === undefined) return [];
  const names = readdirSync(place, { recursive: true, encoding: "utf8" });
  return names.filter((name) => basename(name) === "oci-layout").map((name) => dirname(join(place, name)));
}

describe("images whose programs no package manager brought", () => {
  const boxes = layoutsBelow(dataFolder("rootfs/busybox"));

  test.skipIf(roots === undefined)("there are some", () => {
    expect(boxes.length).toBeGreaterThan(0);
  });

  test.each(boxes)("BusyBox is told by its binary: %s (SBOM-2)", async (layout) => {
    const { packages } = await layoutInventory(layout);
    expect(packages.map((one) => one.name)).toEqual(["busybox"]);
    expect(packages[0]?.version).toMatch(/^1\.\d+\.\d+$/);
  });

  test.skipIf(attested === undefined)(
    "the modules of a Go program stand beside a distroless base's (SBOM-2)",
    async () => {
      const layouts = layoutsBelow(attested);
      expect(layouts.length).toBeGreaterThan(0);
      for (const layout of layouts) {
        const { packages, problems } = await layoutInventory(layout);
        const names = packages.filter(({ type }) => type === "golang").map(({ name }) => name);
        expect(names, layout).toContain("stdlib");
        expect(names.length).toBeGreaterThan(1);
        expect(problems).toEqual([]);
      }
    },
  );
});
