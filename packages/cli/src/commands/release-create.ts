import type { CommandDefinition } from "../command.ts";
import { stackOptions } from "../options/configuration.ts";
import { database, skipUpdate } from "../options/database.ts";
import { failOn } from "../options/gate.ts";
import { platform } from "../options/image.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";
import { runReportOptions } from "../options/run-reports.ts";
import { artifactRepository, keylessOptions, pairOptions, trustOptions } from "../options/signing.ts";

/** `sc release create`. */
export const releaseCreate: CommandDefinition = {
  path: ["release", "create"],
  summary: "release all images of a stack, or none",
  description:
    "Scans every image before any is signed; signs, attests and verifies all; stores a signed release manifest; then moves the tags of the version and of the environment, all or none; then tags the commit. A tag of a version that names something else is never moved.",
  options: [
    ...stackOptions,
    {
      name: "version",
      kind: "text",
      placeholder: "VERSION",
      summary: "the release's tag; default the day and the commit",
    },
    { name: "preview", kind: "flag", summary: "say what would be done, and do nothing" },
    { name: "yes", short: "y", kind: "flag", summary: "do it without asking" },
    { name: "no-git-tag", kind: "flag", summary: "leave the git repository as it is" },
    {
      name: "output",
      short: "o",
      kind: "text",
      placeholder: "DIR",
      summary: "write documents and reports to this folder",
    },
    failOn,
    platform,
    ...runReportOptions,
    database,
    skipUpdate,
    artifactRepository,
    ...trustOptions,
  ],
  groups: [pairOptions, keylessOptions, registryOptions, limitOptions],
  examples: [
    { comment: "what it would do", command: "sc release create -s shop -e production --preview" },
    { comment: "in a pipeline", command: "sc release create -s shop -e production --version 1.4.2 --yes" },
  ],
  load: async () => (await import("../actions/release-create.ts")).create,
};
