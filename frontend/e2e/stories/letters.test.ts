/** Letters' pages: a link outlives the reload that telephones do by themselves, and what is said afterwards is true. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { callsAs, launch, letterTo, linkTo, logIn, PASSWORD, picture, register, type Person } from "../browser";

describe("a letter’s page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ada: Person;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    [ada, context] = await Promise.all([register(), browser.newContext()]);
    page = await context.newPage();
    return () => context.close();
  });

  test("that is loaded anew is as good as before, until its link is used", async () => {
    // A gateway may write the # otherwise.
    await page.goto((await linkTo(ada.email, "verify-email")).replace("#", "%23"));
    await page.getByLabel("Password", { exact: true }).waitFor();
    expect(page.url()).not.toContain("token");
    await page.reload();
    expect(page.url()).not.toContain("token");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByText("Your address is confirmed.").waitFor();
    expect(JSON.stringify(await page.evaluate(() => window.history.state as unknown))).not.toMatch(/lk|token":"[^"]/);
    await page.reload();
    await page.getByRole("button", { name: "Send the e-mail" }).waitFor();
  });

  test("that gives an address back tells its owner to look for the letter: their password is over", async () => {
    const own = await callsAs(ada);
    const token = (await linkTo(ada.email, "verify-email")).split("token=")[1] ?? "";
    await own("POST", "/auth/email/verify", { token, password: PASSWORD });
    await own("POST", "/users/me/email", { email: `thief.${ada.email}` });
    const confirm = await linkTo(`thief.${ada.email}`, "confirm-email");
    await page.goto(confirm);
    await page.getByRole("button", { name: "Use the new address" }).click();
    await page.getByText("the new address is yours").waitFor();
    await page.goto(await linkTo(ada.email, "undo-email-change"));
    await page.reload();
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("We have sent you a link to set a new password").waitFor();
    await picture(page, "undone-desktop");
    // A mail program that has cut the link: the code that the e-mail shows does what the link would.
    const [cut] = (await linkTo(ada.email, "reset-password")).split("#");
    await page.goto(cut ?? "");
    await picture(page, "cut-link-desktop");
    const code = await letterTo(ada.email, /reset-password#token=\S+[^]*?((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})/);
    await page.getByLabel("Code from the e-mail").fill(code.toLowerCase());
    await page.getByRole("button", { name: "Go on with the code" }).click();
    await page.getByLabel("New password", { exact: true }).fill("a password of her own");
    await page.getByRole("button", { name: "Set password" }).click();
    await page.getByText("Your password is set").waitFor();
    await logIn(page, ada, "a password of her own");
    await page.waitForURL("**/dashboard");
  });
});
