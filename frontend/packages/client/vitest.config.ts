import { defineConfig } from "vitest/config";

const telephone = (name: string) => new URL(`test/recipes/telephone/${name}.ts`, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: { "expo-secure-store": telephone("expo-secure-store"), "react-native": telephone("react-native") },
  },
  test: {
    environment: "jsdom",
    include: ["test/**/*.test.{ts,tsx}"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 20_000,
  },
});
