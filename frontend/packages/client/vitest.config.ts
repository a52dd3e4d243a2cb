import { defineConfig } from "vitest/config";

const telephone = (name: string) => new URL(`test/recipes/telephone/${name}.ts`, import.meta.url).pathname;

/** What asks Node for what a window hasn't got, such as streams, has processes of its own. */
const NEED_NODE = ["network", "passkeys", "proof", "races", "recipes", "refused", "server", "session", "stream"].map(
  (name) => `test/${name}.test.{ts,tsx}`,
);

export default defineConfig({
  resolve: {
    alias: { "expo-secure-store": telephone("expo-secure-store"), "react-native": telephone("react-native") },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
    // Each file has a window and modules of its own in either; a process for each takes three times as long, of which
    // most is reading jsdom once more.
    projects: [
      {
        extends: true,
        test: { name: "windows", pool: "vmForks", include: ["test/**/*.test.{ts,tsx}"], exclude: NEED_NODE },
      },
      { extends: true, test: { name: "processes", pool: "forks", include: NEED_NODE } },
    ],
  },
});
