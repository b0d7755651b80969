import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

/** Files that need a process of their own, each with the reason. */
const alone = [
  // It listens to what the packages do when they are loaded first.
  "test/patterns.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // What is set up first may take as long on a busy machine.
    hookTimeout: 60_000,
    // Every core: vitest leaves one free, which on two is half.
    maxWorkers: "100%",
    // Threads and programs that tests start run from source too: Node.js keeps what it made of it, which takes a thread a
    // quarter of the time, and needs no WebAssembly in it (it strips types with that).
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url)) },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...alone],
          // The same process for file after file, with the packages loaded once: a process for each takes as long again as
          // the tests in it. Whatever a test changes of the process it puts back.
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["packages/*/src/**/*.test.ts", "packages/*/src/**/*.testing.ts", "packages/testing/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
