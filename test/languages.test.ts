import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Package } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { layerSource } from "./folder-layer.ts";

const data = dataFolder("lang");

interface Case {
  readonly suite: string;
  readonly kind: string;
  readonly title: string;
  readonly file: string;
  readonly wantError: boolean;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** How many expectations the suite has for the same file; any of them may be the one for us. */
  readonly variants?: number;
}

interface Difference {
  readonly case: string;
  readonly reason: string;
}

/** Where a file of each kind lies in an image: what the suites give to a parser, a cataloger takes by its path. */
const places: Readonly<Record<string, (file: string) => string>> = {
  "language/dotnet/depsjson": () => "app/app.deps.json",
  "language/dotnet/dotnetpe": (file) => `app/${basename(file)}`,
  "language/java/archive": (file) => `app/${basename(file)}`,
  "language/javascript/packagejson": () => "app/node_modules/some/package.json",
  "language/python/condameta": () => "opt/conda/conda-meta/some.json",
  "language/python/wheelegg": (file) =>
    /\.(?:whl|egg)$/.test(file) ? `app/${basename(file)}` : "app/some-1.dist-info/METADATA",
  "language/ruby/gemspec": (file) => `usr/lib/ruby/gems/3.2.0/specifications/${basename(file)}`,
  "language/rust/cargoauditable": () => "usr/bin/program",
  "misc/vscodeextensions": () => "root/.vscode-server/extensions/extensions.json",
  "conda/meta": () => "opt/conda/conda-meta/some.json",
  "dotnet/core_deps": () => "app/app.deps.json",
  "golang/binary": () => "usr/bin/program",
  "java/jar": (file) => `app/${basename(file)}`,
  "nodejs/packagejson": () => "app/node_modules/some/package.json",
  "python/packaging": (file) =>
    file.endsWith(".egg-info") ? `app/${basename(file)}` : "app/some-1.dist-info/METADATA",
  "ruby/gemspec": (file) => `usr/lib/ruby/gems/3.2.0/specifications/${basename(file)}`,
  "rust/binary": () => "usr/bin/program",
};

/** The same name and version, however the suites write them: with or without a `v`, with dots or slashes. */
function line({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name.toLowerCase().replaceAll("/", ".").replaceAll("_", "-")} ${version.replace(/^v(?=\d)/, "")}`;
}

function lines(packages: readonly { readonly name: string; readonly version: string }[]): string[] {
  return [...new Set(packages.map(line))].toSorted();
}

function casesOf(folder: string): Case[] {
  return ["scalibr", "trivy"].flatMap((suite) =>
    readFileSync(join(folder, suite, "expected.jsonl"), "utf8")
      .split("\n")
      .filter((row) => row !== "")
      .map((row): Case => {
        const { extractor, parser, case: title, file, wantError, packages, variants } = JSON.parse(row);
        return { suite, kind: extractor ?? parser, title, file, wantError, packages, variants };
      })
      .filter(({ kind }) => Object.hasOwn(places, kind)),
  );
}

async function found({ suite, kind, file }: Case): Promise<readonly Package[]> {
  const path = places[kind]?.(file) ?? file;
  const layer = buildLayer([{ path, content: readFileSync(join(data ?? "", suite, file)) }]);
  const inventory = await takeInventory({ subject: { type: "image", name: file }, layers: [layerSource(layer)] });
  return inventory.packages.filter(({ evidence }) => evidence === "installed");
}

const differences: readonly Difference[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "known-differences/languages.json"), "utf8"),
);

function fileOf({ suite, kind, file }: Case): string {
  return `${suite}/${kind}/${file}`;
}

function nameOf({ suite, kind, title, file }: Case): string {
  return `${suite} ${kind}: ${title} (${basename(file)})`;
}

describe.skipIf(data === undefined)(
  "installed packages of languages are those that other projects expect (SBOM-2)",
  () => {
    const cases = data === undefined ? [] : casesOf(data);
    const listed = new Set(differences.map((difference) => difference.case));
    const agreeing = cases.filter((one) => !listed.has(nameOf(one)));

    test.each(agreeing.map((one) => [nameOf(one), one] as const))("%s", async (_, one) => {
      const answers = one.variants === undefined ? [one] : cases.filter((other) => fileOf(other) === fileOf(one));
      expect(answers.map(({ packages }) => lines(packages))).toContainEqual(lines(await found(one)));
    });

    test("every case that is listed as different is there and does differ, and has a reason", async () => {
      for (const { case: name, reason } of differences) {
        const one = cases.find((candidate) => nameOf(candidate) === name);
        expect(reason.length, name).toBeGreaterThan(40);
        // The other half of a suite has other cases.
        if (one !== undefined) expect(lines(await found(one)), name).not.toEqual(lines(one.packages));
      }
      expect(differences.length).toBeLessThan(cases.length / 2);
    });
  },
);
