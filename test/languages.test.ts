import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Package } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { layerSource } from "./folder-layer.ts";
import { languageRules } from "./language-rules.ts";

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

/** Where a file of each kind lies in an image: what the suites give to a parser, a cataloger takes by its path. */
const places: Readonly<Record<string, (file: string) => string>> = {
  "language/dotnet/depsjson": () => "app/app.deps.json",
  "language/dotnet/dotnetpe": (file) => `app/${basename(file)}`,
  "language/java/archive": (file) => `app/${basename(file)}`,
  "language/javascript/packagejson": () => "app/node_modules/some/package.json",
  "language/javascript/vsix": (file) => `app/${basename(file)}`,
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

function fileOf({ suite, kind, file }: Case): string {
  return `${suite}/${kind}/${file}`;
}

/** What differs and no rule explains, as lines with a sign before them. */
function differenceOf(one: Case, ours: readonly Package[]): string[] {
  const expected = new Set(lines(one.packages));
  const listed = new Set(lines(ours));
  const content = readFileSync(join(data ?? "", one.suite, one.file));
  const seen = { file: basename(one.file), content, expected: one.packages, found: ours };
  const rules = languageRules.filter(({ kinds }) => kinds.includes(one.kind));
  const missing = one.packages.filter(
    (wanted) => !listed.has(line(wanted)) && !rules.some((rule) => rule.missing?.(wanted, seen) === true),
  );
  const extra = ours.filter(
    (entry) => !expected.has(line(entry)) && !rules.some((rule) => rule.extra?.(entry, seen) === true),
  );
  return [...missing.map((entry) => `-${line(entry)}`), ...extra.map((entry) => `+${line(entry)}`)];
}

function nameOf({ suite, kind, title, file }: Case): string {
  return `${suite} ${kind}: ${title} (${basename(file)})`;
}

describe.skipIf(data === undefined)(
  "installed packages of languages are those that other projects expect (SBOM-2)",
  () => {
    const cases = data === undefined ? [] : casesOf(data);

    test.each(cases.map((one) => [nameOf(one), one] as const))("%s", async (_, one) => {
      const ours = await found(one);
      const answers = cases.filter((other) => fileOf(other) === fileOf(one));
      const differences = answers.map((answer) => differenceOf(answer, ours));
      expect(differences.some((lists) => lists.length === 0) ? [] : differences).toEqual([]);
    });

    test("the suites have cases of installed packages at all", () => {
      expect(cases.length).toBeGreaterThan(0);
    });
  },
);
