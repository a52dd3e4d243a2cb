/** Two people and one browser: nobody's text, devices or session become another's, and "Log out" is true. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  callsAs,
  deleteKeys,
  launch,
  logIn,
  logOut,
  openTab,
  picture,
  register,
  signedIn,
  signedOut,
  signIn,
  stage,
  type Person,
} from "../browser";

const PHONE = { width: 390, height: 844 };

describe("two people in one browser", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    [ada, bob, context] = await Promise.all([
      register("Ada Lovelace"),
      register("Bob Babbage"),
      browser.newContext({ reducedMotion: "reduce" }),
    ]);
    page = await context.newPage();
    return () => context.close();
  });

  /** What the service calls somebody. */
  const nameOf = async (person: Person): Promise<string> => {
    const call = await callsAs(person);
    return ((await call("GET", "/users/me")) as { full_name: string }).full_name;
  };

  /** Hear nothing of the other tabs and of the service, as while a laptop sleeps; returns how to wake. */
  const asleep = async (tab: Page): Promise<() => Promise<void>> => {
    await tab.addInitScript(() => {
      Object.defineProperty(BroadcastChannel.prototype, "onmessage", { set: () => undefined });
    });
    await tab.route("**/api/sessions/stream*", (route) => route.abort());
    // Where no stream gets through, it is asked for in this way.
    const ME = "**/api/users/me";
    await tab.route(ME, (route) => (route.request().method() === "GET" ? undefined : route.continue()));
    return () => tab.unroute(ME);
  };

  const changeHands = async (tab: Page): Promise<void> => {
    await logOut(tab);
    await signedOut(tab);
    await logIn(tab, bob);
    await tab.waitForURL("**/dashboard");
  };

  test("what one has typed is never written into the other's account", async () => {
    await signIn(page, ada);
    const sleeping = await context.newPage();
    const wake = await asleep(sleeping);
    await sleeping.goto(`${stage.normal}/profile`);
    await sleeping.getByLabel("Full name").fill("Ada’s own text");
    await changeHands(page);
    await wake();
    // Unless it has heard of it by itself meanwhile: then there is nothing left to click.
    const save = sleeping.getByRole("button", { name: "Save name" });
    await Promise.race([save.click(), sleeping.getByText(`You are logged in as ${bob.email} now`).waitFor()]);
    await sleeping.getByText(`You are logged in as ${bob.email} now`).waitFor();
    expect(await nameOf(bob)).toBe("Bob Babbage");
    expect(await sleeping.getByText(ada.email).count()).toBe(0);
    expect(await sleeping.locator("input").evaluateAll((all) => all.map((it) => (it as HTMLInputElement).value)))
      .not // nobody's
      .toContain("Ada’s own text");
    await picture(sleeping, "somebody-else-desktop");
    await sleeping.setViewportSize(PHONE);
    await picture(sleeping, "somebody-else-phone");
  });

  test("a tab that hears of it becomes the other's from the ground up, and says so", async () => {
    await signIn(page, ada);
    const other = await openTab(context, "/devices");
    await other.getByText("This device").first().waitFor();
    await changeHands(page);
    await other.getByText(`You are logged in as ${bob.email} now`).waitFor();
    expect(await other.getByText(ada.email).count()).toBe(0);
    // Whoever logged in by themselves knows who they are.
    expect(await page.getByText("You are logged in as").count()).toBe(0);
  });

  test("signing out without a network is signing out: here, in every tab, and at the service when it is back", async () => {
    await signIn(page, ada);
    const other = await openTab(context, "/devices");
    const own = await callsAs(ada);
    const sessions = async () => ((await own("GET", "/sessions")) as unknown[]).length;
    expect(await sessions()).toBe(2);
    await context.route("**/api/**", (route) => route.abort());
    await logOut(page);
    const [here, there] = await Promise.all([signedOut(page), signedOut(other)]);
    for (const { notice } of [here, there]) expect(notice).toContain("You are logged out");
    await page.getByText("The service couldn’t be reached").waitFor();
    await picture(page, "signed-out-here-desktop");
    await page.setViewportSize(PHONE);
    await picture(page, "signed-out-here-phone");
    // The cookie is still there, and no page may come back by it.
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    expect(await sessions()).toBe(2);
    await context.unroute("**/api/**");
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expect.poll(sessions, { timeout: 30_000 }).toBe(1);
    await page.getByText("The service couldn’t be reached").waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain("refresh");
  });

  test("a log-in after a sign-out that nobody heard of is the new one’s alone", async () => {
    await signIn(page, ada);
    await context.route("**/api/auth/logout", (route) => route.abort());
    await logOut(page);
    await signedOut(page);
    await logIn(page, bob);
    await page.waitForURL("**/dashboard");
    await context.unroute("**/api/auth/logout");
    await page.reload();
    await signedIn(page);
    await page.getByText(bob.email).first().waitFor();
  });

  test("a session that ends takes no text along: its owner logs in over the page, and goes on", async () => {
    await signIn(page, ada);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Full name").fill("Ada King, Countess of Lovelace");
    await page.waitForTimeout(500); // the stream is open
    await deleteKeys(ada);
    const dialog = page.getByRole("dialog", { name: "Log in again" });
    await dialog.getByText("ended by the operators").waitFor();
    // Whoever comes along meanwhile reads nothing of hers.
    expect(await page.locator("#full_name, [name=full_name]").isVisible()).toBe(false);
    await picture(page, "session-ended-desktop");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "session-ended-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(PHONE);
    await picture(page, "session-ended-phone");
    await dialog.getByText(ada.email).waitFor();
    await dialog.getByLabel("Password", { exact: true }).fill("not the password");
    await dialog.getByRole("button", { name: "Log in", exact: true }).click();
    await dialog.getByText("Incorrect e-mail or password.").waitFor();
    await dialog.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await dialog.getByRole("button", { name: "Log in", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByLabel("Full name").inputValue()).toBe("Ada King, Countess of Lovelace");
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("Your name is saved.").waitFor();
    expect(await nameOf(ada)).toBe("Ada King, Countess of Lovelace");
  });

  test("a session that ends under one’s page leaves nothing of it to the next one who logs in there", async () => {
    await signIn(page, ada);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Full name").fill("Ada’s own text");
    await page.waitForTimeout(500); // the stream is open
    await deleteKeys(ada);
    await page.getByRole("dialog").getByRole("button", { name: "somebody else" }).click();
    await signedOut(page);
    await logIn(page, bob);
    await page.waitForURL("**/dashboard");
    expect(await page.getByText(ada.email).count()).toBe(0);
    await page.getByRole("link", { name: "Profile" }).click();
    expect(await page.getByLabel("Full name").inputValue()).toBe("Bob Babbage");
  });

  test("who leaves a form that they have changed is asked first", async () => {
    await signIn(page, ada);
    await page.getByRole("link", { name: "Profile" }).click();
    await page.getByLabel("Full name").fill("Ada King");
    await page.getByRole("link", { name: "Devices" }).click();
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    await dialog.waitFor();
    await picture(page, "leave-desktop");
    await dialog.getByRole("button", { name: "Stay" }).click();
    expect(await page.getByLabel("Full name").inputValue()).toBe("Ada King");
    await page.getByRole("button", { name: "Save name" }).click();
    await page.getByText("Your name is saved.").waitFor();
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText("This device").first().waitFor();
    await page.goBack();
    await page.getByLabel("Full name").fill("Somebody");
    await page.goForward();
    await dialog.getByRole("button", { name: "Leave" }).click();
    await page.getByText("This device").first().waitFor();
  });
});
