import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { emptyReport, exampleReport, hostileReport, manyReport } from "./report-samples.ts";
import { render } from "./rendered-report.ts";

const schema = { fileName: "junit.xsd", contents: readFileSync(join(import.meta.dirname, "junit.xsd"), "utf8") };

/** What xmllint says is wrong with each of these texts, by their names. */
async function faultsOf(texts: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, readonly string[]>> {
  const xml = Object.entries(texts).map(([name, contents]) => ({ fileName: `${name}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: [schema] });
  return new Map(
    Object.keys(texts).map((name) => [
      name,
      errors.flatMap(({ rawMessage }) => (rawMessage.startsWith(`${name}.xml:`) ? [rawMessage] : [])),
    ]),
  );
}

const blind = { ...emptyReport, coverage: { ...emptyReport.coverage, compared: 0, uncompared: 214 } };
const texts = Object.fromEntries(
  Object.entries({ emptyReport, exampleReport, hostileReport, many: manyReport(3000), blind }).map(([name, report]) => [
    name,
    render("junit", report),
  ]),
);

test("JUnit reports are what the readers of that form take (SCAN-6)", async () => {
  const faults = await faultsOf(texts);
  expect([...faults.keys()]).toHaveLength(5);
  for (const [name, found] of faults) expect(found, name).toEqual([]);
});

test("the sums of a JUnit report are those of its cases (SCAN-6)", () => {
  for (const [name, text] of Object.entries(texts)) {
    const count = (element: string): number => text.split(`<${element}`).length - 1;
    const sums = `tests="${count("testcase ")}" failures="${count("failure ")}" errors="0"`;
    expect(text.split(sums), name).toHaveLength(3);
    expect(text, name).toContain(` skipped="${count("skipped ")}"`);
  }
});

test.each<readonly [string, string | RegExp, string]>([
  ["a suite without a name", /<testsuite name="[^"]*"/, "<testsuite"],
  ["a case without a name", /(<testcase classname="[^"]*") name="[^"]*"/, "$1"],
  ["a case whose name is empty", /(<testcase classname="[^"]*") name="[^"]*"/, '$1 name=""'],
  ["a case with two outcomes", "<failure ", '<skipped message="x"/><failure '],
  ["a sum that is no number", 'failures="1"', 'failures="one"'],
  ["a sum that Jenkins does not know", "<testsuites ", '<testsuites skipped="1" '],
  ["a time with a zone", /timestamp="([^"]*)"/, 'timestamp="$1Z"'],
  ["an element of no reader", "<system-out>", "<output/><system-out>"],
  ["text between the cases", "<testcase ", "text<testcase "],
  ["an end that is missing", "</testsuites>", ""],
])("%s is no JUnit report", async (_, part, instead) => {
  const whole = texts["exampleReport"] ?? "";
  const broken = whole.replace(part, instead);
  expect(broken).not.toBe(whole);
  expect((await faultsOf({ broken })).get("broken")).not.toEqual([]);
});
