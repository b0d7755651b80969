import { expect, test } from "vitest";
import { decodeAdvisory } from "./decode-advisory.ts";
import { maxDetailsLength, maxEventsPerRange, maxRecordBytes } from "./limits.ts";

const record = {
  schema_version: "1.7.0",
  id: "GHSA-aaaa-bbbb-cccc",
  modified: "2026-01-02T03:04:05.123456Z",
  published: "2025-01-02T03:04:05Z",
  aliases: ["CVE-2025-1", "GHSA-aaaa-bbbb-cccc", 7],
  upstream: ["CVE-2025-2"],
  related: ["CVE-2025-3"],
  summary: "It breaks",
  details: "# It <script>breaks</script>",
  severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
  affected: [
    {
      package: { ecosystem: "npm", name: "left" },
      ranges: [
        { type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.2.3" }] },
        { type: "GIT", repo: "https://example.com/left", events: [{ introduced: "0" }, { fixed: "abcdef" }] },
      ],
      versions: ["1.0.0", 7],
    },
  ],
  references: [
    { type: "WEB", url: "https://example.com/1" },
    { type: "WEB", url: "javascript:alert(1)" },
    { type: "WEB" },
  ],
};

function decode(value: unknown, id?: string) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return decodeAdvisory(new TextEncoder().encode(text), { where: "x.json", ...(id === undefined ? {} : { id }) });
}

test("a record is read whole, ranges of commits and what is no web address left out (SCAN-1)", () => {
  const { advisory, problems, unmatched } = decode(record, "GHSA-aaaa-bbbb-cccc");
  expect([problems, unmatched]).toEqual([[], []]);
  expect(advisory).toEqual({
    id: "GHSA-aaaa-bbbb-cccc",
    aliases: ["CVE-2025-1"],
    upstream: ["CVE-2025-2"],
    modified: "2026-01-02T03:04:05.123456Z",
    published: "2025-01-02T03:04:05Z",
    summary: "It breaks",
    details: "# It <script>breaks</script>",
    references: ["https://example.com/1"],
    ratings: [
      {
        method: "CVSSv31",
        score: 9.8,
        severity: "critical",
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        source: "GHSA-aaaa-bbbb-cccc",
      },
    ],
    affected: [
      {
        ecosystem: "npm",
        release: "",
        name: "left",
        ranges: [
          {
            type: "SEMVER",
            events: [
              { type: "introduced", version: "0" },
              { type: "fixed", version: "1.2.3" },
            ],
          },
        ],
        versions: ["1.0.0"],
        ratings: [],
      },
    ],
  });
});

test("what is no record is a problem, never an exception", () => {
  const hostile = [
    "",
    "{",
    "[]",
    "null",
    "7",
    '"x"',
    "<html>",
    "{}",
    '{"id":7}',
    '{"id":""}',
    '{"id":"../../x"}',
    '{"id":"a b"}',
  ];
  for (const text of hostile) {
    const { advisory, problems } = decode(text);
    expect(advisory, text).toBeUndefined();
    expect(
      problems.map(({ code }) => code),
      text,
    ).toEqual(["ADVISORY_MALFORMED"]);
  }
  const { problems } = decodeAdvisory(new Uint8Array([0xff, 0xfe, 0x7b]), { where: "x.json" });
  expect(problems.map(({ code }) => code)).toEqual(["ADVISORY_MALFORMED"]);
});

test("a record that is not the one its file is named for is refused", () => {
  expect(decode(record, "GHSA-other").problems.map(({ code }) => code)).toEqual(["ADVISORY_ID_MISMATCH"]);
  expect(decode({ ...record, id: "RHSA-2024:1" }, "RHSA-2024_1").advisory?.id).toBe("RHSA-2024:1");
});

test("members named __proto__ and constructor are members and nothing else", () => {
  const text = JSON.stringify(record).replace(
    '"summary"',
    '"__proto__":{"withdrawn":"x","polluted":1},"constructor":{},"summary"',
  );
  const { advisory } = decode(text);
  expect(advisory?.withdrawn).toBeUndefined();
  expect("polluted" in {}).toBe(false);
  const affected = [{ package: { ecosystem: "npm", name: "__proto__" }, ranges: [] }];
  expect(decode({ ...record, affected }).advisory?.affected[0]?.name).toBe("__proto__");
});

test("a package that cannot be read leaves the others of its record", () => {
  const [good] = record.affected;
  const broken = [
    { package: { ecosystem: "npm" } },
    { package: { ecosystem: "npm", name: "x" }, ranges: 7 },
    { package: { ecosystem: "npm", name: "x" }, ranges: [{ type: "SEMVER", events: [{ introduced: 0 }] }] },
    { package: { ecosystem: "npm", name: "x" }, versions: {} },
    { package: { ecosystem: "npm", name: "n".repeat(2_000) } },
  ];
  const { advisory, problems } = decode({ ...record, affected: [...broken, good] });
  expect(advisory?.affected.map(({ name }) => name)).toEqual(["left"]);
  expect(problems.map(({ code }) => code)).toEqual(broken.map(() => "ADVISORY_PACKAGE_MALFORMED"));
});

test("a million events are refused, and so is a record that is too large", () => {
  const event = { introduced: "1" };
  const events = (count: number) => [
    {
      package: { ecosystem: "npm", name: "x" },
      ranges: [{ type: "SEMVER", events: Array.from({ length: count }, () => event) }],
    },
  ];
  expect(decode({ ...record, affected: events(maxEventsPerRange) }).problems).toEqual([]);
  const { advisory, problems } = decode({ ...record, affected: events(700_000) });
  expect(advisory?.affected).toEqual([]);
  expect(problems[0]?.message).toContain(`at most ${maxEventsPerRange} elements instead of 700000`);
  expect(problems[0]?.message.length).toBeLessThan(300);
  const large = decodeAdvisory(new Uint8Array(maxRecordBytes + 1), { where: "x.json" });
  expect(large.problems.map(({ code }) => code)).toEqual(["ADVISORY_TOO_LARGE"]);
});

test("a long description is cut, and half a character is not left over", () => {
  const details = decode({ ...record, details: `x${"😀".repeat(maxDetailsLength)}` }).advisory?.details ?? "";
  expect(details.length).toBeLessThanOrEqual(maxDetailsLength);
  expect(details.isWellFormed()).toBe(true);
});

test("packages of ecosystems that cannot be matched are counted by ecosystem", () => {
  const affected = ["TuxCare:22.04:LTS", "Kubernetes", "npm"].map((ecosystem) => ({
    package: { ecosystem, name: "x" },
  }));
  const { advisory, unmatched } = decode({ ...record, affected });
  expect(unmatched).toEqual(["TuxCare", "Kubernetes"]);
  expect(advisory?.affected).toHaveLength(1);
});

test("Debian's urgency rates, and its end of life is told; an urgency that says nothing rates nothing (SCAN-4)", () => {
  const affected = ["unimportant", "low**", "not yet assigned", "end-of-life"].map((urgency) => ({
    package: { ecosystem: "Debian:12", name: "x" },
    ecosystem_specific: { urgency },
  }));
  const read = decode({ ...record, affected }).advisory?.affected ?? [];
  expect(read.map(({ ratings }) => ratings.map(({ severity }) => severity))).toEqual([["none"], ["low"], [], []]);
  expect(read.map(({ endOfLife }) => endOfLife)).toEqual([undefined, undefined, undefined, true]);
});

test("names are compared as their ecosystem does: Python's normalised, npm's by case (SCAN-1)", () => {
  const affected = [
    { package: { ecosystem: "PyPI", name: "Zope.Inter__Face" } },
    { package: { ecosystem: "npm", name: "JSONStream" } },
  ];
  expect(decode({ ...record, affected }).advisory?.affected.map(({ name }) => name)).toEqual([
    "zope-inter-face",
    "JSONStream",
  ]);
});
