import type { CommandDefinition } from "../command.ts";

/** `sc ci detect`. */
export const ciDetect: CommandDefinition = {
  path: ["ci", "detect"],
  summary: "show the build platform and what it says of the build",
  description:
    "Reads the platform's own variables and nothing else: no network, no repository. What is shown is what provenance would say.",
  options: [],
  examples: [{ comment: "in a job, before anything is signed", command: "sc ci detect --json" }],
  shows: true,
  load: async () => (await import("../actions/ci-detect.ts")).showCi,
};
