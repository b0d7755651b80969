import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 60_000,
    // What is set up first may take as long on a busy machine.
    hookTimeout: 60_000,
    // Every core: vitest leaves one free, which on two is half.
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      exclude: ["packages/*/src/**/*.test.ts", "packages/*/src/**/*.testing.ts", "packages/testing/**"],
      reporter: ["text-summary", "json-summary"],
    },
  },
});
