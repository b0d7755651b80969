import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Inventory } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderEntries, layerSource } from "./folder-layer.ts";

// What R, Perl's and Lua's own tools install on the spot, and what they say is installed.

/** Whether a tool is there; its absence is said, and what it would show is skipped. */
function isThere(tool: string): boolean {
  const there = spawnSync(tool, ["--version"], { stdio: "ignore" }).status === 0;
  if (!there) process.stderr.write(`${tool} is absent: what it installs is not compared\n`);
  return there;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sc-scripting-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function run(tool: string, args: readonly string[], cwd: string): string {
  const env = { PATH: process.env["PATH"], HOME: folder, LC_ALL: "C" };
  return execFileSync(tool, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function below(place: string, from: string): LayerEntry[] {
  const kept = /(?:^|\/)(?:DESCRIPTION|rock_manifest|manifest|install\.json|\.packlist|[^/]+\.rockspec)$/;
  const files = folderEntries(from).filter(({ path, type }) => type === undefined && kept.test(path));
  return files.map((entry) => Object.assign(entry, { path: `${place}/${entry.path}` }));
}

async function inventoryOf(entries: readonly LayerEntry[]): Promise<Inventory> {
  const layers = [layerSource(buildLayer(entries))];
  return await takeInventory({ subject: { type: "image", name: "fresh" }, layers }, { workers: false });
}

function listed({ packages }: Inventory, type: string): string[] {
  return packages.filter((one) => one.type === type).map(({ name, version }) => `${name} ${version}`);
}

function description(name: string, version: string, rest: string): string {
  return `Package: ${name}\nVersion: ${version}\nTitle: Counts\nDescription: Counts.\nAuthor: Ann\nMaintainer: Ann <ann@example.com>\nLicense: MIT + file LICENSE\n${rest}`;
}

describe.skipIf(!isThere("Rscript"))("packages of R", () => {
  test("are those that installed.packages lists, in every library (SBOM-2)", async () => {
    const root = join(folder, "r");
    write(root, {
      "cart/DESCRIPTION": description("cart", "2.1-3", "Imports: stats\n"),
      "cart/NAMESPACE": 'exportPattern("^f")\n',
      "cart/R/f.R": "f <- function() 1\n",
      "dotted.shop/DESCRIPTION": description("dotted.shop", "0.0.0.9000", "Depends: R (>= 3.0),\n    cart\n"),
      "dotted.shop/NAMESPACE": "import(cart)\n",
      "library/README": "",
    });
    const library = join(root, "library");
    const install = ["CMD", "INSTALL", "--no-docs", "--no-test-load", `--library=${library}`];
    run("R", [...install, "cart"], root);
    run("env", [`R_LIBS=${library}`, "R", ...install, "dotted.shop"], root);
    const script =
      'm <- installed.packages(lib.loc = c(commandArgs(TRUE), .libPaths())); cat(unique(m[, "LibPath"]), sep = "\\n"); cat("\\n--\\n"); cat(paste(m[, "Package"], m[, "Version"]), sep = "\\n")';
    const [places = "", packages = ""] = run("Rscript", ["--vanilla", "-e", script, library], root).split("\n--\n");
    const libraries = places.split("\n").filter((line) => line !== "");
    const inventory = await inventoryOf(libraries.flatMap((place, at) => below(`usr/lib/R/${at}`, place)));
    expect(packages).toContain("dotted.shop 0.0.0.9000");
    expect(listed(inventory, "cran").toSorted()).toEqual(packages.trim().split("\n").toSorted());
    const names = new Map(inventory.packages.map(({ id, name }) => [id, name]));
    const edges = inventory.relationships.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`);
    expect(edges).toContain("dotted.shop > cart");
  }, 60_000);
});

describe.skipIf(!isThere("cpanm"))("distributions of CPAN", () => {
  test("are those whose modules ExtUtils::Installed finds (SBOM-2)", async () => {
    const root = join(folder, "perl");
    const mirror = join(root, "mirror");
    const index: string[] = [];
    for (const [module, version] of [
      ["Some::Thing", "1.02"],
      ["Other", "v2.10.3"],
    ] as const) {
      const dist = `${module.replaceAll("::", "-")}-${version}`;
      const file = `lib/${module.replaceAll("::", "/")}.pm`;
      write(join(root, dist), {
        [file]: `package ${module};\nour $VERSION = '${version}';\n1;\n`,
        "Makefile.PL": `use ExtUtils::MakeMaker;\nWriteMakefile(NAME => '${module}', VERSION_FROM => '${file}');\n`,
        MANIFEST: `Makefile.PL\n${file}\nMANIFEST\n`,
      });
      const archive = `A/AN/ANN/${dist}.tar.gz`;
      write(mirror, { [`authors/id/${archive}`]: "" });
      run("tar", ["czf", join(mirror, "authors/id", archive), dist], root);
      index.push(`${module} ${version} ${archive}\n`);
    }
    const head = "File: 02packages.details.txt\nColumns: package name, version, path\n";
    const details = gzipSync(`${head}Line-Count: ${index.length}\n\n${index.join("")}`);
    write(mirror, { "modules/02packages.details.txt.gz": details });
    const local = join(root, "local");
    const options = ["--mirror", `file://${mirror}`, "--mirror-only", "--notest", "--quiet", "-L", local];
    run("cpanm", [...options, "Some::Thing", "Other"], root);
    const script =
      'my $at = shift; my $i = ExtUtils::Installed->new(inc_override => ["$at/$Config::Config{archname}", $at]); print "$_ ", $i->version($_), "\\n" for grep { $_ ne "Perl" } $i->modules';
    const said = run("perl", ["-MConfig", "-MExtUtils::Installed", "-e", script, join(local, "lib/perl5")], root);
    const found = listed(await inventoryOf(below("usr/local", local)), "cpan");
    expect(said).toContain("Some::Thing 1.02");
    expect(found.toSorted()).toEqual(said.trim().replaceAll("::", "-").split("\n").toSorted());
  }, 60_000);
});

function specification(name: string, version: string, needs: string): string {
  return `package = "${name}"\nversion = "${version}"\nsource = { url = "git+https://git.corp.example/${name}.git" }\ndescription = { license = "MIT" }\ndependencies = { "lua >= 5.1"${needs} }\nbuild = { type = "builtin", modules = { ${name} = "module.lua" } }\n`;
}

describe.skipIf(!isThere("luarocks"))("rocks of Lua", () => {
  test("are those that luarocks list shows, with or without their manifests (SBOM-2)", async () => {
    const root = join(folder, "lua");
    write(root, {
      "module.lua": "return {}\n",
      "cart-2.1.0-1.rockspec": specification("cart", "2.1.0-1", ""),
      "shop-0.3-2.rockspec": specification("shop", "0.3-2", ', "cart ~> 2"'),
    });
    const tree = join(root, "tree");
    for (const file of ["cart-2.1.0-1.rockspec", "shop-0.3-2.rockspec"])
      run("luarocks", ["--tree", tree, "make", file], root);
    const said = run("luarocks", ["--tree", tree, "list", "--porcelain"], root);
    const rocks = Array.from(
      said.matchAll(/^(\S+)\t(\S+)\tinstalled\t/gm),
      ([, name, version]) => `${name} ${version}`,
    );
    const entries = below("usr/local", tree);
    expect(rocks).toContain("shop 0.3-2");
    for (const kind of ["rock_manifest", ".rockspec"]) {
      const without = await inventoryOf(entries.filter(({ path }) => !path.endsWith(kind)));
      expect(listed(without, "luarocks").toSorted()).toEqual(rocks.toSorted());
    }
    const { packages, relationships } = await inventoryOf(entries);
    expect(packages.map(({ name, licenses }) => [name, licenses[0]?.expression])).toEqual([
      ["cart", "MIT"],
      ["shop", "MIT"],
    ]);
    const names = new Map(packages.map(({ id, name }) => [id, name]));
    expect(relationships.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`)).toEqual(["shop > cart"]);
  }, 60_000);
});
