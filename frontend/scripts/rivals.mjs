// What a page loads for other products' packages, minified and gzipped as ours are in size.mjs, React left out.
//   node scripts/rivals.mjs /a/folder   where they were installed with npm; what isn't there is passed over
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const folder = resolve(process.argv[2] ?? ".");
const require = createRequire(`${folder}/`);

const CLIENTS = {
  "better-auth": `export { createAuthClient } from "better-auth/react";`,
  "@supabase/auth-js": `export { AuthClient } from "@supabase/auth-js";`,
  "@supabase/supabase-js": `export { createClient } from "@supabase/supabase-js";`,
  "supertokens-web-js": `export { default as init } from "supertokens-web-js";
    export { default as session } from "supertokens-web-js/recipe/session";
    export { default as password } from "supertokens-web-js/recipe/emailpassword";`,
};
const PARTS = {
  "@clerk/react": `export { ClerkProvider, SignIn, UserButton } from "@clerk/react";`,
  "@auth0/auth0-react": `export { Auth0Provider, useAuth0 } from "@auth0/auth0-react";`,
  "@supabase/auth-ui-react": `export { Auth } from "@supabase/auth-ui-react"; export { createClient } from "@supabase/supabase-js";`,
  "supertokens-auth-react": `export { default as init } from "supertokens-auth-react";
    export { default as session } from "supertokens-auth-react/recipe/session";
    export { default as password } from "supertokens-auth-react/recipe/emailpassword";
    export { EmailPasswordPreBuiltUI } from "supertokens-auth-react/recipe/emailpassword/prebuiltui";`,
};

for (const [title, entries] of Object.entries({ CLIENTS, PARTS })) {
  console.log(title.toLowerCase());
  for (const [name, contents] of Object.entries(entries)) {
    let version;
    try {
      version = require(`${folder}/node_modules/${name}/package.json`).version;
    } catch {
      continue;
    }
    const built = await build({
      stdin: { contents, resolveDir: folder, loader: "js" },
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      platform: "browser",
      external: ["react", "react/jsx-runtime", "react-dom", "react-dom/client"],
      define: { "process.env.NODE_ENV": '"production"' },
      write: false,
      logLevel: "error",
    });
    const bytes = gzipSync(built.outputFiles[0].contents, { level: 9 }).length;
    console.log(`  ${name} ${version}: ${bytes} bytes gzipped`);
  }
}
