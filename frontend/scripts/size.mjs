// What a page that uses the packages loads for them, minified and gzipped. Fails past the limit.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Each is measured with all it needs; the parts beside a client, whose core every application has. */
const PACKAGES = {
  client: { "index.ts": 6_000, "react.tsx": 7_000 },
  react: { "index.ts": 15_000, "messages/de.ts": 4_000 },
};
/** What is used alone, of the parts. */
const ALONE = {
  "SignIn, with all that it leads to": "Latchkey, SignIn",
  "SignUp alone": "Latchkey, SignUp",
  "ForgotPassword alone": "Latchkey, ForgotPassword",
  "LetterPage alone": "Latchkey, LetterPage",
  "SignedIn, SignedOut": "Latchkey, SignedIn, SignedOut",
  "hooks alone": "Latchkey, useSignIn, useSignUp, useOptions",
};

const SHARED = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  write: false,
  logLevel: "error",
};

/** The core of the client is measured by itself, and is there in any case. */
const CORE = {
  name: "core",
  setup: ({ onResolve }) => onResolve({ filter: /^@latchkey\/client$/ }, ({ path }) => ({ path, external: true })),
};

async function measure(input) {
  const external = ["react", "react-dom", "react/jsx-runtime"];
  const built = await build({ ...SHARED, ...input, external, plugins: [CORE] });
  return gzipSync(built.outputFiles[0].contents, { level: 9 }).length;
}

for (const [name, limits] of Object.entries(PACKAGES)) {
  for (const [entry, limit] of Object.entries(limits)) {
    const source = new URL(`../packages/${name}/src/${entry}`, import.meta.url).pathname;
    const bytes = await measure({ entryPoints: [source] });
    console.log(`${name}/${entry}: ${bytes} bytes gzipped (at most ${limit})`);
    if (bytes > limit) process.exitCode = 1;
  }
}

const resolveDir = new URL("../packages/react/src", import.meta.url).pathname;
for (const [what, names] of Object.entries(ALONE)) {
  const bytes = await measure({ stdin: { contents: `export { ${names} } from "./index.ts";`, resolveDir } });
  console.log(`react, ${what}: ${bytes} bytes gzipped`);
}
