/**
 * Makes `dist` of a workspace a package of its own (`npm pack ./dist`); run in the workspace, after tsc.
 *
 * REPOSITORY (an address, such as that of a code host) is where links to other files of the repository lead, and what the
 * package says of where it comes from. Without one there are no such links: none is better than one that leads nowhere.
 */
import { copyFile, cp, readFile, writeFile } from "node:fs/promises";
import { register } from "node:module";
import { posix } from "node:path";
import { pathToFileURL } from "node:url";

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
  exports[entry] = plain === made ? made : { types: `${plain}.d.ts`, default: `${plain}.js` };
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
