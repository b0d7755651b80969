/**
 * What one mebibyte of text that is hard to parse costs each cataloger: the processor time of its `read`, the worst of
 * all texts, and how it grows when the text is twice as long. Twice the work is linear; four times would be square.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Cataloger, catalogers } from "@sc/sbom";

const smoke = process.argv.includes("--smoke");
const mebibyte = smoke ? 16_384 : 1_048_576;
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const rounds = smoke ? 1 : 3;
const vectors = join(import.meta.dirname, "../vectors/catalogers");

type Text = (length: number) => string;

/** The same over and over, behind a beginning. */
function repeated(text: string, start: string = ""): Text {
  return (length) => (start + text.repeat(Math.ceil(length / text.length))).slice(0, length);
}

/** Lines that are each another, behind a beginning. */
function numbered(line: (at: number) => string, start: string = ""): Text {
  return (length) => {
    const lines = [start];
    for (let at = 0, sum = start.length; sum < length; at += 1) sum += lines[lines.push(line(at)) - 1]?.length ?? 0;
    return lines.join("").slice(0, length);
  };
}

const singles = [
  "a",
  "9",
  "\n",
  "\r",
  " ",
  "\t",
  '"',
  "'",
  "\\",
  "[",
  "{",
  "(",
  "<",
  "|",
  ":",
  "-",
  "#",
  "@",
  ",",
  ".",
  "=",
  "%",
  "$",
  "\0",
];
const repeats = [
  "a ",
  "a.",
  "a,",
  "a-",
  "1.",
  "- ",
  " #",
  "a: ",
  "a\\\n",
  "#\n",
  " x\n",
  '{"a":',
  "<a>",
  "${a}",
  "&amp;",
  "&#65;",
  "/*",
  "//\n",
  "<!--",
  "<![CDATA[",
  "---\n",
  "a@1, ",
  "a==1,",
  '"a',
  "\\u0041",
  "../",
];

/** Texts by what is hard in them. */
const texts: ReadonlyMap<string, Text> = new Map<string, Text>([
  ...[...singles, ...repeats].map((text) => [JSON.stringify(text), repeated(text)] as const),
  ["yarn 1 records", numbered((at) => `a${at}@^1:\n  version "1.0.${at}"\n  dependencies:\n    b "^1"\n`)],
  ["yarn 1, one long header", repeated("a@1, ", "a@1:\n")],
  ["yarn 1, spaces in a field", repeated(" ", "a@1:\n  version")],
  ["yarn 1, one open quote", repeated("a ", 'a@1:\n  "')],
  ["yarn 1, one package's dependencies", repeated('    b "1"\n', 'a@1:\n  version "1"\n  dependencies:\n')],
  [
    "yarn 2 records",
    numbered(
      (at) => `"a${at}@npm:1":\n  version: 1.0.${at}\n  resolution: "a${at}@npm:1.0.${at}"\n`,
      "__metadata:\n  version: 6\n\n",
    ),
  ],
  ["requirements", numbered((at) => `a${at}==1.0.${at}\n`)],
  ["requirement with hashes", repeated("--hash=sha256:aa ", "a==1 ")],
  ["requirement with extras", repeated("b,", "a[")],
  ["requirement from git", repeated("a@", "a @ git+https://")],
  ["TOML tables", numbered((at) => `[[package]]\nname = "a${at}"\nversion = "1.0.${at}"\n`)],
  ["TOML keys", numbered((at) => `a${at} = 1\n`)],
  ["TOML dotted keys", numbered((at) => `a.b.c${at} = 1\n`)],
  ["TOML, one long dotted key", repeated("a.", "")],
  ["TOML array", repeated('"x",\n', "a = [\n")],
  ["YAML mapping", numbered((at) => `a${at}:\n  b: 1\n`)],
  ["YAML sequence in flow", repeated("b,", "a: [")],
  ["YAML indentation", numbered((at) => `${" ".repeat(at % 90)}- a:\n`)],
  ["YAML text in quotes", repeated("\\x41", 'a: "')],
  ["YAML plain text of many lines", repeated("b\n  ", "a: ")],
  ["JSON keys", numbered((at) => `"k${at}":1,`, "{")],
  [
    "JSON packages",
    numbered((at) => `"node_modules/a${at}":{"version":"1.0.0","dependencies":{"b":"1"}},`, '{"packages":{'),
  ],
  ["JSON nesting of dependencies", repeated('"dependencies":{"a":{"version":"1.0.0",', "{")],
  ["JSON with comments", repeated("/**/", "{")],
  ["go.mod requirements", numbered((at) => `\tex.com/a${at} v1.0.0\n`, "module a\nrequire (\n")],
  ["go.sum lines", numbered((at) => `ex.com/a${at} v1.0.0 h1:abc=\n`)],
  ["Gemfile.lock", numbered((at) => `    a${at} (1.0.${at})\n      b (>= 1)\n`, "GEM\n  specs:\n")],
  ["gemspec of one attribute", repeated('s.name = "a"\n', "Gem::Specification.new do |s|\n")],
  [
    "gemspec of dependencies",
    numbered((at) => `s.add_dependency(%q<a${at}>, ["~> 1.0"])\n`, "Gem::Specification.new do |s|\n"),
  ],
  ["gemspec of constants", repeated("A = B\n", "Gem::Specification.new do |s|\ns.name = A\n")],
  [
    "POM dependencies",
    numbered(
      (at) => `<dependency><groupId>g</groupId><artifactId>a${at}</artifactId><version>1</version></dependency>`,
      "<project><dependencies>",
    ),
  ],
  ["POM properties", numbered((at) => `<p${at}>\${p${at + 1}}</p${at}>`, "<project><properties>")],
  ["Gradle lock", numbered((at) => `g:a${at}:1.0.${at}=runtimeClasspath\n`)],
  ["mix.lock", numbered((at) => `"a${at}": {:hex, :a${at}, "1.0.${at}", "x", [:mix], [], "hexpm", "y"},\n`, "%{")],
  ["Podfile.lock", numbered((at) => `  - A${at} (1.0.${at}):\n    - B\n`, "PODS:\n")],
  ["setup.py", repeated("'a==1', ", "setup(install_requires=[")],
  ["cabal freeze", numbered((at) => `any.a${at} ==1.0.${at},\n`, "constraints: ")],
  ["stanzas", repeated("Package: a\nVersion: 1\n\n")],
  ["one stanza of many fields", numbered((at) => `F${at}: b\n`)],
  ["Python metadata", repeated("Requires-Dist: a ; extra == 'x'\n", "Name: a\nVersion: 1\n")],
  ["licences in each other", repeated("(MIT OR ", "Name: a\nVersion: 1\nLicense: ")],
  ["Erlang terms", repeated("{vsn,", "{application,a,[")],
  ["Lua table", repeated('"a", ', 'package = "a"\nversion = "1-1"\ndependencies = {')],
]);

interface Target {
  readonly path: string;
  /** What a file has to begin with, where the cataloger looks at that and not at the name. */
  readonly head: Uint8Array;
}

/** Files of the cataloger's own cases that it reads, one for each name. */
function targetsOf(cataloger: Cataloger<unknown>): readonly Target[] {
  const targets = new Map<string, Target>();
  const root = join(vectors, cataloger.id);
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === "expected.json") continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    const path = join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .split("/")
      .slice(2)
      .join("/");
    const file = { path, type: "file", size: bytes.length, mode: 0o644 } as const;
    if (cataloger.wants(file)) targets.set(entry.name, { path, head: new Uint8Array() });
    else if (cataloger.sniff?.(bytes.subarray(0, 4096), file) === true) {
      targets.set(entry.name, { path, head: bytes.subarray(0, 64) });
    }
  }
  return [...targets.values()].slice(0, 3);
}

/** Processor milliseconds of one reading, the least of some rounds. */
function cost(cataloger: Cataloger<unknown>, { path, head }: Target, [text, times]: readonly [Buffer, number]): number {
  const bytes = head.length === 0 ? text : Buffer.concat([head, text]);
  const file = {
    path,
    size: bytes.length,
    mode: 0o644,
    bytes: () => bytes,
    text: () => bytes.toString(),
    readAt: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const taken = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    cataloger.read(file);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...taken);
}

const prepared = [...texts].map(([name, text]) => ({ name, text, bytes: Buffer.from(text(mebibyte)) }));

console.log("cataloger                     worst text                               1 MiB ms   2 MiB ms   growth");
for (const cataloger of catalogers.filter(({ id }) => asked.length === 0 || asked.includes(id))) {
  const measured = targetsOf(cataloger).flatMap((target) =>
    prepared.map((one) => ({ one, target, milliseconds: cost(cataloger, target, [one.bytes, 1]) })),
  );
  // The first reading of a kind is dear for the compiler's sake: the dearest are read again.
  const again = measured.toSorted((left, right) => right.milliseconds - left.milliseconds).slice(0, 5);
  const [worst] = again
    .map(({ one, target }) => ({ one, target, milliseconds: cost(cataloger, target, [one.bytes, rounds]) }))
    .toSorted((left, right) => right.milliseconds - left.milliseconds);
  if (worst === undefined) continue;
  const { one, target, milliseconds } = worst;
  const twice = cost(cataloger, target, [Buffer.from(one.text(2 * mebibyte)), rounds]);
  const numbers = [milliseconds, twice].map((value) => value.toFixed(1).padStart(10));
  const growth = (twice / milliseconds).toFixed(1).padStart(8);
  console.log(`${cataloger.id.padEnd(29)} ${one.name.padEnd(38)} ${numbers.join(" ")} ${growth}`);
}
