import type { Finding } from "@sc/model";
import { applyVex, readVex, type ScanReport } from "@sc/scan";
// oxlint-disable-next-line import/no-namespace -- every test that there is, also those of later versions
import * as mandatory from "@secvisogram/csaf-validator-lib/mandatoryTests.js";
import { csaf_2_0_strict as schema } from "@secvisogram/csaf-validator-lib/schemaTests.js";
import validate from "@secvisogram/csaf-validator-lib/validate.js";
import { describe, expect, test } from "vitest";
import { emptyReport, exampleReport, finding, hostileReport, manyReport } from "./report-samples.ts";
import { at, parse, render } from "./rendered-report.ts";

/** Which of the standard's tests a document fails: its schema, and the mandatory tests that a schema cannot express. */
async function faultsOf(document: unknown): Promise<readonly string[]> {
  const { tests } = await validate([schema, ...Object.values(mandatory)], document);
  return tests.flatMap(({ name, isValid, errors }) =>
    isValid ? [] : [`${name}: ${errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join("; ")}`],
  );
}

const csaf = (report: ScanReport): Record<string, unknown> => parse(render("csaf", report));

function setAside(by: "vex" | "ignore" | "baseline" | "matcher", source?: string): Partial<Finding> {
  return { suppressed: { by, reason: `set aside by ${by}`, ...(source === undefined ? {} : { source }) } };
}

/** A report in which each status, each fix state and the same CVE under several names occur. */
function mixedReport(): ScanReport {
  const aliases = ["CVE-2025-1000"];
  const findings = [
    finding({ name: "a", id: "CVE-2025-1000", fixedIn: ["2"] }),
    finding({ name: "b", id: "GHSA-aaaa-bbbb-cccc", aliases, fixState: "wont-fix" }),
    finding({ name: "c", id: "DSA-1-1", aliases: ["CVE-2025-1000", "CVE-2025-1001"], fixState: "end-of-life" }),
    finding({ name: "d", id: "CVE-2025-1000", ...setAside("vex") }),
    finding({ name: "e", id: "CVE-2025-1000", ...setAside("ignore") }),
    finding({ name: "f", id: "CVE-2025-1000", ...setAside("baseline"), fixState: "unknown" }),
    finding({ name: "g", id: "CVE-2025-1000", ...setAside("matcher", "vendor-rebuild") }),
    finding({ name: "h", id: "CVE-2025-1000", ...setAside("matcher", "kernel-headers") }),
    // The same package twice: once accepted as not affected, once not.
    finding({ name: "i", id: "CVE-2025-1000", ...setAside("vex") }),
    finding({ name: "i", id: "GHSA-aaaa-bbbb-cccc", aliases }),
    finding({ name: "j", id: "MAL-2025-1", published: "2025-03-01T00:00:00+02:00" }),
  ];
  return { ...exampleReport, findings };
}

describe("a CSAF report", () => {
  test.each<readonly [string, ScanReport]>([
    ["of an image without findings", emptyReport],
    ["as of every day", exampleReport],
    ["of an image that was built to harm", hostileReport],
    ["of many findings", manyReport(300)],
    ["of every status", mixedReport()],
    ["of a folder, which has no name of its own", { ...mixedReport(), subject: { type: "directory", name: "" } }],
    ["of a folder without findings", { ...emptyReport, subject: { type: "directory", name: "" } }],
  ])(
    "%s is what the schema of CSAF 2.0 says, and passes the standard's mandatory tests (SCAN-6)",
    async (_, report) => {
      const document = csaf(report);
      expect(await faultsOf(document)).toEqual([]);
      expect(at(document, "document", "category")).toBe(report.findings.length === 0 ? "csaf_base" : "csaf_vex");
    },
  );

  test("is judged by tests that a broken one fails", async () => {
    const whole = render("csaf", mixedReport());
    const broken: readonly (readonly [string, RegExp | string, string])[] = [
      ["csaf_2_0_strict", '"csaf_version": "2.0"', '"csaf_version": "2"'],
      ["6_1_1", '"product_reference": "CSAFPID-1"', '"product_reference": "CSAFPID-none"'],
      ["6_1_2", '"product_id": "CSAFPID-2"', '"product_id": "CSAFPID-1"'],
      ["6_1_6", '"known_not_affected": [', '"known_not_affected": ["CSAFPID-0:CSAFPID-1",'],
      ["6_1_16", '"number": "1"', '"number": "2"'],
      ["6_1_23", '"text": "MAL-2025-1"\n        }\n      ],', '"text": "MAL-2025-1"}], "cve": "CVE-2025-1000",'],
      ["6_1_27_5", /"notes": \[\s*\{\s*"category": "description"[^\]]*\],/, ""],
      ["6_1_27_9", /"threats": \[[^\0]*?\n {6}\]/, '"x_none": []'],
      ["6_1_27_10", /"remediations": \[[^\0]*?\n {6}\],/, ""],
    ];
    for (const [name, part, instead] of broken) {
      const text = whole.replace(part, instead);
      expect(text, name).not.toBe(whole);
      expect((await faultsOf(parse(text))).join("\n"), name).toContain(name);
    }
  });

  test("tells the gravest status of a package, what to do about it, and why it is not affected (SCAN-5)", () => {
    const document = csaf(mixedReport());
    const told = at(document, "vulnerabilities", 0);
    const tree = at(document, "product_tree", "relationships");
    const names = new Map(
      (Array.isArray(tree) ? tree : []).map((one: unknown) => [
        at(one, "full_product_name", "product_id"),
        String(at(one, "full_product_name", "name")),
      ]),
    );
    const named = (list: unknown): unknown =>
      Array.isArray(list) ? list.map((id: unknown) => names.get(id)?.split(" ", 1)[0]) : list;
    expect(at(told, "cve")).toBe("CVE-2025-1000");
    expect(at(told, "ids")).toEqual([{ system_name: "GitHub Advisory Database", text: "GHSA-aaaa-bbbb-cccc" }]);
    expect(named(at(told, "product_status", "known_affected"))).toEqual(["a", "b", "e", "f", "i"]);
    expect(named(at(told, "product_status", "known_not_affected"))).toEqual(["d", "h"]);
    expect(named(at(told, "product_status", "under_investigation"))).toEqual(["g"]);
    const remediations = at(told, "remediations");
    expect(
      Array.isArray(remediations) ? remediations.map((one) => [at(one, "category"), at(one, "details")]) : 0,
    ).toEqual([
      ["vendor_fix", "Upgrade a to 2."],
      ["no_fix_planned", "b: will not be fixed."],
      ["no_fix_planned", "Accepted: set aside by ignore"],
      ["none_available", "f: no fix known."],
      ["none_available", "i: no fix yet."],
    ]);
    expect(at(document, "vulnerabilities", 2, "release_date")).toBe("2025-02-28T22:00:00Z");
  });

  test("carries the base score of a vector of CVSS 3, computed, and no other (SCAN-4)", () => {
    const scores = at(csaf(exampleReport), "vulnerabilities", 0, "scores");
    const vectorString = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    expect(scores).toEqual([
      {
        products: ["CSAFPID-0:CSAFPID-1"],
        cvss_v3: { version: "3.1", vectorString, baseScore: 9.8, baseSeverity: "CRITICAL" },
      },
    ]);
    const ratings = [
      { severity: "high", score: 9, vector: `${vectorString}/E:P`, method: "CVSSv31", source: "x" },
    ] as const;
    const other = { ...exampleReport, findings: [finding({ name: "a", ratings })] };
    expect(at(csaf(other), "vulnerabilities", 0, "scores")).toBeUndefined();
  });

  test("says to our own reader what OpenVEX says to it, package by package (SCAN-5)", () => {
    const report = mixedReport();
    const bare = report.findings.map((one): Finding => {
      const { suppressed: none, ...rest } = one;
      return none === undefined ? one : rest;
    });
    const judged = (id: string): readonly (readonly [string, string, string | undefined])[] =>
      applyVex(bare, readVex(Buffer.from(render(id, report)), id).statements, { subject: report.subject }).map(
        ({ id: found, package: { name }, suppressed }) => [found, name, suppressed?.reason] as const,
      );
    const differing = judged("openvex").filter(([, name]) => name !== "i");
    expect(judged("csaf").filter(([, name]) => name !== "i")).toEqual(differing);
    expect(differing.filter(([, , reason]) => reason !== undefined)).toEqual([
      ["CVE-2025-1000", "d", "not affected: set aside by vex"],
      ["CVE-2025-1000", "h", "not affected: set aside by matcher"],
    ]);
    // What contradicts itself takes nothing out.
    expect(judged("csaf").filter(([, name]) => name === "i")).toEqual([
      ["CVE-2025-1000", "i", undefined],
      ["GHSA-aaaa-bbbb-cccc", "i", undefined],
    ]);
  });
});
