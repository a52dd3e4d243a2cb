// Makes dist a package of its own (`npm pack ./dist`), and sees that plain Node can import it: servers render with it too.
import { copyFile, readFile, writeFile } from "node:fs/promises";

const here = new URL("./", import.meta.url);
const { exports: sources, ...rest } = JSON.parse(await readFile(new URL("package.json", here)));
delete rest.scripts;

const exports = {};
for (const [entry, source] of Object.entries(sources)) {
  const made = source.replace(/^\.\/src\//, "./").replace(/\.tsx?$/, "");
  exports[entry] = { types: `${made}.d.ts`, default: `${made}.js` };
}
await writeFile(new URL("dist/package.json", here), `${JSON.stringify({ ...rest, exports }, null, 2)}\n`);
await copyFile(new URL("src/schema.d.ts", here), new URL("dist/schema.d.ts", here));
await copyFile(new URL("README.md", here), new URL("dist/README.md", here));
for (const { default: made } of Object.values(exports)) await import(new URL(`dist/${made}`, here));
