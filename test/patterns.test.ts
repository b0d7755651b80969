import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { analyse } from "scslre";
import { describe, expect, test } from "vitest";

/**
 * What a pattern costs where it does not match: an engine that goes back tries every way to read the text, so a pattern
 * that can read a text in two ways takes time square in its length, or worse, and an image chooses the text (G 17).
 */

const root = join(import.meta.dirname, "..");

/** Patterns whose text cannot be long, each with what bounds it: as `path source`. */
const bounded: ReadonlyMap<string, string> = new Map();

/** Files that make patterns of what they are given while they work, each with why that is no danger. */
const madeLater: ReadonlyMap<string, string> = new Map([
  ["packages/cli/src/configured-signing.ts", "the user's own pattern of an identity, matched by the linear engine"],
  ["packages/cli/src/verifying.ts", "the user's own pattern of an identity, matched by the linear engine"],
  [
    "packages/sbom/src/catalogers/erlang-applications.ts",
    "one of two words in a fixed pattern, without repetition in one",
  ],
  ["packages/sbom/src/read/gemspec.ts", "a name of letters in a fixed pattern that is anchored at its beginning"],
  ["packages/sign/src/key-directory.ts", "one of two words in a fixed pattern, over the name of a file"],
]);

interface Pattern {
  /** Where it stands: path and line. */
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

interface Sources {
  readonly literals: readonly Pattern[];
  /** Files that call the constructor. */
  readonly making: readonly string[];
}

function readSources(): Sources {
  const literals: Pattern[] = [];
  const making = new Set<string>();
  for (const path of sourceFiles()) {
    const text = readFileSync(join(root, path), "utf8");
    visit(parseAst(text, { lang: "ts" }), (node) => {
      const { regex, start, callee } = node;
      if (isRecord(regex)) {
        const line = text.slice(0, Number(start)).split("\n").length;
        literals.push({ where: `${path}:${line}`, source: String(regex["pattern"]), flags: String(regex["flags"]) });
      }
      if (isRecord(callee) && callee["name"] === "RegExp") making.add(path);
    });
  }
  return { literals, making: [...making] };
}

function sourceFiles(): string[] {
  return readdirSync(join(root, "packages")).flatMap((name) => {
    const folder = join(root, "packages", name, "src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => relative(root, join(folder, file)));
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every node of a syntax tree. */
function visit(node: unknown, seen: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const part of node) visit(part, seen);
  if (!isRecord(node)) return;
  seen(node);
  for (const part of Object.values(node)) visit(part, seen);
}

/** The patterns that modules make of pieces when they are loaded, and the files that do. */
async function madeAtImport(): Promise<readonly Pattern[]> {
  const made: Pattern[] = [];
  const own = globalThis.RegExp;
  globalThis.RegExp = new Proxy(own, {
    construct: (target, given: [string, string?], constructor) => {
      const pattern = Reflect.construct(target, given, constructor) as RegExp;
      const frame = (new Error().stack ?? "").split("\n").find((line) => line.includes("/packages/")) ?? "";
      const file = frame.slice(frame.indexOf("packages/")).split(".ts", 1)[0] ?? "";
      made.push({ where: `${file}.ts`, source: pattern.source, flags: pattern.flags });
      return pattern;
    },
  });
  try {
    const named = [import("@sc/sbom"), import("@sc/sbom/catalogers"), import("@sc/scan"), import("@sc/sign")];
    await Promise.all([...named, import("@sc/pipeline")]);
  } finally {
    globalThis.RegExp = own;
  }
  return made;
}

/** What is wrong with a pattern, for people. */
function complaints({ where, source, flags }: Pattern): string[] {
  if (bounded.has(`${where.split(":", 1)[0]} ${source}`)) return [];
  return analyse({ source, flags }).reports.map(
    ({ type, exponential, character }) =>
      `${where} /${source}/${flags}: ${exponential ? "for ever" : "time square"} over ${character.literal.source} (${type})`,
  );
}

describe("every pattern of the source is linear in the text it is held against (G 17)", async () => {
  const { literals, making } = readSources();
  const made = await madeAtImport();

  test("those written as literals", () => {
    expect(literals.length).toBeGreaterThan(500);
    expect(literals.flatMap(complaints)).toEqual([]);
  });

  test("those made of pieces when a module is loaded", () => {
    expect(made.length).toBeGreaterThan(20);
    expect(made.flatMap(complaints)).toEqual([]);
  });

  test("those made while it works are in the list of files that may, with the reason", () => {
    const loaded = new Set(made.map(({ where }) => where));
    expect(making.filter((path) => !loaded.has(path)).toSorted()).toEqual([...madeLater.keys()].toSorted());
  });

  test("what is excused is there", () => {
    const there = new Set([...literals, ...made].map(({ where, source }) => `${where.split(":", 1)[0]} ${source}`));
    expect([...bounded.keys()].filter((one) => !there.has(one))).toEqual([]);
  });

  test.each([
    [String.raw`^(?:\s*#[^\n]*|\s)*Tag:`, "for ever"],
    [String.raw`=+$`, "time square"],
    [String.raw`^\s*\w*\s*,`, "time square"],
  ])("a pattern that goes back would be told: %s", (source, told) => {
    expect(complaints({ where: "x.ts", source, flags: "" }).join("\n")).toContain(told);
  });
});
