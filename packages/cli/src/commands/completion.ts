import type { CommandDefinition } from "../command.ts";

/** `sc completion`. */
export const completion: CommandDefinition = {
  path: ["completion"],
  summary: "print a script that completes commands in your shell",
  description:
    "With words instead of a shell's name it prints what may stand in place of the last of the words after --.",
  arguments: [
    { name: "SHELL", summary: "the shell", required: true, choices: ["bash", "zsh", "fish", "pwsh", "words"] },
    { name: "WORDS", summary: "the words typed so far", repeatable: true },
  ],
  options: [],
  examples: [
    { comment: "for this session of bash", command: 'eval "$(sc completion bash)"' },
    { comment: "for zsh", command: 'sc completion zsh > "${fpath[1]}/_sc"' },
  ],
  shows: true,
  load: async () => (await import("../actions/completion.ts")).complete,
};
