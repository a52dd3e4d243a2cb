// Makes dist a package of its own (`npm pack ./dist`), and sees that plain Node can import it: servers render with it too.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { register } from "node:module";

const here = new URL("./", import.meta.url);
const { exports: sources, ...rest } = JSON.parse(await readFile(new URL("package.json", here)));
delete rest.scripts;
delete rest.devDependencies;

const exports = {};
for (const [entry, source] of Object.entries(sources)) {
  const made = source.replace(/^\.\/src\//, "./").replace(/\.tsx?$/, "");
  exports[entry] = made === source.replace("/src/", "/") ? made : { types: `${made}.d.ts`, default: `${made}.js` };
}
await writeFile(new URL("dist/package.json", here), `${JSON.stringify({ ...rest, exports }, null, 2)}\n`);
await copyFile(new URL("src/styles.css", here), new URL("dist/styles.css", here));
await copyFile(new URL("README.md", here), new URL("dist/README.md", here));

// In this workspace the client is its sources; a package would find what was made of them.
const client = JSON.stringify(new URL("../client/dist/", here).href);
const resolve = `export const resolve = (name, context, next) => name.startsWith("@latchkey/client")
  ? { url: ${client} + (name.split("/")[2] ?? "index") + ".js", shortCircuit: true }
  : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(resolve)}`);
for (const { default: made } of Object.values(exports)) if (made) await import(new URL(`dist/${made}`, here));
