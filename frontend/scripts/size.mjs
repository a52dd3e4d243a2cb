// What a page that uses the packages loads for them, minified and gzipped. Fails past the limit.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Each is measured with all it needs; the parts beside a client, whose core every application has. */
const PACKAGES = {
  client: {
    "dpop.ts": 2_500,
    "index.ts": 6_000,
    "native.ts": 6_000,
    "passkeys.ts": 3_000,
    "proof.ts": 2_500,
    "providers.ts": 2_500,
    "react.tsx": 1_800,
    "server.ts": 5_000,
    "stream.ts": 1_800,
    "testing.ts": 7_500,
  },
  react: {
    "index.ts": 15_000,
    "messages/de.ts": 6_500,
    "messages/de.second.ts": 2_500,
    "providers.ts": 6_000,
    "security.ts": 6_000,
    "parts/PasskeyWay.tsx": 6_000,
    "parts/NewByPasskey.tsx": 9_000,
    "parts/SecondStep.tsx": 8_500,
    "messages/de.providers.ts": 1_300,
    "parts/providers/Buttons.tsx": 6_500,
    "parts/providers/Return.tsx": 13_000,
    "parts/providers/Identities.tsx": 9_000,
    "parts/providers/StepUpBy.tsx": 7_500,
    "parts/security/Factors.tsx": 14_500,
    "parts/security/Going.tsx": 7_000,
    "parts/security/Lost.tsx": 5_000,
    "parts/security/QrCode.tsx": 4_500,
    "parts/admin/index.ts": 18_000,
  },
};
/** What is used alone of an entry; servers on an edge are loaded over a network, too. */
const OF_SERVER = {
  "createVerifier, refusal": 2_200,
  "createIntrospector, refusal": 2_600,
};
/** What is used alone, of the parts. */
const ALONE = {
  "SignIn, with all that it leads to": "Latchkey, SignIn",
  "SignUp alone": "Latchkey, SignUp",
  "ForgotPassword alone": "Latchkey, ForgotPassword",
  "LetterPage alone": "Latchkey, LetterPage",
  "SignedIn, SignedOut": "Latchkey, SignedIn, SignedOut",
  "UserButton alone": "Latchkey, UserButton",
  "Account alone": "Latchkey, Account",
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

/** The core of the client is measured by itself, and is there in any case; what is loaded when it is needed isn't there at first. */
const left = (atOnce) => ({
  name: "left",
  setup({ onResolve }) {
    onResolve({ filter: /^@latchkey\/client$/ }, ({ path }) => ({ path, external: true }));
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      atOnce && kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
});

async function bytesOf(input, atOnce) {
  const external = ["react", "react-dom", "react/jsx-runtime"];
  const built = await build({ ...SHARED, ...input, external, plugins: [left(atOnce)] });
  return gzipSync(built.outputFiles[0].contents, { level: 9 }).length;
}

/** Say what is loaded at once, which is limited, and what when it is needed. */
async function measure(what, input, limit) {
  const first = await bytesOf(input, true);
  const later = (await bytesOf(input, false)) - first;
  const more = later > 0 ? `, ${later} more when they are needed` : "";
  console.log(`${what}: ${first} bytes gzipped${limit ? ` (at most ${limit})` : ""}${more}`);
  if (limit && first > limit) process.exitCode = 1;
}

for (const [name, limits] of Object.entries(PACKAGES)) {
  for (const [entry, limit] of Object.entries(limits)) {
    const source = new URL(`../packages/${name}/src/${entry}`, import.meta.url).pathname;
    await measure(`${name}/${entry}`, { entryPoints: [source] }, limit);
  }
}

const ofClient = new URL("../packages/client/src", import.meta.url).pathname;
for (const [names, limit] of Object.entries(OF_SERVER)) {
  const stdin = { contents: `export { ${names} } from "./server.ts";`, resolveDir: ofClient };
  await measure(`client/server.ts, ${names}`, { stdin }, limit);
}

const resolveDir = new URL("../packages/react/src", import.meta.url).pathname;
for (const [what, names] of Object.entries(ALONE)) {
  await measure(`react, ${what}`, { stdin: { contents: `export { ${names} } from "./index.ts";`, resolveDir } });
}
