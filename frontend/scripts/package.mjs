/**
 * Makes `dist` of a workspace a package of its own (`npm pack ./dist`); run in the workspace, after tsc.
 *
 * REPOSITORY (an address, such as that of a code host) is where links to other files of the repository lead, and what the
 * package says of where it comes from. Without one there are no such links: none is better than one that leads nowhere.
 */
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { register } from "node:module";
import { dirname, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";

const here = pathToFileURL(`${process.cwd()}/`);
const root = new URL("../../", import.meta.url);
const folder = here.pathname.slice(root.pathname.length).replace(/\/$/, "");
const repository = process.env.REPOSITORY?.replace(/\/$/, "");

const { exports: sources, ...about } = await json(new URL("package.json", here));
delete about.scripts;
delete about.devDependencies;
const { engines } = await json(new URL("frontend/package.json", root));

const exports = {};
for (const [entry, source] of Object.entries(sources)) {
  const made = source.replace(/^\.\/src\//, "./");
  const plain = made.replace(/\.tsx?$/, "");
  const older = plain.replace("./", "./cjs/");
  exports[entry] =
    plain === made
      ? made
      : {
          require: { types: `${older}.d.ts`, default: `${older}.js` },
          types: `${plain}.d.ts`,
          default: `${plain}.js`,
        };
}
await write("package.json", {
  ...about,
  engines: about.engines ?? engines,
  ...(repository && { repository: { type: "git", url: `git+${repository}.git`, directory: folder } }),
  exports,
});
// What isn't compiled: declarations that are written as such, and styles.
const asIs = (path) => !/\.[^./]+$/.test(path) || /\.(d\.ts|css)$/.test(path);
await cp(new URL("src", here), new URL("dist", here), { recursive: true, filter: asIs });
await commonJs();
await copyFile(new URL("LICENSE", root), new URL("dist/LICENSE", here));
await write("README.md", linked(await readFile(new URL("README.md", here), "utf8"), folder));
await write("CHANGELOG.md", linked(await readFile(new URL("CHANGELOG.md", root), "utf8"), ""));

// Servers render with it too: everything is imported where there is no window. Here the other packages are their sources,
// where it is installed they are what was made of them.
const packages = JSON.stringify(new URL("frontend/packages/", root).href);
const resolve = `export const resolve = (name, context, next) => {
  const [scope, own, entry = "index"] = name.split("/");
  return scope === "@latchkey" ? { url: ${packages} + own + "/dist/" + entry + ".js", shortCircuit: true } : next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(resolve)}`);
for (const { default: made } of Object.values(exports)) if (made) await import(new URL(`dist/${made}`, here));

/**
 * The same once more in `cjs`, for what knows no modules: Jest as it comes, projects of CommonJS. A file each, so that what
 * entries have in common is there once.
 */
async function commonJs() {
  await rm(new URL("dist/cjs", here), { recursive: true, force: true });
  for (const path of await readdir(new URL("dist", here), { recursive: true })) {
    if (path.startsWith("cjs") || !/\.(js|d\.ts)$/.test(path)) continue;
    const source = await readFile(new URL(`dist/${path}`, here), "utf8");
    const target = new URL(`dist/cjs/${path}`, here);
    await mkdir(dirname(target.pathname), { recursive: true });
    const options = { format: "cjs", target: "es2022", supported: { "dynamic-import": false } };
    const text = path.endsWith(".js") ? (await transform(source, options)).code : source;
    await writeFile(target, text.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
  }
  await write("cjs/package.json", { type: "commonjs" });
}

async function json(url) {
  return JSON.parse(await readFile(url, "utf8"));
}

function write(name, what) {
  const text = typeof what === "string" ? what : `${JSON.stringify(what, null, 2)}\n`;
  return writeFile(new URL(`dist/${name}`, here), text);
}

/** A document of `folder`, with links that lead somewhere from outside of the repository too. */
function linked(text, folder) {
  const parts = text.split(/(^```.*?^```$)/ms); // code is every second one
  return parts
    .map((part, number) => (number % 2 ? part : part.replace(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, outward)))
    .join("");

  function outward(link, words, target) {
    if (/^([a-z]+:|#)/.test(target)) return link;
    return repository ? `[${words}](${repository}/blob/main/${posix.join(folder, target)})` : words;
  }
}
