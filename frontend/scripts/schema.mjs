// The client's types, made from the service's OpenAPI document. With --check, only compares.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/openapi.json", import.meta.url);
const target = new URL("../packages/client/src/schema.d.ts", import.meta.url);
const made = `// Made from docs/openapi.json by "npm run schema". Do not edit.\n${astToString(await openapiTS(source))}`;

if (!process.argv.includes("--check")) {
  await writeFile(target, made);
} else if ((await readFile(target, "utf8").catch(() => "")) !== made) {
  console.error("schema.d.ts is out of date: run `npm run schema` and commit it.");
  process.exitCode = 1;
}
