import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["stories/**/*.test.ts"],
    globalSetup: "stage.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two browsers at once are as many as two cores can drive without the clock in the tests' way.
    maxWorkers: 2,
  },
});
