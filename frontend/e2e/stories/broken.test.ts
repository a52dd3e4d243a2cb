/** What breaks, breaks small: a sentence and a way on, never a white page, a wrong excuse or an endless wait. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  launch,
  openTab,
  operate,
  PASSWORD,
  picture,
  register,
  signedIn,
  signIn,
  stage,
  type Person,
} from "../browser";

describe("something that breaks", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ada: Person;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    [ada, context] = await Promise.all([register(), browser.newContext({ reducedMotion: "reduce" })]);
    page = await context.newPage();
    return () => context.close();
  });

  const signInAsRoot = async (): Promise<void> => {
    const root = { email: `root.${ada.email}`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    await signIn(page, root);
  };

  test("a deployment took a part of the application away: the page is loaded anew, once, by itself", async () => {
    await signInAsRoot();
    let missing = 0;
    await page.route("**/assets/admin-*.js", async (route) => {
      if (missing++) await route.continue();
      else await route.fulfill({ status: 404, body: "" });
    });
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("heading", { name: "Users" }).waitFor();
    await page.getByText(ada.email).first().waitFor();
    expect(missing).toBe(2);
  });

  test("a part that stays missing leaves the frame, a sentence and a way on", async () => {
    await signInAsRoot();
    let missing = 0;
    await page.route("**/assets/admin-*.js", async (route) => {
      missing++;
      await route.fulfill({ status: 404, body: "" });
    });
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("heading", { name: "This page can’t be shown" }).waitFor();
    await picture(page, "broken-desktop");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "broken-dark");
    await page.setViewportSize({ width: 390, height: 844 });
    await picture(page, "broken-phone");
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(missing).toBe(2);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByRole("heading", { name: "Profile" }).waitFor();
    await page.unroute("**/assets/admin-*.js");
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(ada.email).first().waitFor();
  });

  test("an answer of an unknown shape breaks its own page alone, and is reported", async () => {
    const reported: string[] = [];
    page.on("pageerror", (error) => reported.push(error.message));
    // The dashboard asks for events, and other pages show what it was answered: it is the one that breaks.
    await page.route("**/api/users/me/events*", (route) => route.fulfill({ json: [{ id: "1" }] }));
    await signIn(page, ada);
    await page.getByRole("heading", { name: "This page can’t be shown" }).waitFor();
    await signedIn(page);
    expect(reported.length).toBeGreaterThan(0);
    await page.unroute("**/api/users/me/events*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Logged in", { exact: true }).first().waitFor();
  });

  test("a mistake of the page’s own is called that, and reported; not taken for the network, and not tried for ever", async () => {
    const reported: string[] = [];
    page.on("pageerror", (error) => reported.push(error.message));
    await signIn(page, ada);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Full name").fill("Ada King");
    await page.evaluate(() => {
      JSON.stringify = () => {
        throw new TypeError("a mistake of ours");
      };
    });
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("Something went wrong on this page").waitFor();
    expect(await page.getByText("No connection").count()).toBe(0);
    expect(reported.join()).toContain("a mistake of ours");
    expect(await page.getByLabel("Full name").inputValue()).toBe("Ada King");
  });

  test("a network that fails is called that, and nothing is lost", async () => {
    await signIn(page, ada);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Full name").fill("Ada King");
    await page.route("**/api/users/me", (route) => route.abort());
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("No connection").waitFor();
    expect(await page.getByLabel("Full name").inputValue()).toBe("Ada King");
  });

  test("a log-in that is never answered says so after five seconds, ends after fifteen, and holds up no other tab", async () => {
    await page.clock.install();
    await page.goto(`${stage.normal}/login`);
    let asked = 0;
    await page.route("**/api/auth/login", () => {
      asked++; // and never answered
    });
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await expect.poll(() => asked, { timeout: 30_000 }).toBe(1);
    await page.clock.fastForward(5_500);
    await page.getByText("The service is taking its time").waitFor();
    await picture(page, "slow-desktop");
    await page.clock.fastForward(10_000);
    await page.getByText("No answer").waitFor();
    await picture(page, "no-answer-desktop");
    const other = await context.newPage();
    await signIn(other, ada);
    await other.close();
    // And what was given up may be tried again.
    await page.unroute("**/api/auth/login");
    await openTab(context);
  });
});
