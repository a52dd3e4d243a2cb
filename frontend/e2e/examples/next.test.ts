/** The example for Next.js: built, served, and used by somebody new. By `make examples`: a build takes longer than a story. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, linkTo, logIn, picture, register, stage } from "../browser";
import { freePort } from "../ports";

const cwd = fileURLToPath(new URL("../../../examples/next", import.meta.url));
const NEXT = "node_modules/next/dist/bin/next";
let browser: Browser;
let server: ChildProcess;
let home: string;

beforeAll(async () => {
  const port = await freePort();
  home = `http://localhost:${port}`;
  const env = {
    ...process.env,
    NODE_ENV: "production" as const,
    NEXT_TELEMETRY_DISABLED: "1",
    LATCHKEY_URL: stage.normal,
  };
  execFileSync(process.execPath, [NEXT, "build"], { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  server = spawn(process.execPath, [NEXT, "start", "-p", String(port)], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve, reject) => {
    if (server.stdout) createInterface(server.stdout).on("line", (line) => line.includes("Ready") && resolve());
    server.once("exit", () => reject(new Error("Next.js could not be started.")));
  });
  browser = await launch();
}, 300_000);

afterAll(async () => {
  await browser.close();
  server.kill();
});

/** Open `path`, and hear of everything that goes wrong on the page. */
async function open(path: string): Promise<{ page: Page; wrong: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on(
    "console",
    (message) => message.type() === "error" && wrong.push(`${message.text()} ${message.location().url}`),
  );
  await page.goto(home + path);
  return { page, wrong };
}

test("somebody logs in, is led back, keeps a note, and leaves", async () => {
  const person = await register("Ada Lovelace");
  const { page, wrong } = await open("/settings");
  await page.waitForURL(`${home}/login?from=%2Fsettings`);
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.waitForURL(`${home}/register?from=%2Fsettings`);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.waitForURL(`${home}/login?from=%2Fsettings`);
  await picture(page, "example-next-login");
  // Next.js rewrites the pairs of colours for older browsers: there are some all the same.
  const accent = page.getByRole("button", { name: "Log in", exact: true });
  expect(await accent.evaluate((button) => getComputedStyle(button).backgroundColor)).toBe("rgb(11, 107, 88)");
  await logIn(page, person);
  await page.waitForURL(`${home}/settings`);
  await page.getByText("Ada Lovelace").first().waitFor();
  await page.goto(home);
  await page.getByRole("heading", { name: "0 notes" }).waitFor();
  await page.getByLabel("Note").fill("milk");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("heading", { name: "1 notes" }).waitFor();
  await picture(page, "example-next-notes");
  await page.reload();
  await page.getByText("milk").waitFor();
  await page.goto(`${home}/login?from=//evil.example/`); // somebody who is in isn't led out of the application
  await page.waitForURL(`${home}/`);
  await page.getByRole("button", { name: /Ada Lovelace/ }).click();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
  await page.waitForURL(`${home}/login`);
  expect(wrong).toEqual([]);
});

test("a forgotten password is set anew behind the link of the e-mail", async () => {
  const person = await register("Grace Hopper");
  const { page, wrong } = await open("/forgot-password");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByRole("button", { name: /Send/ }).click();
  const { pathname, hash } = new URL(await linkTo(person.email, "reset-password"));
  await page.goto(home + pathname + hash);
  await page.getByRole("textbox", { name: "New password" }).fill("another horse battery");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Your password is set. Log in with it.").waitFor();
  expect(wrong).toEqual([]);
});

test("the server verifies the token by itself, and has no other pages", async () => {
  const none = await fetch(`${home}/notes`);
  expect([none.status, none.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
  const wrong = await fetch(`${home}/notes`, { headers: { Authorization: "Bearer eyJ.eyJ.x" } });
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: "invalid_token" }]);
  expect((await fetch(`${home}/nowhere`)).status).toBe(404);
});
