import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "./commands/index.ts";
import { scripts } from "./actions/completion.ts";
import { completeWords } from "./complete.ts";

const isThere = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;
const without = (shell: string): string => (isThere(shell) ? "" : ` (skipped: ${shell} is not installed)`);

/** What a shell's script asked for, and what the shell then offered. */
function driven(shell: string, script: string): readonly [asked: string, offered: string] {
  const stdio: ["ignore", "pipe", "pipe", "pipe"] = ["ignore", "pipe", "pipe", "pipe"];
  const { output, error } = spawnSync(shell, ["-c", script], {
    encoding: "utf8",
    stdio,
    env: { ...process.env, HOME: "/nowhere" },
  });
  expect(error).toBeUndefined();
  return [output[3]?.trim() ?? "", output[1]?.trim() ?? ""];
}

describe("completion", () => {
  test.each([
    [[""], ["image", "sbom", "scan", "verify", "help"]],
    [["im"], ["image"]],
    [
      ["image", "s"],
      ["scan", "sign"],
    ],
    [
      ["image", "scan", "--fail"],
      ["--fail-on", "--fail-on-unknown"],
    ],
    [
      ["image", "scan", "--fail-on", ""],
      ["critical", "high", "medium", "low"],
    ],
    [["image", "scan", "--fail-on", "h"], ["high"]],
    [["scan", "--fail-on=c"], ["--fail-on=critical"]],
    [["key", "generate", "--algorithm", "ed"], ["ed25519"]],
    [["completion", "z"], ["zsh"]],
    [["image", "scan", "--format", "s"], ["sarif"]],
    [["scan", "--format=ht"], ["--format=html"]],
    [
      ["sbom", "generate", "--format", "spdx"],
      ["spdx-json", "spdx-tag-value"],
    ],
    [["attest", "--type", "cyc"], ["cyclonedx"]],
    [
      ["verify-attestation", "--type", "slsa"],
      ["slsaprovenance", "slsaprovenance1"],
    ],
  ])("%j may go on with %j", async (words, wanted) => {
    expect(await completeWords(commands, words)).toEqual(expect.arrayContaining(wanted));
  });

  test.each(["secure", "release create", "stack scan", "config show"])(
    "%s -s goes on with the stacks of the project, from any folder below it",
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), "sc-complete-"));
      const before = process.cwd();
      try {
        for (const stack of ["shop", "search"]) mkdirSync(join(folder, ".sc/stacks", stack), { recursive: true });
        mkdirSync(join(folder, "services/api"), { recursive: true });
        process.chdir(join(folder, "services/api"));
        const words = name.split(" ");
        expect((await completeWords(commands, [...words, "-s", ""])).toSorted()).toEqual(["search", "shop"]);
        expect(await completeWords(commands, [...words, "--stack", "sh"])).toEqual(["shop"]);
      } finally {
        process.chdir(before);
        rmSync(folder, { recursive: true });
      }
    },
  );

  test("where only the user can know there is nothing", async () => {
    expect(await completeWords(commands, ["image", "scan", "--image", ""])).toEqual([]);
    expect(await completeWords(commands, ["nonsense", ""])).toEqual([]);
  });

  // What stands for sc here says what it was asked, and offers what sc would.
  test.each([
    ["sc im", "im", "image", "image"],
    ["sc image scan --fail-on=h", "image|scan|--fail-on=h", "--fail-on=high", "high"],
    ["sc image scan --format=", "image|scan|--format=", "--format=json", "json"],
    ["sc image scan ", "image|scan|", "--all", "--all"],
  ])("bash asks for the words of %j, and gets what stands behind the last = alone", (line, asked, offered, wanted) => {
    const script = `
      sc() { shift 3; local IFS='|'; printf '%s' "$*" >&3; echo ${offered}; }
      ${scripts["bash"]}
      COMP_LINE=${JSON.stringify(line)} COMP_POINT=\${#COMP_LINE}
      exec 3>&1 && _sc && printf ' %s' "\${COMPREPLY[@]}"`;
    const { stdout, error } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
    expect(error).toBeUndefined();
    expect(stdout).toBe(`${asked} ${wanted}`);
  });

  const lines = [
    ["sc im", "im", "image"],
    ["sc image scan --fail-on=h", "image|scan|--fail-on=h", "--fail-on=high"],
    ["sc image scan ", "image|scan|", "--all"],
  ] as const;

  test.skipIf(!isThere("fish")).each(lines)(
    `fish itself offers for %j what sc said${without("fish")}`,
    (line, asked, offered) => {
      const script = `
      function sc
        string join '|' -- $argv[4..] >&3
        echo ${offered}
      end
      ${scripts["fish"]}
      complete -C ${JSON.stringify(line)}`;
      expect(driven("fish", script)).toEqual([asked, offered]);
    },
  );

  test.skipIf(!isThere("zsh")).each(lines)(
    `zsh asks for the words of %j and offers what sc said${without("zsh")}`,
    (line, asked, offered) => {
      const words = line.split(" ").map((word) => JSON.stringify(word));
      // Outside its editor zsh has no completion: what it would be called with is set here.
      const script = `
      compdef() {}
      compadd() { shift; print -l -- "$@" }
      sc() { shift 3; local IFS='|'; print -rn -- "$*" >&3; print -r -- ${offered} }
      ${scripts["zsh"]}
      words=(${words.join(" ")}); CURRENT=${words.length}; _sc`;
      expect(driven("zsh", script)).toEqual([asked, offered]);
    },
  );
});
