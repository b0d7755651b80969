import type { Finding, Severity } from "@sc/model";
import { expect, test } from "vitest";
import { endOfLife, evaluate, type PolicyInput, ruleKinds, severity, type SeveritySettings } from "./index.ts";

function finding(severityOf: Severity, rest: Partial<Finding> = {}): Finding {
  return {
    id: "CVE-2024-1",
    aliases: [],
    package: {
      id: "pkg:npm/x@1",
      type: "npm",
      name: "x",
      version: "1",
      purl: "pkg:npm/x@1",
      locations: [{ path: "x" }],
    },
    severity: severityOf,
    ratings: [],
    fixState: "unknown",
    fixedIn: [],
    references: [],
    explanations: [],
    ...rest,
  };
}

function judge(settings: SeveritySettings, findings: readonly Finding[], rest: Partial<PolicyInput> = {}) {
  const { outcome, violations, warnings } = evaluate({ findings, ...rest }, [severity.configure(settings)]);
  return [outcome, violations.map(({ message }) => message), warnings.map(({ message }) => message)];
}

test("findings at or above the threshold block, those below do not (SCAN-5)", () => {
  const findings = [finding("critical"), finding("high"), finding("high"), finding("medium"), finding("none")];
  expect(judge({ failOn: "high" }, findings)).toEqual(["violation", ["3 findings at or above high"], []]);
  expect(judge({ failOn: "critical" }, findings)).toEqual(["violation", ["1 finding at or above critical"], []]);
  expect(judge({ failOn: "critical" }, findings.slice(1))).toEqual(["pass", [], []]);
  expect(judge({}, findings)).toEqual(["pass", [], []]);
});

test("warnings tell of what does not block already (SCAN-5)", () => {
  const findings = [finding("critical"), finding("high"), finding("medium")];
  expect(judge({ failOn: "critical", warnOn: "medium" }, findings)).toEqual([
    "violation",
    ["1 finding at or above critical"],
    ["2 findings at or above medium"],
  ]);
  expect(judge({ failOn: "medium", warnOn: "high" }, findings)[2]).toEqual([]);
  expect(judge({ warnOn: "high" }, findings)).toEqual(["pass", [], ["2 findings at or above high"]]);
});

test("what is suppressed or, on request, has no fix does not count (SCAN-5)", () => {
  const waived = finding("critical", { suppressed: { by: "ignore", reason: "not reachable" } });
  const fixable = finding("high", { fixedIn: ["2"] });
  expect(judge({ failOn: "high" }, [waived])[0]).toBe("pass");
  expect(judge({ failOn: "high", onlyFixed: true }, [finding("critical")])[0]).toBe("pass");
  expect(judge({ failOn: "high", onlyFixed: true }, [finding("critical"), fixable])[1]).toEqual([
    "1 finding at or above high",
  ]);
});

test("an unknown severity reaches the lowest threshold and no other, and that is told (SCAN-5)", () => {
  const findings = [finding("unknown"), finding("unknown")];
  const told = ["2 findings of unknown severity: not judged"];
  for (const failOn of ["critical", "high", "medium"] as const) {
    expect(judge({ failOn }, findings), failOn).toEqual(["pass", [], told]);
  }
  expect(judge({ failOn: "low" }, findings)).toEqual([
    "violation",
    ["2 findings at or above low, 2 of unknown severity"],
    [],
  ]);
  expect(judge({ failOn: "low" }, [finding("low"), finding("none")])[1]).toEqual(["1 finding at or above low"]);
  expect(judge({ failOn: "critical", warnOn: "low" }, findings)).toEqual([
    "pass",
    [],
    ["2 findings at or above low, 2 of unknown severity", ...told],
  ]);
  expect(judge({ failOn: "unknown" }, findings)).toEqual(["violation", ["2 findings at or above unknown"], []]);
});

test("nothing compared is told, and blocks on request (SCAN-5)", () => {
  const none = { coverage: { compared: 0, uncompared: 2 } };
  const some = { coverage: { compared: 5, uncompared: 1 } };
  expect(judge({ failOn: "high" }, [], none)).toEqual(["pass", [], ["2 packages were not compared with any advisory"]]);
  expect(judge({ failOn: "high" }, [], some)).toEqual(["pass", [], []]);
  expect(judge({ failOn: "high", failOnUnknown: true }, [], some)).toEqual([
    "violation",
    ["1 package was not compared with any advisory"],
    [],
  ]);
});

test("a rule that is given nothing to judge blocks", () => {
  expect(evaluate({}, [severity.configure({ failOn: "high" })])).toEqual({
    outcome: "violation",
    violations: [{ rule: "severity", message: "there is no scan to judge" }],
    warnings: [],
  });
  expect(evaluate({}, []).outcome).toBe("pass");
});

test("every kind of rule goes by its own id", () => {
  expect(ruleKinds.map(({ id }) => id)).toEqual(["severity", "end-of-life"]);
});

test("a release that is no longer maintained blocks where that is asked, and only there (SCAN-5)", () => {
  const message = "Debian 10 has not been maintained since 2024-06-30";
  const rule = endOfLife.configure({});
  expect(evaluate({ endOfLife: message }, [rule])).toEqual({
    outcome: "violation",
    violations: [{ rule: "end-of-life", message }],
    warnings: [],
  });
  expect(evaluate({}, [rule]).outcome).toBe("pass");
});
