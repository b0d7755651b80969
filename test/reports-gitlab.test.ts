import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { emptyReport, exampleReport, finding, hostileReport, manyReport } from "./report-samples.ts";
import { at, parse, render } from "./rendered-report.ts";

const text = (maxLength = 1_048_576, minLength = 1): object => ({ type: "string", minLength, maxLength });
const url = { type: "string", pattern: "^(https?|ftp)://.+" };
const time = { type: "string", pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$` };

/** An object that has these members and, but for the optional ones, none less. */
function shape(properties: Readonly<Record<string, object>>, optional: readonly string[] = []): object {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

function list(items: object, rest: object = {}): object {
  return { type: "array", items, ...rest };
}

const tool = shape({ id: text(), name: text(), version: text(), vendor: shape({ name: text() }) });
const metrics2 =
  "(AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]|E:(U|POC|F|H|ND)|RL:(OF|TF|W|U|ND)|RC:(UC|UR|C|ND)|CDP:(N|L|LM|MH|H|ND)|TD:(N|L|M|H|ND)|[CIA]R:(L|M|H|ND))";
const metrics3 =
  "(AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]|[CIA]R:[XLMH]|MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH])";
const vector = {
  type: "string",
  maxLength: 128,
  pattern: `^(CVSS:3[.][01](/${metrics3})+|${metrics2}(/${metrics2})+)$`,
};

/** What GitLab takes, of its container scanning reports 15.0.7, as far as ours have it; closed. */
const schema = shape({
  version: { const: "15.0.7" },
  scan: shape(
    {
      analyzer: tool,
      scanner: tool,
      type: { const: "container_scanning" },
      status: { enum: ["success", "failure"] },
      start_time: time,
      end_time: time,
      messages: list(shape({ level: { enum: ["info", "warn", "fatal"] }, value: text() }), { minItems: 1 }),
    },
    ["messages"],
  ),
  vulnerabilities: list(
    shape(
      {
        id: { type: "string", pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" },
        name: text(255),
        description: text(),
        severity: { enum: ["Info", "Unknown", "Low", "Medium", "High", "Critical"] },
        solution: text(7000),
        identifiers: list(shape({ type: text(), name: text(), value: text(), url }), { minItems: 1, maxItems: 20 }),
        links: list(shape({ url })),
        cvss_vectors: list(shape({ vendor: text(), vector }), { minItems: 1, maxItems: 10 }),
        location: shape({
          dependency: shape({ package: shape({ name: text() }), version: text() }),
          operating_system: text(),
          image: text(),
        }),
      },
      ["solution", "cvss_vectors"],
    ),
  ),
});

const check = new Ajv({ strict: true, allErrors: false }).compile(schema);

const ratings = ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:N/AC:L/Au:N/C:P/I:P/A:P"].map((one) => ({
  severity: "high" as const,
  score: 7.5,
  method: one.startsWith("CVSS") ? ("CVSSv31" as const) : ("CVSSv2" as const),
  vector: one,
  source: "",
}));
const long = {
  ...ratings[0],
  vector: `CVSS:3.1/${"AV:N/".repeat(50)}AC:L`,
  severity: "high",
  method: "CVSSv31",
  source: "x",
} as const;
const rated = finding({
  name: "a",
  id: "CVE-2025-1",
  ratings: [...ratings, long],
  summary: `${"x".repeat(239)}\u{1f600}`,
});
const blank = { kind: "distribution", id: "", idLike: [], fields: {}, path: "etc/os-release" } as const;

describe("GitLab's report", () => {
  test.each([
    ["of an image without findings", emptyReport],
    ["as of every day", exampleReport],
    ["of an image that was built to harm", hostileReport],
    ["of many findings", manyReport(300)],
    ["with vectors of two versions, and one that is too long", { ...exampleReport, findings: [rated] }],
    ["of a distribution without a name", { ...exampleReport, distribution: blank }],
  ])("%s has nothing that would make GitLab refuse all of it (SCAN-6)", (_, report) => {
    const document = parse(render("gitlab", report));
    expect(check(document), JSON.stringify(check.errors)).toBe(true);
    expect(JSON.stringify(document)).not.toMatch(/\\ud[89a-f]/i);
  });

  test("leaves out the vector that is too long alone, and the check would notice it", () => {
    const document = parse(render("gitlab", { ...exampleReport, findings: [rated] }));
    const vectors = at(document, "vulnerabilities", 0, "cvss_vectors");
    expect(vectors).toEqual(ratings.map((rating) => ({ vendor: "unknown", vector: rating.vector })));
    const broken = structuredClone(document);
    Object.assign(Object(at(broken, "vulnerabilities", 0, "cvss_vectors", 0)), { vector: `${ratings[0]?.vector}/` });
    expect(check(broken)).toBe(false);
  });
});
