/** The example of a page, and its own API: built, served, and used by somebody new. */
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import type { Browser } from "playwright-core";
import { build, preview, type PreviewServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plugIn } from "../authenticator";
import { launch, linkTo, logIn, PASSWORD, picture, register, stage } from "../browser";
import { freePort } from "../ports";

const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url));
// Below this folder Node finds the packages.
const folder = mkdtempSync(fileURLToPath(new URL("../.example-", import.meta.url)));
let browser: Browser;
let api: ChildProcess;
let pages: PreviewServer;
let home: string;
let notes: string;

beforeAll(async () => {
  const apiPort = await freePort();
  home = stage.example;
  const port = Number(new URL(home).port);
  notes = `http://localhost:${apiPort}`;
  process.env.LATCHKEY_URL = stage.normal;
  process.env.VITE_NOTES_URL = notes;
  for (const name of ["react", "api-node"]) cpSync(join(EXAMPLES, name), join(folder, name), { recursive: true });
  await bundle({
    entryPoints: [join(folder, "api-node", "server.mjs")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: join(folder, "api.mjs"),
  });
  api = spawn(process.execPath, [join(folder, "api.mjs")], {
    env: { LATCHKEY_URL: stage.normal, FRONTEND_ORIGIN: home, PORT: String(apiPort) },
    stdio: "inherit",
  });
  const root = join(folder, "react");
  await build({ root, logLevel: "warn" });
  pages = await preview({ root, logLevel: "warn", preview: { port, strictPort: true } });
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  await pages.close();
  api.kill();
  rmSync(folder, { recursive: true, force: true });
});

test("somebody logs in, the API knows who calls, and somebody leaves", async () => {
  const person = await register("Ada Lovelace");
  const page = await browser.newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  await page.goto(home);
  await page.getByLabel("E-mail").waitFor();
  await picture(page, "example-react");
  await logIn(page, person);
  await page.getByRole("heading", { name: "0 notes" }).waitFor();

  const login = { method: "POST", headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`${stage.normal}/api/auth/login`, {
    ...login,
    body: JSON.stringify({ email: person.email, password: PASSWORD }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${access_token}` };
  expect((await fetch(`${notes}/notes`, { method: "POST", headers, body: "milk" })).status).toBe(201);
  await page.reload();
  await page.getByRole("heading", { name: "1 notes" }).waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Log in", exact: true }).waitFor();
  expect(wrong).toEqual([]);
});

test("a passkey is set up there, and logs in", async () => {
  const person = await register("Grace Hopper");
  const page = await browser.newPage();
  await page.goto(await linkTo(person.email, "verify-email"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await page.getByText("Your address is confirmed.").waitFor();

  const device = await plugIn(page);
  await page.goto(home);
  await logIn(page, person);
  await page.getByRole("heading", { name: "0 notes" }).waitFor();
  await device.touched(true);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("is set up. You can log in with it.").waitFor();
  await picture(page, "example-react-passkey");
  expect(await device.count()).toBe(1);
  await device.touched(false);
  await page.getByRole("button", { name: "Log out" }).click();
  const byPasskey = page.getByRole("button", { name: "Log in with a passkey" });
  await byPasskey.waitFor();
  await device.touched(true);
  await Promise.all([
    page.getByRole("heading", { name: "0 notes" }).waitFor(),
    byPasskey.click().catch(() => undefined),
  ]);
});
