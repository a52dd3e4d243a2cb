import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Examples that take long to build are no part of every run (`make examples`), nor is what people look at (`make pictures`).
    include: [`${process.env.EXAMPLES ? "examples" : process.env.PICTURES ? "pictures" : "stories"}/**/*.test.ts`],
    globalSetup: "stage.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // They wait more than they work: three browsers at once keep two cores busy, and the clock isn't in the tests' way.
    maxWorkers: 3,
  },
});
