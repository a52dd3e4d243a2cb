// What a page that uses the client loads for it, minified and gzipped. Fails past the limit.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMITS = { "index.ts": 6_000, "react.tsx": 7_000, "server.ts": 2_200, "testing.ts": 7_500 };

for (const [entry, limit] of Object.entries(LIMITS)) {
  const built = await build({
    entryPoints: [new URL(`../packages/client/src/${entry}`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["react", "react/jsx-runtime"],
    write: false,
  });
  const bytes = gzipSync(built.outputFiles[0].contents, { level: 9 }).length;
  console.log(`${entry}: ${bytes} bytes gzipped (at most ${limit})`);
  if (bytes > limit) process.exitCode = 1;
}
