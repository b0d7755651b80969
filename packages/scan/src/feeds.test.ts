import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonValue } from "@sc/model";
import { describe, expect, test } from "vitest";
import type { FeedFile, FeedRecord } from "./feed.ts";
import { feeds } from "./feeds/index.ts";

const vectors = join(import.meta.dirname, "../../../vectors/feeds");

function fileOf(where: string, bytes: Uint8Array, chunkBytes = bytes.length): FeedFile {
  const count = Math.ceil(bytes.length / Math.max(1, chunkBytes));
  const chunks = Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  return { where, syntax: where.endsWith(".json") ? "json" : "yaml", chunks };
}

function readAll(file: FeedFile, start: string): readonly FeedRecord[] {
  const feed = feeds.find(({ recognizes }) => recognizes(start));
  return [...(feed?.read(file) ?? [])];
}

function readText(text: string, { where = "x.json", chunkBytes }: { where?: string; chunkBytes?: number } = {}) {
  return readAll(fileOf(where, Buffer.from(text), chunkBytes), text.slice(0, 1024));
}

const codes = (records: readonly FeedRecord[]): readonly string[] =>
  records.flatMap(({ problems }) => problems.map(({ code }) => code));

const ids = (records: readonly FeedRecord[]): readonly string[] =>
  records.flatMap(({ advisory }) => (advisory === undefined ? [] : [advisory.id]));

// What a pattern could read in two ways would take it for ever.
test.each(["\n", "#\n", " #", "--- \n", "{ ", '"'])(
  "a file that begins with %j without end is left to the last feed",
  (text) => {
    const recognized = feeds.filter(({ recognizes }) => recognizes(`${text.repeat(20_000)}x`));
    expect(recognized.map(({ id }) => id)).toEqual(["osv"]);
  },
);

describe("every feed reads its vectors (SCAN-2)", () => {
  const cases = readdirSync(vectors).flatMap((id) => readdirSync(join(vectors, id)).map((name) => [id, name] as const));

  test.each(cases)("%s: %s", (id, name) => {
    const folder = join(vectors, id, name);
    const input = readdirSync(folder).find((file) => file !== "expected.json") ?? "";
    const bytes = readFileSync(join(folder, input));
    const start = bytes.toString("latin1", 0, 1024);
    expect(feeds.find(({ recognizes }) => recognizes(start))?.id).toBe(id);
    const expected: JsonValue = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
    for (const chunkBytes of [bytes.length, 7, 1]) {
      expect(JSON.parse(JSON.stringify(readAll(fileOf(input, bytes, chunkBytes), start)))).toEqual(expected);
    }
  });
});

describe("hostile advisories are told and bounded (SCAN-2)", () => {
  test("a document that looks like the tracker and is another is refused whole, a tracker with some broken entries is not", () => {
    const entries = Array.from({ length: 1001 }, (_, at) => `"a${at}":{"CVE-2026-${1000 + at}":{"releases":7}}`);
    expect(codes(readText(`{${entries.slice(1).join(",")}}`))).toHaveLength(1000);
    expect(() => readText(`{${entries.join(",")}}`)).toThrow(
      expect.objectContaining({ code: "ADVISORIES_UNREADABLE" }),
    );
  });

  test("a document in YAML of more lines than any source has is a problem, and nobody reads them (G 20)", () => {
    const told = [200_000, 199_000].map((lines) => {
      const records = readText(`id: X-1\n${"#\n".repeat(lines)}`, { where: "x.yaml" });
      const messages = records.flatMap(({ problems }) => problems.map(({ message }) => message));
      return messages.some((message) => message.includes("more than the 200000 lines"));
    });
    expect(told).toEqual([true, false]);
  });

  test("a document that is HTML, cut short or no object is a problem, or is refused whole", () => {
    expect(codes(readText("<html>busy</html>"))).toEqual(["ADVISORY_MALFORMED"]);
    expect(codes(readText("<html>busy</html>", { where: "x.yaml" }))).toEqual(["ADVISORY_MALFORMED"]);
    expect(codes(readText('{"apkurl":"","packages":[{"pkg"'))).toEqual(["ADVISORY_MALFORMED"]);
    expect(codes(readText('{"packages":[],"urlprefix":"https://example.com"}'))).toEqual(["ADVISORY_MALFORMED"]);
    const entry = '"CVE-2024-1":{"releases":{"bookworm":{"status":"open"}}}';
    const cut = [
      `{"a":{${entry}`,
      `{"a":{${entry}}`,
      `{"a":{${entry}},"b":{"CVE`,
      `{"a":{${entry}},"b":[{}]}`,
      `{"a":{${entry}}}{`,
    ];
    for (const text of cut) {
      expect(() => readText(text), text).toThrow(expect.objectContaining({ code: "ADVISORIES_UNREADABLE" }));
    }
  });

  test("an entry of the tracker that is no JSON, too long or of a wrong id leaves the others as they are", () => {
    const good = '{"releases":{"bookworm":{"status":"open"}}}';
    const long = `{"description":"${"x".repeat(17 * 1024 * 1024)}","releases":{}}`;
    const text = `{"a":{"CVE-2024-1":{"releases":tru},"CVE-2024-2":${good},"CVE-2024-3":${long},"../x":${good},"__proto__":${good},"CVE-2024-4":${good}}}`;
    const records = readText(text.replace('"CVE-2024-1":{"releases":tru}', '"CVE-2024-1":{"releases":tru}'), {
      chunkBytes: 65_536,
    });
    expect(ids(records)).toEqual(["DEBIAN-CVE-2024-2", "DEBIAN-CVE-2024-4"]);
    expect(codes(records)).toEqual([
      "ADVISORY_MALFORMED",
      "ADVISORY_TOO_LARGE",
      "ADVISORY_MALFORMED",
      "ADVISORY_MALFORMED",
    ]);
  });

  test("YAML with anchors is refused, for a few lines of them are a document without end", () => {
    const bomb = `a: &a [x,x]\nb: &b [*a,*a]\nid: X-1\naffected: [*b,*b]\n`;
    expect(codes(readText(bomb, { where: "x.yaml" }))).toEqual(["ADVISORY_MALFORMED"]);
    expect(codes(readText("[".repeat(100_000), { where: "x.yaml" }))).toEqual(["ADVISORY_MALFORMED"]);
  });

  test("a million events, a member called __proto__ and a record nested without end reach no further than the record", () => {
    const events = `[${'{"introduced":"0"},'.repeat(999_999)}{"introduced":"0"}]`;
    const many = readText(
      `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":${events}}]}]}`,
    );
    // More bytes than a record may have, and with fewer bytes more events than a range may.
    expect(codes(many)).toEqual(["ADVISORY_TOO_LARGE"]);
    const fewer = `[${'{"introduced":"0"},'.repeat(99_999)}{"introduced":"0"}]`;
    const record = readText(
      `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":${fewer}}]}]}`,
    );
    expect(codes(record)).toEqual(["ADVISORY_PACKAGE_MALFORMED"]);
    readText('{"id":"X-1","__proto__":{"polluted":"yes"},"affected":[]}');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(codes(readText(`{"id":${"[".repeat(500_000)}`))).toEqual(["ADVISORY_MALFORMED"]);
  });
});
