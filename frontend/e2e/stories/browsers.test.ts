/** Browsers that translate, forbid, forget, and have few connections; programs in them that add to pages: it goes on. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  launch,
  logIn,
  logOut,
  openTab,
  operate,
  PASSWORD,
  register,
  signedIn,
  signedOut,
  signIn,
  stage,
  type Person,
} from "../browser";
import { translated } from "../translator";

describe("a browser", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ada: Person;
  let wrong: string[];

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    wrong = [];
    [ada, context] = await Promise.all([register(), browser.newContext({ reducedMotion: "reduce" })]);
    context.on("weberror", (error) => wrong.push(error.error().message));
    page = await context.newPage();
    return () => context.close();
  });

  /** What is on the page, as its reader sees it. */
  const shown = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor();
  const press = (name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const lead = async (name: string, heading = name) => {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
  };

  test("translates every page while it is used, and another program puts its own beside the fields", async () => {
    await translated(context);
    await context.addInitScript(() => {
      // As password managers do: something beside each field, in each form and at the end of the page.
      const add = (): void => {
        for (const one of document.querySelectorAll(
          "input:not([data-known]), form:not([data-known]), body:not([data-known])",
        )) {
          one.setAttribute("data-known", "");
          const own = document.createElement("div");
          if (one instanceof HTMLInputElement) one.after(own);
          else one.append(own);
        }
      };
      new MutationObserver(add).observe(document, { childList: true, subtree: true });
    });
    const root = { email: `root.${ada.email}`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);

    // To register, with what is refused first.
    await page.goto(`${stage.normal}/register`);
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await shown(/more to go/);
    await press("Create account");
    await shown("At least 8 characters, please.");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await shown("Long enough. More words make it stronger.");
    await press("Create account");
    await shown("There is an account with this address already.");
    await page.getByRole("link", { name: "Log in", exact: true }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();

    // To log in, after a wrong password, and asking for another one.
    await page.getByLabel("Password", { exact: true }).fill("not this one at all");
    await press(/^Log in$/);
    await shown("Incorrect e-mail or password.");
    await page.getByRole("link", { name: "Set a new password" }).click();
    await press("Send the link");
    await shown(/a link is on its way to it/);
    await page.getByRole("link", { name: "Back to log in" }).click();
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await press(/^Show /);
    await shown("Hide");
    await press(/^Log in$/);
    await page.waitForURL("**/dashboard");

    // One's own pages: what is typed, refused, saved, named, asked and called off.
    await lead("Profile");
    await page.getByLabel("Full name").fill("Ada King");
    await press("Save name");
    await shown("Your name is saved.");
    await press(/^Ada King ?, account menu$/);
    await press("Log out everywhere");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await lead("Devices");
    await press(/^Rename /);
    await page.getByLabel("What you call it").fill("Desk");
    await page.keyboard.press("Enter");
    await press(/^Rename Desk/);
    await page.getByLabel("What you call it").fill("Table");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Rename Table/ }).waitFor();
    await shown("Table");
    await lead("Activity");
    await shown("Logged in");
    await lead("Security");
    await page.getByRole("main").getByRole("button").first().waitFor();
    await lead("Your data");
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();

    // The network goes, and comes back.
    await context.setOffline(true);
    await shown(/^You are offline/);
    await context.setOffline(false);
    await page.getByText(/^You are offline/).waitFor({ state: "detached" });
    await logOut(page);
    await shown("You are logged out.");

    // An administrator's pages: found, sorted, opened, left.
    await signIn(page, root);
    await lead("Users");
    await page.getByRole("searchbox").fill(ada.email);
    await page.waitForURL(/[?&]q=/);
    await page.getByRole("link", { name: ada.email, exact: true }).click();
    await page.getByRole("heading", { name: ada.email, level: 1 }).waitFor();
    await lead("Events");
    await shown("Logged in");
    await lead("Statistics");
    expect(wrong).toEqual([]);
    expect(await page.getByText("This page can’t be shown").count()).toBe(0);
  }, 120_000);

  test("without locks, without channels: seven tabs load, and one hears of the other’s log-out", async () => {
    await context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined });
      Reflect.deleteProperty(window, "BroadcastChannel");
    });
    await signIn(page, ada);
    const tabs = [page];
    for (let number = 2; number <= 9; number++) tabs.push(await openTab(context, "/devices"));
    // All are of use: nobody's connections are taken.
    await Promise.all(tabs.map((tab) => tab.getByRole("navigation").getByRole("link", { name: "Activity" }).click()));
    await Promise.all(tabs.map((tab) => tab.getByText("Logged in").first().waitFor()));
    await logOut(page);
    await signedOut(page);
    const [, other] = tabs;
    if (!other) throw new Error("there is one");
    await other.getByRole("link", { name: "Devices" }).click();
    await other.evaluate(() => window.dispatchEvent(new Event("focus")));
    await signedOut(other);
    expect(wrong).toEqual([]);
  }, 120_000);

  test("whose storages throw, or are full: nothing is missing", async () => {
    for (const broken of ["getItem setItem removeItem", "setItem"]) {
      const own = await browser.newContext({ reducedMotion: "reduce" });
      await own.addInitScript((names) => {
        for (const name of names.split(" ")) {
          Object.defineProperty(Storage.prototype, name, {
            value: () => {
              throw new DOMException("no", "QuotaExceededError");
            },
          });
        }
      }, broken);
      own.on("weberror", (error) => wrong.push(error.error().message));
      const tab = await own.newPage();
      await signIn(tab, ada);
      await tab.reload();
      await signedIn(tab);
      await logOut(tab);
      await tab.getByText("You are logged out.").waitFor();
      await own.close();
    }
    expect(wrong).toEqual([]);
  });

  test("that keeps no cookies says so before the reload that loses the session", async () => {
    let asked = 0;
    await context.route("**/api/auth/cookie", async (route) => {
      asked++;
      await context.clearCookies(); // as where they are blocked, or the page isn't secure
      await route.continue();
    });
    await signIn(page, ada);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: /logged out when this page is closed or loaded again/ }).waitFor();
    await dialog.getByRole("button", { name: "All right" }).click();
    await dialog.waitFor({ state: "detached" });
    await lead("Devices");
    expect(asked).toBe(1);
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await context.unroute("**/api/auth/cookie");
    await logIn(page, ada);
    await signedIn(page);
    await lead("Devices");
    expect(await dialog.count()).toBe(0);
    expect(wrong).toEqual([]);
  });

  test("that blocks streams as if they were advertisements still hears of the end", async () => {
    await context.route("**/api/sessions/stream*", (route) => route.abort("blockedbyclient"));
    await page.clock.install();
    await signIn(page, ada);
    const ended = await fetch(`${stage.normal}/api/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: ada.email, password: PASSWORD }),
    });
    const { access_token } = (await ended.json()) as { access_token: string };
    await fetch(`${stage.normal}/api/sessions`, {
      method: "DELETE",
      headers: { Authorization: `Bearer ${access_token}` },
    });
    await expect
      .poll(
        async () => {
          await page.clock.fastForward(10_000);
          return page.getByRole("heading", { name: /^Log in/ }).count();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(1);
  });

  test("that goes back to a page it had put away shows nobody who has logged out meanwhile", async () => {
    await signIn(page, ada);
    await page.goto("about:blank");
    const other = await openTab(context);
    await logOut(other);
    await signedOut(other);
    await page.goBack();
    await signedOut(page);
    expect(await page.getByRole("button", { name: /, account menu$/ }).count()).toBe(0);
  });
});
