import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "./commands/index.ts";
import { scripts } from "./actions/completion.ts";
import { completeWords } from "./complete.ts";

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
});
