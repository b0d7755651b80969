import type { RolldownOptions } from "rolldown";
import { thirdPartyNotices } from "./scripts/third-party-notices.ts";

// The command line as it ships: a small entry and one chunk per command's implementation, so that starting costs
// little, and nothing to install beside it. Workspace packages are bundled from source.
const config = {
  input: { sc: "packages/cli/src/bin.ts", "layer-worker": "packages/sbom/src/layer-worker.ts" },
  platform: "node",
  external: [/^node:/],
  plugins: [thirdPartyNotices()],
  // The oldest Node.js that package.json allows: `using` is lowered for it.
  transform: { target: "node22.22" },
  output: {
    dir: "packages/cli/dist/bundle",
    format: "esm",
    minify: true,
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  },
} satisfies RolldownOptions;

export default config;
