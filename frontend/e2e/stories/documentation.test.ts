/** The documentation as somebody opens it from a disk: no server, no network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, picture as pictureOf } from "../browser";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGES = ["index", "own-api", "operations", "reference", "decisions/index"];

// Some of these pages are longer than a picture may be.
const picture = (page: Page, name: string) => pictureOf(page, `docs-${name.replace("/", "-")}`, { fullPage: false });
const site = mkdtempSync(join(tmpdir(), "latchkey-site-"));
const address = (page: string) => pathToFileURL(join(site, `${page}.html`)).href;
let browser: Browser;
/** What a page said that it shouldn't have, and what it asked for that isn't a file. */
const wrong: string[] = [];

beforeAll(async () => {
  execFileSync(join(ROOT, ".venv", "bin", "python"), ["-m", "tools.docs", "--to", site], { cwd: ROOT });
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  rmSync(site, { recursive: true, force: true });
});

async function visitor(options: Parameters<Browser["newContext"]>[0]): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => !request.url().startsWith("file:") && wrong.push(request.url()));
  return [context, page];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run({
      resultTypes: ["violations"],
      preload: false, // it would fetch the styles, which no page of ours may
    }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

test("is found, read and walked through, by keyboard, on a phone and in the dark", async () => {
  const [wide, page] = await visitor({ viewport: { width: 1280, height: 900 } });
  await page.goto(address("decisions/index"));
  await page.keyboard.press("/");
  await page.keyboard.type("unlink redis");
  const results = page.locator("#results a");
  await results.first().waitFor({ timeout: 30_000 });
  await page.getByText(/^\d+ places$/).waitFor();
  expect(await page.locator("#results mark").count()).toBeGreaterThan(0);
  await picture(page, "search");
  expect(await violations(page)).toEqual([]);
  const heading = await results.first().innerText();
  await page.keyboard.press("Enter"); // to the first place found
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(heading);
  await page.keyboard.press("Enter");
  await page.waitForURL(({ href }) => href !== address("decisions/index"));
  await page.getByLabel("Search").fill("xyzzyplugh");
  await page.getByText("No places").waitFor();
  await page.keyboard.press("Escape");
  expect(await page.getByLabel("Search").inputValue()).toBe("");

  for (const name of PAGES) {
    await page.goto(address(name));
    await picture(page, `${name}-1280`);
    expect([name, await violations(page)]).toEqual([name, []]);
  }
  await wide.close();

  const [phone, small] = await visitor({ viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true });
  for (const name of PAGES) {
    await small.goto(address(name));
    expect([name, await small.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 390]);
    await picture(small, `${name}-390-dark`);
    expect([name, await violations(small)]).toEqual([name, []]);
  }
  await small.goto(address("index"));
  await small.getByText("All pages").tap();
  await small.getByRole("link", { name: "Operations", exact: true }).first().tap();
  await small.waitForURL(address("operations"));
  await phone.close();
  expect(wrong).toEqual([]);
}, 180_000);
