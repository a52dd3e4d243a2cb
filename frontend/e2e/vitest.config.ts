import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Examples that take long to build are no part of every run: `make examples`.
    include: [process.env.EXAMPLES ? "examples/**/*.test.ts" : "stories/**/*.test.ts"],
    globalSetup: "stage.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two browsers at once are as many as two cores can drive without the clock in the tests' way.
    maxWorkers: 2,
  },
});
