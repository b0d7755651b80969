import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Decoder, parseJson } from "@sc/model";
import { takeInventory } from "@sc/sbom";
import { buildLayer } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { layerSource } from "./folder-layer.ts";

/** Where a file of each kind lies in an image, and the type of the packages it lists. */
const kinds: Readonly<Record<string, { readonly type: string; readonly place: (file: string) => string }>> = {
  "os/cos": { type: "cos", place: () => "etc/cos-package-info.json" },
  "os/flatpak": { type: "flatpak", place: (file) => `var/lib/flatpak/app/a/export/share/metainfo/${basename(file)}` },
  "os/homebrew": { type: "brew", place: (file) => file.replace("os/homebrew/", "opt/homebrew/") },
  "os/pacman": { type: "alpm", place: () => "var/lib/pacman/local/a/desc" },
  "os/portage": { type: "portage", place: () => "var/db/pkg/a/b/PF" },
  "os/rpm": { type: "rpm", place: (file) => `var/lib/rpm/${rpmNameOf(file)}` },
  "os/snap": { type: "snap", place: () => "snap/a/1/meta/snap.yaml" },
};

function rpmNameOf(file: string): string {
  const name = basename(file);
  return ["Packages", "Packages.db", "rpmdb.sqlite"].includes(name) ? name : "Packages";
}

const folder = dataFolder("lang/scalibr");

interface Case {
  readonly kind: string;
  readonly title: string;
  readonly file: string;
  readonly wantError: boolean;
  readonly variants: number;
  readonly packages: readonly string[];
}

function readCases(path: string): Case[] {
  const lines = readFileSync(join(path, "expected.jsonl"), "utf8").trimEnd().split("\n");
  return lines
    .map((line) => {
      const row = new Decoder(parseJson(line, "expected.jsonl"), "scalibr");
      return {
        kind: row.member("extractor").optional((kind) => kind.string()) ?? "",
        title: row.member("case").string(),
        file: row.member("file").string(),
        wantError: row.member("wantError").boolean(),
        variants: row.member("variants").optional((count) => count.number()) ?? 1,
        packages: row
          .member("packages")
          .array()
          .map((one) => `${one.member("name").string()} ${one.member("version").string()}`),
      };
    })
    .filter(({ kind, file }) => Object.hasOwn(kinds, kind) && existsSync(join(path, file)));
}

const cases = folder === undefined ? [] : readCases(folder);

describe.skipIf(folder === undefined)(
  "single files of operating systems say what another project reads (SBOM-2)",
  () => {
    test.each(cases)("$kind: $file: $title", async ({ kind, file, title, wantError, variants, packages }) => {
      const content = readFileSync(join(folder ?? "", file));
      const { type, place } = kinds[kind] ?? { type: "", place: basename };
      const layer = layerSource(buildLayer([{ path: place(file), content }]));
      const inventory = await takeInventory({ subject: { type: "image", name: title }, layers: [layer] });
      // The suite keeps the epoch of an rpm beside its version; that ours is right, `rpm -qa` says in another test.
      const versionOf = (version: string): string => (type === "rpm" ? version.replace(/^\d+:/, "") : version);
      const found = inventory.packages.map((one) => `${one.name} ${versionOf(one.version)}`);
      // Of several expectations of one file, those for functions that read less than a whole file expect nothing.
      if (packages.length > 0 || variants === 1) expect(found.toSorted()).toEqual([...packages].toSorted());
      expect(inventory.packages.every((one) => one.type === type)).toBe(true);
      // The suite passes over a record that ends in the middle of a field in silence; here it is told.
      const isCutOff = kind === "os/pacman" && /^%[A-Z]+%\s*$/.test(content.toString().split("\n\n").at(-1) ?? "");
      expect(inventory.problems.length > 0).toBe(wantError || isCutOff);
    });
  },
);
