/**
 * Packs every package, and installs what was packed into fresh projects: React 18 and 19, types as bundlers and as Node
 * resolve them, rendered where there is no window, bundled. `npm run build` first.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const FRESH = ["react-18", "react-19"];
const EXAMPLE = "react-19"; // in which the example of a page is built
const RESOLUTIONS = { bundler: "esnext", node16: "node16" };
/** In every package, whatever else is in it. */
const HAS = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "index.js", "index.d.ts", "index.js.map"];

const frontend = fileURLToPath(new URL("..", import.meta.url));
const bin = join(frontend, "node_modules", ".bin");
const work = await mkdtemp(join(tmpdir(), "latchkey-packages-"));
const began = Date.now();

try {
  const packages = await Promise.all((await readdir(join(frontend, "packages"))).map(packed));
  for (const one of packages) await linted(one);
  await Promise.all(FRESH.map((name) => installed(name, packages)));
  console.log(`${packages.length} packages, each in ${FRESH.length} projects (${seconds()} s)`);
} catch (error) {
  console.error(error.stdout ?? "", error.stderr ?? "", error.message);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}

/** Pack `dist` of a workspace, and look at what is in it. */
async function packed(folder) {
  const dist = join(frontend, "packages", folder, "dist");
  const { stdout } = await run("npm", ["pack", dist, "--json", "--pack-destination", work], work);
  const [{ filename, files, name, unpackedSize, size }] = JSON.parse(stdout);
  const paths = files.map((file) => file.path);
  const about = JSON.parse(await readFile(join(dist, "package.json"), "utf8"));
  for (const path of HAS) insist(paths.includes(path), `${name} has no ${path}`);
  for (const path of paths) insist(!/(^|\/)(test|src|node_modules)\//.test(path), `${name} has ${path}`);
  for (const key of ["engines", "license", "exports", "description"]) insist(about[key], `${name} says no ${key}`);
  insist(!process.env.REPOSITORY || about.repository, `${name} doesn't say where it is from`);
  for (const document of ["README.md", "CHANGELOG.md"]) {
    const text = (await readFile(join(dist, document), "utf8")).replace(/^```.*?^```$/gms, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    for (const link of links) insist(/^(https:|#)/.test(link), `${name}'s ${document} links to ${link}`);
  }
  console.log(`${name} ${about.version}: ${paths.length} files, ${size} bytes packed, ${unpackedSize} unpacked`);
  return { about, name, dist, tarball: join(work, filename) };
}

async function linted({ about, name, dist, tarball }) {
  const { messages } = await publint({ pkgDir: dist, pack: false, strict: true });
  insist(messages.length === 0, `publint on ${name}: ${messages.map((one) => formatMessage(one, about)).join("; ")}`);
  const styles = Object.keys(about.exports).filter((entry) => entry.endsWith(".css"));
  const without = styles.length ? ["--exclude-entrypoints", ...styles] : [];
  await run(
    join(bin, "attw"),
    [tarball, "--profile", "node16", "--format", "table-flipped", "--no-emoji", ...without],
    work,
  );
}

/** Install what was packed into a project that has React and nothing else; compile, render and bundle it there. */
async function installed(project, packages) {
  const place = join(work, project);
  await mkdir(place);
  await cp(join(frontend, "fresh", project), place, { recursive: true });
  const quiet = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["ci", ...quiet], place);
  await run("npm", ["install", "--no-save", ...quiet, ...packages.map(({ tarball }) => tarball)], place);
  // It is as large as all the rest, and every version that we say it may be takes this React: the one that is here will do.
  await symlink(join(frontend, "node_modules", "next"), join(place, "node_modules", "next"));
  await cp(join(frontend, "fresh", "page.tsx"), join(place, "page.tsx"));
  await cp(join(frontend, "fresh", "render.tsx"), join(place, "render.tsx"));
  const entries = packages.flatMap(({ about, name }) =>
    Object.keys(about.exports)
      .filter((entry) => !entry.endsWith(".css"))
      .map((entry) => name + entry.slice(1)),
  );
  const all = entries.map((entry, number) => `export * as entry${number} from "${entry}";`).join("\n");
  await writeFile(join(place, "every.ts"), `${all}\n`);
  const strict = { strict: true, noEmit: true, target: "es2022", jsx: "react-jsx", types: [] };
  for (const [moduleResolution, module] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = { ...strict, lib: ["es2023", "dom", "dom.iterable"], moduleResolution, module };
    const files = ["page.tsx", "render.tsx", "every.ts"];
    await writeFile(join(place, `${moduleResolution}.json`), JSON.stringify({ compilerOptions, files }));
    await run(join(bin, "tsc"), ["-p", `${moduleResolution}.json`], place);
  }
  const build = (entry, out, ...more) =>
    run(
      join(bin, "esbuild"),
      [entry, "--bundle", "--format=esm", "--jsx=automatic", "--log-level=warning", `--outfile=${out}`, ...more],
      place,
    );
  await build("page.tsx", "bundle.js");
  await build("render.tsx", "render.mjs", "--platform=node", "--packages=external");
  const { stdout } = await run("node", ["render.mjs"], place);
  insist(stdout.includes("<p>One moment…</p>"), `${project} rendered ${stdout}`);
  if (project === EXAMPLE) await exampleBuilt(place);
  await writeFile(join(place, "every.mjs"), entries.map((entry) => `await import("${entry}");\n`).join(""));
  await run("node", ["every.mjs"], place);
  await fromCommonJs(place, entries, strict);
}

/** What knows no modules, such as Jest as it comes: each entry is required, compiled against, and shares what it should. */
async function fromCommonJs(place, entries, strict) {
  const required = entries.map((entry) => `require("${entry}");\n`);
  const one = [
    `const { LatchkeyClient } = require("@latchkey/client");`,
    `const { createTestClient } = require("@latchkey/client/testing");`,
    `if (!(createTestClient() instanceof LatchkeyClient)) throw new Error("there are two of one class");\n`,
  ].join("\n");
  await writeFile(join(place, "every.cjs"), required.join("") + one);
  await run("node", ["--no-experimental-require-module", "every.cjs"], place);
  const imports = entries.map((entry, number) => `import * as entry${number} from "${entry}";\nvoid entry${number};\n`);
  await writeFile(join(place, "every.cts"), imports.join(""));
  const compilerOptions = {
    ...strict,
    lib: ["es2023", "dom", "dom.iterable"],
    module: "node16",
    moduleResolution: "node16",
  };
  await writeFile(join(place, "commonjs.json"), JSON.stringify({ compilerOptions, files: ["every.cts"] }));
  await run(join(bin, "tsc"), ["-p", "commonjs.json"], place);
}

/** Build the example of a page, as its own project would with these packages and with Vite. */
async function exampleBuilt(place) {
  const modules = join(frontend, "node_modules");
  const example = join(place, "example");
  const sources = join(frontend, "..", "examples", "react");
  await cp(sources, example, {
    recursive: true,
    filter: (path) => !/node_modules|dist/.test(path.slice(sources.length)),
  });
  await mkdir(join(place, "node_modules", "@vitejs"), { recursive: true });
  for (const name of ["vite", "@vitejs/plugin-react"])
    await symlink(join(modules, name), join(place, "node_modules", name));
  await run(join(bin, "tsc"), ["-p", "."], example);
  await run(join(bin, "vite"), ["build", "--logLevel", "warn"], example);
}

function run(command, args, cwd) {
  const env = { ...process.env, npm_config_update_notifier: "false" };
  return promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 24, timeout: 300_000 });
}

function insist(fact, otherwise) {
  if (!fact) throw new Error(otherwise);
}

function seconds() {
  return ((Date.now() - began) / 1000).toFixed(1);
}
