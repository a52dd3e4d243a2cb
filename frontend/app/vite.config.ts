import { readFileSync } from "node:fs";
import type { Plugin, ProxyOptions } from "vite";
import { defineConfig } from "vitest/config";

/** The service that /api and /oauth go to while developing. */
const SERVICE = process.env.LATCHKEY_URL ?? "http://localhost:8000";

/** With `--host` others reach this server too. The service shows letters to this machine alone, so it is told of them. */
const HERE = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];
const configure: ProxyOptions["configure"] = (proxy) =>
  proxy.on("proxyReq", (passedOn, { socket: { remoteAddress = "" } }) => {
    if (!HERE.includes(remoteAddress)) passedOn.setHeader("X-Forwarded-For", remoteAddress || "unknown");
  });
/** What runs before the first paint is no module, so Vite leaves it as it is: built, it has its digest in its name as all others have. */
const hashedTheme: Plugin = {
  name: "hashed-theme",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle = {} }) {
      const theme = Object.values(bundle).find(({ fileName }) => /theme-[^/]*\.js$/.test(fileName));
      if (!theme) throw new Error("theme.js is missing");
      return html.replace("/theme.js", `/${theme.fileName}`);
    },
  },
  buildStart() {
    const source = readFileSync(new URL("public/theme.js", import.meta.url));
    this.emitFile({ type: "asset", name: "theme.js", source });
  },
};

const proxy = { "/api": { target: SERVICE, configure }, "/oauth": { target: SERVICE, configure } };

export default defineConfig({
  plugins: [hashedTheme],
  server: { port: 3000, proxy },
  preview: { port: 3000, proxy },
  build: {
    // The oldest browsers that know every CSS function used here (light-dark, color-mix): since May 2024.
    target: ["chrome123", "firefox120", "safari17.5"],
    // The service's policy forbids data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, handle) {
        // "use client" is for servers that render React; here everything is the client.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
  test: {
    environment: "jsdom",
    pool: "vmForks", // a window and modules of its own for each file, but no process: jsdom is read once
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
