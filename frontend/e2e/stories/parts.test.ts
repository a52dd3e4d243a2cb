/** The pages for who isn't signed in: in German, through outages, and with nothing typed twice. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, logIn, PASSWORD, picture, register, signIn, stage } from "../browser";

const LONG = `${"w".repeat(59)}@${Array(3).fill("w".repeat(60)).join(".")}.example.com`;
const WELCOME = ["/", "/login", "/login/mail", "/register", "/forgot-password", "/verify-email", "/nowhere"];

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function visit(options: { locale?: string } = {}): Promise<[Page, BrowserContext]> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  return [await context.newPage(), context];
}

describe("in German", () => {
  test("every page, and what goes wrong, by the language of the browser", async () => {
    const [page, context] = await visit({ locale: "de-AT" });
    const ada = await register();
    await page.goto(`${stage.normal}/login`);
    await page.getByLabel("E-Mail").pressSequentially(ada.email, { delay: 5 });
    await page.getByLabel("Passwort", { exact: true }).fill("falsch");
    await page.keyboard.press("Enter");
    await page.getByText("E-Mail oder Passwort stimmt nicht.").waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("de");
    await picture(page, "login-german-desktop");
    // What was typed once is carried along.
    await page.getByRole("link", { name: "Neues Passwort setzen" }).click();
    expect(await page.getByLabel("E-Mail").inputValue()).toBe(ada.email);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of [...WELCOME, "/verify-email#token=x", "/reset-password#token=x", "/undo-email-change#token=x"]) {
      await page.goto("about:blank");
      await page.goto(stage.normal + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await picture(page, `german${path.replace(/\W+/g, "-")}-phone`);
      const text = await page.locator("main").innerText();
      expect(text, path).not.toMatch(/\b(the|your|Log in|password)\b/);
    }
    await context.close();
  });
});

describe("while the service can’t be reached", () => {
  test("there are words soon, and a way to try at once; whoever is signed in is never shown a form", async () => {
    const [page, context] = await visit();
    const ada = await register();
    await signIn(page, ada);
    let away = true;
    await page.addInitScript(() => {
      // Once there are words, the page tries no more by itself: what helps is the reader's press.
      const later = window.setTimeout.bind(window);
      const stopped = () => document.body.innerText.includes("No connection");
      Object.assign(window, {
        setTimeout: (run: () => void, ms = 0) => later(() => (ms >= 2000 && stopped() ? undefined : run()), ms),
      });
    });
    await context.route("**/api/**", (route) => (away ? route.abort() : route.fallback()));
    await page.goto(`${stage.normal}/login`);
    await page.getByText("No connection").waitFor();
    expect(await page.getByLabel("E-mail").count()).toBe(0);
    await picture(page, "outage-desktop");
    away = false;
    await page.getByRole("button", { name: "Try now" }).click();
    await page.waitForURL("**/dashboard");
    await context.setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await picture(page, "offline-desktop");
    await context.setOffline(false);
    await page.getByText("You are offline.").waitFor({ state: "detached" });
    await context.close();
  });
});

describe("the pages for who isn’t signed in", () => {
  test("stay in their boxes with the longest address, shift nothing, and keep unknown addresses", async () => {
    const [page, context] = await visit();
    await page.addInitScript(() => {
      let sum = 0;
      const add = (entries: PerformanceEntryList) => {
        for (const { value } of entries as (PerformanceEntry & { value: number })[]) sum += value;
      };
      const observer = new PerformanceObserver((list) => add(list.getEntries()));
      observer.observe({ type: "layout-shift", buffered: true });
      const shifted = () => {
        add(observer.takeRecords());
        return sum;
      };
      Object.assign(window, { shifted });
    });
    // As long as it takes on a telephone: what is shown meanwhile must not give way with a jump.
    await page.route("**/api/auth/**", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.fallback();
    });
    await page.setViewportSize({ width: 390, height: 844 });
    const shifts: Record<string, number> = {};
    for (const path of WELCOME) {
      await page.goto(stage.normal + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      shifts[path] = await page.evaluate(async () => {
        for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
        return (window as unknown as { shifted: () => number }).shifted();
      });
    }
    expect(Object.entries(shifts).filter(([, shift]) => shift >= 0.1)).toEqual([]);
    expect(new URL(page.url()).pathname).toBe("/nowhere");
    await page.goto(`${stage.normal}/forgot-password`);
    await page.getByLabel("E-mail").fill(LONG);
    await page.keyboard.press("Enter");
    await page.getByText("If there is an account for").waitFor();
    await page.setViewportSize({ width: 320, height: 800 });
    await picture(page, "forgot-password-long-320");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await context.close();
  });

  test("tell a password’s length while it is typed, lose nothing of it, and take what managers fill in", async () => {
    const [page, context] = await visit();
    await page.goto(`${stage.normal}/register`);
    const field = page.getByLabel("Password", { exact: true });
    expect(await field.getAttribute("passwordrules")).toContain("minlength: 8");
    await field.pressSequentially("corr", { delay: 150 });
    await page.getByText("4 more to go").waitFor();
    await field.pressSequentially("ect horse battery", { delay: 20 });
    await page.getByText("Long enough").first().waitFor();
    expect(await field.inputValue()).toBe(PASSWORD);
    const email = `parts.${process.pid}@example.com`;
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/dashboard");
    await context.clearCookies();
    await page.goto(`${stage.normal}/login`);
    await logIn(page, { email, name: "", id: "" });
    await page.waitForURL("**/dashboard");
    await context.close();
  });
});
