/** Accounts at other providers: a certified one, in Chromium. Begun, come back from, called off; linked, shown again, taken away. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, launch, letterTo, logOut, operate, PASSWORD, picture, stage } from "../browser";
import { inside } from "../looks";
import { confirm, consent, leave, member, noted, signInHere, somebody } from "../partner";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const LONG = 180_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function visit(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  return context.newPage();
}

/** Wide by day and narrow by night, and nothing that axe objects to. */
async function looks(page: Page, name: string): Promise<void> {
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  await picture(page, `providers-${name}-1280`);
  await inside(page);
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, `providers-${name}-390-dark`);
  await inside(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
}

describe("another provider", () => {
  test(
    "makes an account, logs in to it again, and is asked by code and PKCE",
    async () => {
      const page = await visit();
      const wrong: string[] = [];
      page.on("pageerror", (error) => wrong.push(error.message));
      const email = somebody();
      await page.goto(`${stage.partner}/login`);
      await page.getByRole("button", { name: "Continue with Club" }).waitFor();
      await looks(page, "log-in");
      await page.goto(`${stage.partner}/register`);
      await page.getByRole("button", { name: "Continue with Corp" }).waitFor();
      await looks(page, "register");
      await page.getByRole("button", { name: "Continue with Corp" }).click();
      await consent(page, email);
      await page.waitForURL(`${stage.partner}/dashboard`);
      await page.getByRole("button", { name: /, account menu$/ }).waitFor();
      expect(await page.locator("body").innerText()).toContain(email);

      // What came back isn't in the history of the browser.
      await page.goBack();
      expect(page.url()).not.toMatch(/code=|state=/);
      await page.goto(`${stage.partner}/dashboard`);
      await logOut(page);
      await page.getByRole("button", { name: "Continue with Corp" }).click();
      await page.waitForURL(`${stage.partner}/dashboard`); // it knows them still

      const asked = noted(stage.logs.corp);
      const authorizations = asked.filter(({ what }) => what === "authorization");
      expect(authorizations.length).toBeGreaterThanOrEqual(2);
      for (const one of authorizations) {
        expect(one).toMatchObject({ response_type: "code", code_challenge_method: "S256" });
        expect(one.given).toEqual(expect.arrayContaining(["nonce", "state"]));
      }
      const tokens = asked.filter(({ what }) => what === "token");
      expect(tokens.length).toBeGreaterThanOrEqual(2);
      for (const one of tokens) {
        expect(one).toMatchObject({ grant_type: "authorization_code" });
        expect(one.given).toContain("code_verifier");
      }
      expect(wrong).toEqual([]);
      await page.context().close();
    },
    LONG,
  );

  test(
    "is linked in one’s account, opens it, shows again who one is, and is unlinked",
    async () => {
      const page = await visit();
      const ada = await member(page);
      await signInHere(page, ada);
      await page.goto(`${stage.partner}/security`);
      await page.getByRole("button", { name: "Link Corp" }).click();
      await confirm(page);
      const elsewhere = somebody("elsewhere.example");
      await consent(page, elsewhere);
      await page.waitForURL(`${stage.partner}/security`);
      const card = page.getByRole("region", { name: "Linked accounts" });
      await card.getByText("Corp is linked. You can log in with it.").waitFor();
      await card.getByRole("listitem").waitFor();
      await looks(page, "linked");

      const root = { email: `root.providers.${process.pid}@example.com`, name: "", id: "" };
      await operate("superuser", `${root.email}\n${PASSWORD}`);
      const office = await visit();
      await signInHere(office, root);
      await office.goto(`${stage.partner}/admin/users/${ada.id}`);
      await office.getByRole("region", { name: "Linked accounts" }).getByText(elsewhere).waitFor();
      await looks(office, "admin");
      await office.context().close();

      await logOut(page);

      await leave(page);
      await page.waitForURL(`${stage.partner}/dashboard`);
      expect(await page.locator("body").innerText()).toContain(ada.name);

      await page.goto(`${stage.partner}/security`);
      const unlink = async (): Promise<void> => {
        await card.getByRole("button", { name: /^Unlink Corp/ }).click();
        await page.getByRole("dialog", { name: "Unlink Corp?" }).getByRole("button", { name: "Unlink" }).click();
      };
      await unlink();
      // It wants to know again who they are: they log in there once more, and are on the page that they were on.
      await page.getByRole("button", { name: "Log in again with Corp" }).waitFor();
      await picture(page, "providers-step-up-1280", { fullPage: false });
      await inside(page);
      await page.getByRole("button", { name: "Log in again with Corp" }).click();
      // The provider knows them still, and asks all the same.
      await page.getByPlaceholder("Enter any login").fill(elsewhere);
      await page.getByPlaceholder("and password").fill("anything");
      await page.getByRole("button", { name: "Sign-in" }).click();
      await page.waitForURL(`${stage.partner}/security`);
      await unlink();
      await card.getByText("Corp is unlinked.").waitFor();
      await logOut(page);
      await page.context().close();
    },
    LONG,
  );

  test(
    "that vouches for an address which is there already opens it once the account was shown to be theirs",
    async () => {
      const page = await visit();
      const ada = await member(page, "Mae Jemison");
      await leave(page);
      await consent(page, ada.email);
      await page.getByRole("heading", { name: "You have an account here already" }).waitFor();
      expect(page.url()).toBe(`${stage.partner}/login/callback/corp`);
      await looks(page, "join");
      await page.reload();
      await page.getByLabel("Password", { exact: true }).fill("not this one");
      await page.keyboard.press("Enter");
      await page.getByText("Incorrect password.").waitFor();
      // By keyboard: to the code by e-mail.
      await page.getByRole("button", { name: "Use a code by e-mail" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await page.getByLabel("Code").waitFor();
      await looks(page, "join-code");
      await page.getByLabel("Code").fill(await letterTo(ada.email, /The code is (\d{6})/));
      await page.keyboard.press("Enter");
      await page.waitForURL(`${stage.partner}/dashboard`);
      await logOut(page);
      await leave(page);
      await page.waitForURL(`${stage.partner}/dashboard`);
      await page.context().close();
    },
    LONG,
  );

  test(
    "that isn’t believed has the address confirmed by a code, and makes no difference who has an account",
    async () => {
      const page = await visit();
      const email = somebody();
      await leave(page, "Club");
      await consent(page, email);
      await page.getByRole("heading", { name: "Is this address yours?" }).waitFor();
      await looks(page, "confirm");
      await page.getByRole("button", { name: "Send the e-mail" }).click();
      await page.getByLabel("Code").fill(await letterTo(email, /The code is (\d{6})/));
      await page.keyboard.press("Enter");
      await page.waitForURL(`${stage.partner}/dashboard`);
      await page.context().close();

      // One that says no address is asked for it.
      const other = await visit();
      await leave(other, "Club");
      await consent(other, `nameless${process.pid}`);
      await other.getByRole("heading", { name: "What is your address?" }).waitFor();
      await other.getByLabel("E-mail").waitFor();
      await looks(other, "ask");
      await other.context().close();
    },
    LONG,
  );

  test(
    "leads to the second step of an account that has one",
    async () => {
      const page = await visit();
      const ada = await member(page, "Katherine Johnson");
      await signInHere(page, ada);
      await page.goto(`${stage.partner}/security`);
      await page.getByRole("button", { name: "Link Corp" }).click();
      await confirm(page);
      await consent(page, ada.email);
      await page.getByText("Corp is linked.").waitFor();
      await page.getByRole("button", { name: "Set up an app" }).click();
      await confirm(page);
      const secret = (await page.locator("dd code").innerText()).replace(/ /g, "");
      await page.getByLabel("Code of the app").fill(codeOf(secret));
      await page.getByRole("button", { name: "Confirm", exact: true }).click();
      await page.getByRole("button", { name: "I have kept them" }).click();
      await logOut(page);

      await leave(page);
      await page.getByLabel("Code of the app").waitFor();
      await looks(page, "second-step");
      await page.getByLabel("Code of the app").fill(codeOf(secret, 1));
      await page.keyboard.press("Enter");
      await page.waitForURL(`${stage.partner}/dashboard`);
      await page.context().close();
    },
    LONG,
  );

  test(
    "that was called off, answers elsewhere, or is over, leaves a way on",
    async () => {
      const page = await visit();
      await leave(page);
      await page.getByRole("link", { name: "[ Cancel ]" }).click();
      await page.getByText("You have called it off at Corp. Nothing has changed.").waitFor();
      expect(page.url()).toBe(`${stage.partner}/login/callback/corp`);
      await looks(page, "cancelled");
      await page.getByRole("button", { name: "Try again with Corp" }).click();
      await page.getByPlaceholder("Enter any login").waitFor();

      // An answer in a browser that has asked for nothing opens nothing.
      const other = await visit();
      await other.goto(`${stage.partner}/login/callback/corp?code=stolen&state=stolen`);
      await other.getByText("This was begun in another tab or browser").waitFor();
      expect(other.url()).toBe(`${stage.partner}/login/callback/corp`);
      await looks(other, "spent");
      await other.getByRole("link", { name: "To the log-in page" }).click();
      await other.waitForURL(`${stage.partner}/login`);
      await other.context().close();
      await page.context().close();
    },
    LONG,
  );

  test(
    "leads back to where somebody was going",
    async () => {
      const page = await visit();
      await page.goto(`${stage.partner}/devices`);
      await page.getByRole("button", { name: "Continue with Corp" }).click();
      await consent(page, somebody());
      await page.waitForURL(`${stage.partner}/devices`);
      await page.context().close();
    },
    LONG,
  );

  test(
    "speaks German, too",
    async () => {
      const page = await visit({ locale: "de-DE" });
      await page.goto(`${stage.partner}/login`);
      await page.getByRole("button", { name: "Weiter mit Corp" }).waitFor();
      await looks(page, "log-in-de");
      await page.getByRole("button", { name: "Weiter mit Club" }).click();
      await consent(page, somebody());
      await page.getByRole("heading", { name: "Ist das Ihre Adresse?" }).waitFor();
      await looks(page, "confirm-de");
      await page.context().close();
    },
    LONG,
  );
});
