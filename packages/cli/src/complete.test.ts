import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "./commands/index.ts";
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
});
