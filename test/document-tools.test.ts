import type { Inventory, Package } from "@sc/model";
import {
  countLicenses,
  diffInventories,
  evaluateLicenses,
  excludePackages,
  findDocumentFormat,
  lintDocument,
  openDocument,
  queryPackages,
} from "@sc/sbom";
import { describe, expect, test } from "vitest";
import { bytesOf, everything, nothing, options } from "./document-cases.ts";

function entry(name: string, version: string, more: Partial<Package> = {}): Package {
  return {
    kind: "package",
    id: `${name}@${version}`,
    type: "npm",
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    cataloger: "x",
    evidence: "installed",
    locations: [{ path: `${name}/package.json` }],
    licenses: [],
    ...more,
  };
}

function holding(...packages: readonly Package[]): Inventory {
  return { ...nothing, packages };
}

function license(expression: string): Partial<Package> {
  return { licenses: [{ declared: expression, expression }] };
}

const names = (packages: readonly { readonly name: string }[]): string[] => packages.map(({ name }) => name);

describe("differences (SBOM-7)", () => {
  test("an upgrade is one change, whatever the qualifiers and the place", () => {
    const before = holding(entry("a", "1"), entry("b", "1"), entry("c", "1"));
    const moved = entry("a", "1", { purl: "pkg:npm/a@1?x=y", locations: [] });
    const after = holding(moved, entry("b", "2"), entry("d", "1"));
    const found = diffInventories(before, after);
    expect(names(found.added)).toEqual(["d"]);
    expect(names(found.removed)).toEqual(["c"]);
    expect(found.changed).toEqual([{ type: "npm", name: "b", from: ["1"], to: ["2"] }]);
    expect(found.unchanged).toBe(1);
  });

  test("a package that is there several times changes only in the versions that differ", () => {
    const found = diffInventories(holding(entry("a", "1"), entry("a", "2")), holding(entry("a", "2"), entry("a", "3")));
    expect(found).toMatchObject({ added: [], removed: [], changed: [{ from: ["1"], to: ["3"] }], unchanged: 1 });
  });
});

describe("queries (SBOM-7)", () => {
  const inventory = holding(
    entry("a.b", "1", license("MIT OR GPL-2.0-only")),
    entry("axb", "1", { cpes: ["cpe:2.3:a:x:axb:1:*:*:*:*:*:*:*"] }),
  );
  test.each([
    [{ name: "a.b" }, ["a.b"]],
    [{ name: "a*b" }, ["a.b", "axb"]],
    [{ name: "b" }, []],
    [{ license: "GPL-2.0-only" }, ["a.b"]],
    [{ license: "GPL" }, []],
    [{ cpe: "cpe:2.3:a:x:*" }, ["axb"]],
    [{ path: "/axb/package.json" }, ["axb"]],
    [{ type: "npm", name: "axb" }, ["axb"]],
    [{ type: "deb" }, []],
    [{}, ["a.b", "axb"]],
  ])("%j finds %j", (query, found) => {
    expect(names(queryPackages(inventory, query))).toEqual(found);
  });

  test("a pattern of many stars takes no more than its length times the text's", () => {
    const long = holding(entry("a".repeat(20_000), "1"));
    expect(queryPackages(long, { name: `${"*a".repeat(2000)}b` })).toEqual([]);
  });
});

describe("licence policy (SBOM-7)", () => {
  const inventory = holding(
    entry("either", "1", license("MIT OR GPL-2.0-only")),
    entry("both", "1", license("MIT AND GPL-2.0-only")),
    entry("linked", "1", license("GPL-2.0-only WITH Classpath-exception-2.0")),
    entry("odd", "1", { licenses: [{ declared: "BSD" }] }),
    entry("none", "1"),
  );
  const judged = (policy: Parameters<typeof evaluateLicenses>[1]): string[] =>
    evaluateLicenses(inventory, policy).map(({ purl, reason }) => `${purl.slice("pkg:npm/".length)} ${reason}`);

  test("of alternatives one will do, of what applies together all must", () => {
    expect(judged({ deny: ["GPL-2.0-only"] })).toEqual(["both@1 denied"]);
    expect(judged({ allow: ["MIT"] })).toEqual(["both@1 not-allowed", "linked@1 not-allowed"]);
  });

  test("a licence with an exception is another than the one without", () => {
    expect(judged({ deny: ["GPL-2.0-only WITH Classpath-exception-2.0"] })).toEqual(["linked@1 denied"]);
  });

  test("a licence nobody knows is accepted unless the policy says otherwise", () => {
    expect(judged({ denyUnknown: true })).toEqual(["odd@1 unknown", "none@1 unknown"]);
    expect(judged({})).toEqual([]);
  });

  test("a policy that names what is no licence is refused", () => {
    for (const name of ["GPL", "MIT OR ISC", ""]) {
      expect(() => judged({ deny: [name] })).toThrow(expect.objectContaining({ code: "LICENSE_INVALID" }));
    }
  });

  test("the report counts each licence once a package", () => {
    expect(countLicenses(inventory)).toMatchObject({ without: 1, licenses: { length: 4 } });
  });
});

describe("exclusion (SBOM-6)", () => {
  const inventory: Inventory = {
    ...holding(entry("app", "1"), entry("secret-a", "1"), entry("secret-b", "1"), entry("leaf", "1")),
    relationships: [
      { from: "app@1", to: "secret-a@1", type: "depends-on" },
      { from: "leaf@1", to: "secret-a@1", type: "owned-by" },
      { from: "secret-a@1", to: "secret-b@1", type: "depends-on" },
      { from: "secret-b@1", to: "leaf@1", type: "depends-on" },
      { from: "secret-b@1", to: "secret-a@1", type: "depends-on" },
    ],
    problems: [{ kind: "problem", code: "X", message: "about secret-a", path: "secret-a/package.json" }],
  };

  test("nothing of an excluded package is left, and what needed it needs what it needed", () => {
    const kept = excludePackages(inventory, ["pkg:npm/secret-*"]);
    expect(names(kept.packages)).toEqual(["app", "leaf"]);
    expect(kept.relationships).toEqual([{ from: "app@1", to: "leaf@1", type: "depends-on" }]);
    expect(JSON.stringify(kept)).not.toContain("secret");
  });

  test("a document says that packages are missing, and a pattern that excludes nothing changes nothing", () => {
    const kept = excludePackages(inventory, ["pkg:npm/secret-*"]);
    expect(kept).toMatchObject({ incomplete: true, problems: [{ code: "PACKAGES_EXCLUDED" }] });
    expect(excludePackages(inventory, ["pkg:npm/app"])).toBe(inventory);
  });
});

function judge(name: string, inventory: Inventory, profile: "ntia" | "cisa" | "bsi"): ReturnType<typeof lintDocument> {
  const format = findDocumentFormat(name);
  if (format === undefined) throw new Error(`${name} is no format`);
  const document = openDocument(bytesOf(format, inventory, options), { where: name });
  if (document === undefined) throw new Error(`${name} is not read`);
  return lintDocument(document.facts(), profile);
}

describe("lint (SBOM-5)", () => {
  const full: Inventory = {
    ...everything,
    packages: everything.packages.map((one) => Object.assign({ supplier: "Somebody <a@example.org>" }, one)),
  };

  test.each(["cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value", "spdx3-json"])(
    "%s has the minimum elements of NTIA where the inventory has",
    (name) => {
      expect(judge(name, full, "ntia")).toMatchObject({ score: 10, complete: true });
    },
  );

  test("each missing element costs its share and is named", () => {
    const [first] = full.packages;
    if (first === undefined) throw new Error("no package");
    const { supplier: _supplier, ...bare } = first;
    const report = judge("cyclonedx-json", { ...full, packages: [bare] }, "ntia");
    expect(report.results.filter(({ passed, of }) => passed < of).map(({ id }) => id)).toEqual(["component-supplier"]);
    expect(report.score).toBe(8.1);
  });

  test("the points of the lines sum up to the score, ten at most", () => {
    for (const profile of ["ntia", "cisa", "bsi"] as const) {
      const { results, score } = judge("spdx-json", everything, profile);
      expect(results.reduce((sum, { maxPoints }) => sum + maxPoints, 0)).toBeCloseTo(10, 6);
      expect(results.reduce((sum, { points }) => sum + points, 0) - score).toBeLessThan(0.1);
    }
  });

  test("BSI does not accept SPDX 2", () => {
    const formats = ["spdx-json", "spdx3-json", "cyclonedx-json", "cyclonedx-json@1.5"];
    const passed = formats.map((name) =>
      judge(name, everything, "bsi").results.flatMap((result) => (result.id === "format" ? [result.passed] : [])),
    );
    expect(passed.flat()).toEqual([0, 1, 1, 0]);
  });
});
