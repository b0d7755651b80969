import type { Finding, Inventory } from "@sc/model";
import { inventory, readPackages } from "@sc/pipeline";
import { type AdvisoryDatabase, type Coverage, matchInventory } from "@sc/scan";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readable, textOf } from "./document-cases.ts";
import { openFolder, openRecords } from "./matching-database.ts";

const npm = "usr/local/lib/node_modules/npm";
const dpkg = (name: string, version: string, more = ""): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: Debian <d@debian.org>\nVersion: ${version}\n${more}\n`;
const module = (folder: string, name: string, version: string): { path: string; content: string } => ({
  path: `${folder}/package.json`,
  content: JSON.stringify({ name, version }),
});
const python = "usr/lib/python3/dist-packages/requests-2.28.dist-info/METADATA";

// What findings may depend on: sources of another name and version, epochs, an owner, npm's own modules, headers.
const image = buildImage({
  layers: [
    buildLayer([
      { path: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' },
      {
        path: "var/lib/dpkg/status",
        content: [
          dpkg("libssl3", "9:3.0.13-1", "Source: openssl (3.0.13)\n"),
          dpkg("zlib1g", "1:1.2.13"),
          dpkg("linux-libc-dev", "6.1.1", "Source: linux\n"),
          dpkg("python3-requests", "2.28-1", "Source: requests\n"),
          dpkg("curl", "7.88-1+seal1"),
        ].join(""),
      },
      { path: "var/lib/dpkg/info/python3-requests.list", content: `/.\n/${python}\n` },
      { path: python, content: "Metadata-Version: 2.1\nName: requests\nVersion: 2.28\n" },
    ]),
    buildLayer([
      module("app/node_modules/lodash", "lodash", "4.17.15"),
      module("app/node_modules/@scope/tool", "@scope/tool", "1.0.0"),
      module(npm, "npm", "10.8.2"),
      module(`${npm}/node_modules/tar`, "tar", "6.0.0"),
      module("app/node_modules/evil", "evil", "1.0.0"),
    ]),
  ],
});

const advisory = (id: string, ecosystem: string, name: string, fixed = "99:9") => ({
  id,
  modified: "2026-01-01T00:00:00Z",
  affected: [
    { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }] },
  ],
});
const records = [
  advisory("CVE-2026-1", "Debian:12", "openssl", "3.0.14"),
  advisory("CVE-2026-2", "Debian:12", "zlib"),
  advisory("CVE-2026-3", "Debian:12", "zlib1g", "1:1.2.14"),
  advisory("CVE-2026-4", "Debian:12", "linux"),
  advisory("CVE-2026-5", "Debian:12", "curl"),
  advisory("CVE-2026-6", "PyPI", "requests", "2.31.0"),
  advisory("CVE-2026-7", "npm", "lodash", "4.17.21"),
  advisory("CVE-2026-8", "npm", "@scope/tool", "2.0.0"),
  advisory("CVE-2026-9", "npm", "tar", "7.0.0"),
  advisory("MAL-2026-1", "npm", "evil", "2.0.0"),
];

interface Same {
  readonly findings: readonly (readonly unknown[])[];
  readonly coverage: Coverage;
}

/** All that a verdict depends on, without what only an image knows: paths and layers. */
function verdictOf(taken: Inventory, database: AdvisoryDatabase): Same {
  const { findings, coverage } = matchInventory(taken, database);
  return { findings: findings.map(describeFinding), coverage };
}

function describeFinding(finding: Finding): readonly unknown[] {
  const { id, aliases, package: found, severity, fixState, fixedIn, malicious, suppressed, explanations } = finding;
  const { type, name, version, purl } = found;
  return [id, aliases, type, name, version, purl, severity, fixState, fixedIn, malicious, suppressed, explanations];
}

function comparedOf(findings: readonly Finding[]): readonly (readonly unknown[])[] {
  return findings.map(({ id, package: found, severity, fixedIn, explanations }) => [
    id,
    found.purl,
    severity,
    fixedIn,
    explanations,
  ]);
}

const held: { folder?: AsyncDisposable; database?: AdvisoryDatabase; taken?: Inventory } = {};

beforeAll(async () => {
  await using registry = await startRegistry();
  const folder = await openFolder();
  held.folder = folder;
  held.database = await openRecords(folder.path, records);
  held.taken = await inventory(pushImage(registry, "acme/api:1", image), { workers: false });
});

afterAll(async () => {
  await held.database?.[Symbol.asyncDispose]();
  await held.folder?.[Symbol.asyncDispose]();
});

function given(): { readonly taken: Inventory; readonly database: AdvisoryDatabase } {
  const { taken, database } = held;
  if (taken === undefined || database === undefined) throw new Error("the image was not read");
  return { taken, database };
}

describe("scanning a document gives what scanning its image gives", () => {
  test("and the image gives something of every kind (SCAN-3)", () => {
    const { taken, database } = given();
    const { findings } = matchInventory(taken, database);
    const told = findings.map((finding) => [finding.package.name, finding.suppressed?.source ?? "counts"].join(" "));
    expect(told.toSorted()).toEqual([
      "@scope/tool counts",
      "curl vendor-rebuild",
      "evil counts",
      "libssl3 counts",
      "linux-libc-dev kernel-headers",
      "lodash counts",
      "requests distribution-owned",
      "tar bundled-by-npm",
      "zlib1g counts",
    ]);
  });

  test.each(readable.map(({ name }) => name))("as %s (SCAN-3)", (name) => {
    const { taken, database } = given();
    const format = readable.find((one) => one.name === name);
    if (format === undefined) throw new Error(`there is no format ${name}`);
    const read = readPackages(Buffer.from(textOf(format, taken)), "document");
    expect(verdictOf(read, database)).toEqual(verdictOf(taken, database));
  });

  test("as a list of purls, but for what only files and owners tell (SCAN-3)", () => {
    const { taken, database } = given();
    const list = ["# what is installed", "", ...taken.packages.map(({ purl }) => purl)].join("\r\n");
    const read = matchInventory(readPackages(Buffer.from(list), "list"), database);
    const whole = matchInventory(taken, database);
    expect(comparedOf(read.findings)).toEqual(comparedOf(whole.findings));
    expect(read.coverage).toEqual(whole.coverage);
    const counts = read.findings.filter(({ suppressed }) => suppressed === undefined).map(({ id }) => id);
    expect(counts).toEqual(expect.arrayContaining(["CVE-2026-6", "CVE-2026-9"]));
  });

  test("a line that is no purl is an error that names it, for what is passed over would count as clean", () => {
    const lines = ["pkg:npm/a@1", "left-pad 1.0.0"];
    expect(() => readPackages(Buffer.from(lines.join("\n")), "list.txt")).toThrow(
      expect.objectContaining({ code: "PURL_LIST_INVALID", message: expect.stringContaining("list.txt:2") }),
    );
    const long = `pkg:npm/a@1\npkg:npm/${"x".repeat(1_000_000)}@1`;
    expect(() => readPackages(Buffer.from(long), "list.txt")).toThrow(
      expect.objectContaining({ code: "PURL_LIST_INVALID", message: expect.stringMatching(/^.{1,600}$/s) }),
    );
    expect(() => readPackages(Buffer.from("pkg:npm/a@1\n".repeat(1_000_001)), "list.txt")).toThrow(/1000000 lines/);
  });
});
