import type { FalseMatch } from "../false-match.ts";

/** Modules that npm brings for its own use: no upgrade of theirs is possible, only one of npm or of Node.js. */
export const bundledByNpm: FalseMatch = {
  id: "bundled-by-npm",
  title: "modules that npm brings for its own use",
  isUnaffected: false,
  explain({ found }, surroundings): string | undefined {
    if (found.type !== "npm" || found.locations.length === 0) return undefined;
    const folders = new Set(found.locations.map(({ path }) => npmFolder.exec(path)?.[1] ?? ""));
    if ([...folders].some((folder) => folder === "" || !surroundings.isNpm(folder))) return undefined;
    return `it is bundled with npm in /${[...folders].join(", /")}: a newer npm or Node.js mends it, no upgrade of its own`;
  },
};

const npmFolder = /^((?:[^/]+\/)*?node_modules\/npm)\/node_modules\//;
