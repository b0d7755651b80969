import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";

/** Two versions whose order is asked for. */
export type Pair = readonly [left: string, right: string];

/** What a tool is asked about a version, and what we are, so that both must answer the same. */
export interface Readings {
  readonly asked: (version: string) => string;
  readonly ordered: (version: string) => string;
}

/** An ecosystem's own tool, as what says how its versions are ordered. */
export interface Oracle {
  /** The version scheme that it is the truth of. */
  readonly scheme: string;
  readonly tool: string;
  /** Pairs that are known to differ, and why. */
  readonly except?: { readonly pattern: RegExp; readonly reason: string };
  /** Where it reads some versions otherwise. */
  readonly readings?: Readings;
  /** Why it cannot be asked here; `undefined` where it can. */
  missing(): string | undefined;
  /** Below zero, zero or above zero for every pair; `undefined` for those that the tool rejects. */
  compare(pairs: readonly Pair[], folder: string): readonly (number | undefined)[];
}

/** One per tool; each is asked for all pairs in a single process. */
export const oracles: readonly Oracle[] = [
  {
    scheme: "dpkg",
    tool: "dpkg --compare-versions",
    missing: () => lacks("dpkg", ["--version"]),
    compare: (pairs, folder) => {
      // Of a bad version dpkg warns, and compares it all the same; Debian's archive would reject it.
      // Redirected, not substituted: a subshell for each pair would cost as much as dpkg itself.
      const script = `while IFS='\t' read -r a b; do
        if dpkg --compare-versions "$a" lt "$b" 2>"$0"; then order=-1
        elif dpkg --compare-versions "$a" eq "$b" 2>"$0"; then order=0; else order=1; fi
        if [ -s "$0" ]; then echo; else echo $order; fi; done`;
      return readOrders(run("sh", ["-c", script, join(folder, "warning")], formatPairs(pairs)));
    },
  },
  {
    scheme: "rpm",
    tool: "rpm.vercmp",
    missing: () => lacks("rpm", ["--version"]),
    compare: (pairs, folder) => {
      const path = join(folder, "pairs.txt");
      writeFileSync(path, formatPairs(pairs));
      const lua = `for line in io.lines("${path}") do local a, b = line:match("^(.-)\\t(.*)$"); print(rpm.vercmp(a, b) .. "\\n") end`;
      return readOrders(run("rpm", ["--eval", `%{lua: ${lua}}`]).replace(/\n$/, ""));
    },
  },
  {
    scheme: "semver",
    tool: "node-semver",
    except: {
      pattern: /\d{16}/,
      reason: "it compares numbers in prereleases as JavaScript's, which from 2^53 on are not exact",
    },
    missing: () => undefined,
    compare: (pairs) =>
      pairs.map(([left, right]) =>
        semver.valid(left) === null || semver.valid(right) === null ? undefined : semver.compare(left, right),
      ),
  },
  {
    scheme: "pep440",
    tool: "Python's packaging",
    missing: () => lacks("python3", ["-c", "import pip._vendor.packaging.version"]),
    compare: (pairs) => {
      const script = `
import sys
from pip._vendor.packaging.version import Version, InvalidVersion
for line in sys.stdin.read().split("\\n")[:-1]:
    try:
        a, b = map(Version, line.split("\\t"))
        print((a > b) - (a < b))
    except InvalidVersion:
        print()`;
      return readOrders(run("python3", ["-c", script], formatPairs(pairs)));
    },
  },
  {
    scheme: "gem",
    tool: "Gem::Version",
    missing: () => lacks("ruby", ["-e", "Gem::Version"]),
    compare: (pairs) => {
      const script = `STDIN.each_line(chomp: true) do |line|
        a, b = line.split("\\t", 2)
        puts(Gem::Version.correct?(a) && Gem::Version.correct?(b) ? Gem::Version.new(a) <=> Gem::Version.new(b) : "")
      end`;
      return readOrders(run("ruby", ["-e", script], formatPairs(pairs)));
    },
  },
  {
    scheme: "maven",
    tool: "Maven's ComparableVersion",
    readings: {
      asked: (version) => dropShells(hyphenate(version)),
      ordered: hyphenate,
    },
    missing: () => (mavenClasses() === undefined ? "maven-artifact is not installed" : lacks("java", ["-version"])),
    compare: (pairs) => {
      const output = run("java", ["-cp", mavenClasses() ?? "", comparable, ...pairs.flat()]);
      // Each version is compared with the one after it: of every two comparisons the first is a pair's.
      const lines = output.split("\n").filter((line) => line.startsWith("   "));
      const signs = ["<", "==", ">"];
      return pairs.map(([left, right], index) => {
        const order = signs.findIndex((sign) => lines[2 * index] === `   ${left} ${sign} ${right}`);
        if (order === -1) throw new Error(`Maven did not order ${left} and ${right}: ${lines[2 * index]}`);
        return order - 1;
      });
    },
  },
  {
    scheme: "composer",
    tool: "PHP's version_compare",
    except: {
      pattern: /(?:^|\s)[._+-]|[._+-](?:\s|$)/,
      reason: "a text that begins or ends with a separator it orders below itself; no tag is published so",
    },
    missing: () => lacks("php", ["--version"]),
    compare: (pairs) => {
      // The v is taken away before, as Composer does. That Composer also writes 1.0 out as 1.0.0.0, so that both are one
      // version, neither osv.dev nor the fixtures follow: there 3.0 is below 3.0.0-beta, as here.
      const script = String.raw`while (($line = fgets(STDIN)) !== false) {
        [$a, $b] = preg_replace('/^v(?=\d)/i', '', explode("\t", rtrim($line, "\n")));
        echo version_compare($a, $b), "\n"; }`;
      return readOrders(run("php", ["-r", script], formatPairs(pairs)));
    },
  },
  {
    scheme: "golang",
    tool: "golang.org/x/mod/semver",
    missing: () => (goSource() === undefined ? "Go is not installed" : undefined),
    compare: (pairs, folder) => {
      mkdirSync(join(folder, "semver"), { recursive: true });
      writeFileSync(join(folder, "go.mod"), "module oracle\n\ngo 1.21\n");
      writeFileSync(join(folder, "semver/semver.go"), readFileSync(goSource() ?? ""));
      writeFileSync(join(folder, "main.go"), goProgram);
      return readOrders(run("go", ["run", "."], formatPairs(pairs), folder));
    },
  },
];

const comparable = "org.apache.maven.artifact.versioning.ComparableVersion";

// From 3.8.7 on Maven takes a dot before a last qualifier, or before one that a digit follows, for a hyphen (MNG-7644).
// The fixtures of published versions have the order of 3.6.0 to 3.8.6, which is also osv.dev's, and so have we.
function hyphenate(version: string): string {
  return version.replaceAll(/\.(?=[^\d.-]+(?:\d|$))/g, "-");
}

// What is null between two hyphens (`1-ga-1`) Maven's page on versions trims, with the hyphen before it, as osv.dev and
// the fixtures do; Maven's code has kept an empty list for it in every release from 3.0 to 4.0. A change between digits
// and letters is a hyphen. It is asked about the version without: every other pair stays a question.
const hyphen = String.raw`(?:-|(?<=\d)(?=[^\d.-])|(?<=[^\d.-])(?=\d))`;
const zero = "(?:0+|ga|final|release)";
const shell = new RegExp(String.raw`${hyphen}(?:${zero}(?:\.${zero}?)*|(?:\.${zero}?)+)${hyphen}|-(?=-)`, "gi");
const words: Readonly<Record<string, string>> = { a: "alpha", b: "beta", m: "milestone" };

function dropShells(version: string): string {
  const spelled = version.replaceAll(/(?<=^|[\d.-])[abm](?=\d)/gi, (letter) => words[letter.toLowerCase()] ?? letter);
  const dropped = spelled.replaceAll(shell, (found) => (found === "-" ? "" : "-"));
  return dropped === version ? version : dropShells(dropped);
}

const goProgram = `package main

import ("bufio"; "fmt"; "os"; "strings"; "oracle/semver")

func main() {
  lines := bufio.NewScanner(os.Stdin)
  for lines.Scan() {
    a, b, _ := strings.Cut(lines.Text(), "\\t")
    if semver.IsValid(a) && semver.IsValid(b) { fmt.Println(semver.Compare(a, b)) } else { fmt.Println() }
  }
}
`;

function mavenClasses(): string | undefined {
  const folder = "/usr/share/maven/lib";
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("maven-artifact"))
    ? join(folder, "*")
    : undefined;
}

function goSource(): string | undefined {
  const { status, stdout } = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" });
  const path = join((stdout ?? "").trim(), "src/cmd/vendor/golang.org/x/mod/semver/semver.go");
  return status === 0 && existsSync(path) ? path : undefined;
}

function lacks(program: string, probe: readonly string[]): string | undefined {
  return spawnSync(program, probe).status === 0 ? undefined : `${program} is not installed`;
}

function formatPairs(pairs: readonly Pair[]): string {
  return pairs.map(([left, right]) => `${left}\t${right}\n`).join("");
}

function readOrders(output: string): readonly (number | undefined)[] {
  const lines = output.split("\n").slice(0, -1);
  return lines.map((line) => (line === "" ? undefined : Number(line)));
}

function run(program: string, args: readonly string[], input = "", cwd?: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 300_000,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.slice(0, 1000)}`);
  return stdout;
}
