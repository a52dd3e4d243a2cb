/** Compiles every piece of TypeScript that the documents show, each as a module of its own, against the packages. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const frontend = fileURLToPath(new URL("..", import.meta.url));
const root = new URL("../../", import.meta.url);
const work = new URL("../.snippets/", import.meta.url); // where Node finds what they import
const listed = (folder) => readdirSync(new URL(folder, root)).map((name) => folder + name);
const DOCUMENTS = [
  "README.md",
  "frontend/app/README.md",
  ...listed("docs/").filter((path) => path.endsWith(".md")),
  ...[...listed("examples/"), ...listed("frontend/packages/")].map((folder) => `${folder}/README.md`),
].filter((path) => existsSync(new URL(path, root)));

await rm(work, { recursive: true, force: true });
await mkdir(work);
let number = 0;
for (const document of DOCUMENTS) {
  const text = await readFile(new URL(document, root), "utf8");
  for (const { 1: left, 2: kind, 3: code, index } of text.matchAll(
    /(^<!-- not run: [^\n]*? -->\n+)?^```(tsx?)\n(.*?)^```$/gms,
  )) {
    if (left) continue;
    number += 1;
    const line = text.slice(0, index).split("\n").length;
    const name = `${document.replace(/\W+/g, "-")}-line-${line}.${kind}`;
    await writeFile(new URL(name, work), code.includes("import ") ? code : `${code}\nexport {};\n`);
  }
}
// What runs on telephones isn't installed here: the recipe's stand-ins have its types.
const telephone = "../packages/client/test/recipes/telephone/";
const paths = Object.fromEntries(
  ["expo-secure-store", "react-native"].map((name) => [name, [`${telephone}${name}.ts`]]),
);
const options = {
  noEmit: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  types: ["node", "vite/client"],
  paths,
};
const project = { extends: "../tsconfig.base.json", compilerOptions: options, include: ["*"] };
await writeFile(new URL("tsconfig.json", work), JSON.stringify(project));
try {
  execFileSync(`${frontend}/node_modules/.bin/tsc`, ["-p", ".snippets"], { cwd: frontend, stdio: "inherit" });
  console.log(`${number} pieces of the documents' TypeScript compile`);
  await rm(work, { recursive: true });
} catch {
  process.exitCode = 1; // they stay there, to be looked at
}
