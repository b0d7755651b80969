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
  ])("%j may go on with %j", async (words, wanted) => {
    expect(await completeWords(commands, words)).toEqual(expect.arrayContaining(wanted));
  });

  test("where only the user can know there is nothing", async () => {
    expect(await completeWords(commands, ["image", "scan", "--image", ""])).toEqual([]);
    expect(await completeWords(commands, ["nonsense", ""])).toEqual([]);
  });
});
