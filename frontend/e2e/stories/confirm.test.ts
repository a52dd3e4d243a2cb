/** Confirming an address: one's own, and one that a stranger has registered. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launch, linkTo, PASSWORD, picture, register, signedIn, signedOut, signIn, type Person } from "../browser";

describe("confirming an address", () => {
  let browser: Browser;
  let contexts: BrowserContext[];
  let ada: Person;

  const visit = async (): Promise<Page> => {
    const context = await browser.newContext();
    contexts.push(context);
    return context.newPage();
  };

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    contexts = [];
    ada = await register();
    return () => Promise.all(contexts.map((context) => context.close()));
  });

  test("on another device than the one where it was registered", async () => {
    const [page, link] = await Promise.all([visit(), linkTo(ada.email, "verify-email")]);
    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByText("Incorrect password.").waitFor();
    await picture(page, "verify-email-wrong-desktop");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByText("Your address is confirmed.").waitFor();
    await page.getByRole("link", { name: "To the log-in page" }).click();
    await page.waitForURL("**/login");
  });

  test("signed in, and still signed in afterwards", async () => {
    const page = await visit();
    await signIn(page, ada);
    await page.goto(await linkTo(ada.email, "verify-email"));
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByText("Your address is confirmed.").waitFor();
    await page.getByRole("link", { name: "To your account" }).click();
    await signedIn(page);
  });

  test("that a stranger registered: whoever has the mailbox chooses a password, and the stranger is out", async () => {
    const [stranger, page, link] = await Promise.all([visit(), visit(), linkTo(ada.email, "verify-email")]);
    await signIn(stranger, ada);
    await page.goto(link);
    await picture(page, "verify-email-link-desktop");
    await page.getByRole("button", { name: "choose a new one" }).click();
    await picture(page, "verify-email-choose-desktop");
    await page.getByRole("textbox", { name: "New password" }).fill("a password of her own");
    await page.getByRole("button", { name: "Confirm and set password" }).click();
    await page.getByText("Your address is confirmed, and your password is set.").waitFor();
    await signedOut(stranger);
    await page.getByRole("link", { name: "To the log-in page" }).click();
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.getByText("Incorrect e-mail or password.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill("a password of her own");
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.waitForURL("**/dashboard");
    expect(await page.getByText("Ada Lovelace").count()).toBe(0);
  });
});
