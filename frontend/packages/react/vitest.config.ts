import { defineConfig } from "vitest/config";

/** What loads modules that only Node can tell apart from scripts has processes of its own. */
const NEED_NODE = ["test/next.test.tsx", "test/admin.test.tsx"];

export default defineConfig({
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
    // Each file has a window and modules of its own in either; a process for each takes twice as long.
    projects: [
      {
        extends: true,
        test: { name: "windows", pool: "vmForks", include: ["test/**/*.test.{ts,tsx}"], exclude: NEED_NODE },
      },
      { extends: true, test: { name: "processes", pool: "forks", include: NEED_NODE } },
    ],
  },
});
