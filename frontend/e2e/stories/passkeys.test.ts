/** Passkeys: set up, logged in with, offered in the field, called off, refused, taken away; and a second step by app or passkey. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plugIn } from "../authenticator";
import {
  codeOf,
  launch,
  letterTo,
  linkTo,
  logIn,
  logOut,
  operate,
  PASSWORD,
  picture,
  register,
  signedIn,
  signIn,
  stage,
  type Person,
} from "../browser";
import { inside, pictures, read } from "../looks";
import { offered, press, shouted, withPasskey } from "../passkeys";

const DESKTOP = { width: 1280, height: 900 };
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

async function confirmed(page: Page, name?: string): Promise<Person> {
  const person = await register(name);
  await page.goto(await linkTo(person.email, "verify-email"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await page.getByText("Your address is confirmed.").waitFor();
  return person;
}

describe("a passkey", () => {
  test("is set up, logged in with in every way, and taken away while it is shown", { timeout: LONG }, async () => {
    const [page, office] = await Promise.all([visit(), visit()]);
    // What is said to whoever keeps passkeys.
    const signals: string[] = [];
    await page.exposeFunction("signalled", (said: string) => signals.push(said));
    await page.addInitScript(() => {
      const said = (window as unknown as { signalled: (said: string) => void }).signalled;
      for (const name of ["signalUnknownCredential", "signalAllAcceptedCredentials"]) {
        Object.assign(PublicKeyCredential, { [name]: (what: object) => said(`${name} ${JSON.stringify(what)}`) });
      }
    });
    const ada = await confirmed(page);
    await signIn(page, ada);
    const second = await page.context().newPage();
    await second.goto(`${stage.normal}/security`);
    await second.getByRole("region", { name: "Passkeys" }).getByText("There are none.").waitFor();

    // Set up: called off at first.
    await page.bringToFront();
    const device = await plugIn(page);
    await device.touched(true);
    await page.goto(`${stage.normal}/security`);
    const keys = page.getByRole("region", { name: "Passkeys" });
    await keys.getByText("There are none.").waitFor();
    await pictures(page, "security-none");
    await keys.getByRole("button", { name: "Add a passkey" }).click();
    await keys.getByText("is set up. You can log in with it.").waitFor();
    expect(await device.count()).toBe(1);
    const codes = page.getByRole("list", { name: "Recovery codes" });
    await codes.getByRole("listitem").nth(9).waitFor();
    expect(await codes.getByRole("listitem").count()).toBe(10);
    await pictures(page, "set-up");
    await page.getByRole("button", { name: "I have kept them" }).click();
    await codes.waitFor({ state: "detached" });
    await keys.getByText("Synced").waitFor();
    // This device has one.
    await keys.getByRole("button", { name: "Add a passkey" }).click();
    await keys.getByText("This device has a passkey for this account already.").waitFor();
    await keys.getByRole("button", { name: /^Rename/ }).click();
    await page.getByLabel("Name", { exact: true }).fill("Ada’s laptop");
    await picture(page, "passkeys-rename-1280", { fullPage: false });
    await page.keyboard.press("Enter");
    await keys.getByText("It is called “Ada’s laptop” now.").waitFor();
    await pictures(page, "security");

    // The other tab hears of it when it is looked at again.
    await second.bringToFront();
    await second.evaluate(() => window.dispatchEvent(new Event("focus")));
    await second.getByRole("region", { name: "Passkeys" }).getByText("Ada’s laptop").waitFor();
    await second.close();
    await page.bringToFront();
    await device.touched(false);
    await logOut(page);

    // The second step of a log-in with the password.
    await offered(page, () => page.goto(`${stage.normal}/login`));
    expect(await page.getByLabel("E-mail").getAttribute("autocomplete")).toBe("username webauthn");
    await pictures(page, "log-in");
    await logIn(page, ada);
    const use = page.getByRole("button", { name: "Use the passkey" });
    await use.waitFor();
    await pictures(page, "second-step");
    await device.touched(true);
    await use.click();
    await page.waitForURL("**/dashboard");

    // What the field offers, picked at once: no address, no password, no button.
    await Promise.all([page.waitForResponse("**/api/auth/passkeys"), logOut(page)]);
    await signedIn(page);
    await device.touched(false);
    await logOut(page);

    // The button, while the field offers: that gives way.
    await offered(page, () => page.goto(`${stage.normal}/login`));
    await device.touched(true);
    await press(page, page.waitForURL("**/dashboard"));
    await device.touched(false);
    await logOut(page);

    // Called off, as a finger that isn't known is: nothing is said, and the page can be used.
    await device.verified(false);
    await offered(page, () => page.goto(`${stage.normal}/login`));
    await device.touched(true);
    await withPasskey(page).click();
    await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
    expect(await shouted(page).count()).toBe(0);
    await device.touched(false);
    // An authenticator that doesn't look who it is, in a browser that has been told not to mind: the service does.
    await page.route("**/api/auth/passkeys/options", async (route) => {
      const answer = await route.fetch();
      const options = (await answer.json()) as object;
      await route.fulfill({ response: answer, json: { ...options, userVerification: "discouraged" } });
    });
    await offered(page, () => page.reload());
    await device.touched(true);
    await withPasskey(page).click();
    await page.getByText("This passkey wasn’t accepted").waitFor();
    await device.touched(false);
    await inside(page);
    await picture(page, "passkeys-refused-1280");
    await page.unroute("**/api/auth/passkeys/options");
    await device.verified(true);
    expect(signals.filter((said) => said.startsWith("signalUnknown"))).toEqual([]);

    // An administrator takes it away while its log-in is under way.
    await offered(page, () => page.reload());
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route("**/api/auth/passkeys", (route) => held.then(() => route.continue()));
    await device.touched(true);
    await press(page, page.waitForRequest("**/api/auth/passkeys"));
    await device.touched(false);
    const root = { email: `root.keys.${process.pid}@example.com`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    await signIn(office, root);
    await office.goto(`${stage.normal}/admin/users/${ada.id}`);
    const has = office.getByRole("region", { name: "Second step and passkeys" });
    await has.getByText("Passkey “Ada’s laptop”").waitFor();
    await pictures(office, "administrator");
    await has.getByRole("button", { name: "Reset second step" }).click();
    await office.getByLabel("Reason, for the record").fill("Lost her laptop");
    await office.getByLabel("E-mail address of the user").fill(ada.email);
    await inside(office);
    await picture(office, "passkeys-administrator-reset-1280", { fullPage: false });
    await office.keyboard.press("Enter");
    await has.getByText("Taken away: Passkeys. Recovery codes: 10.").waitFor();
    await has.getByText("This user has none.").waitFor();
    await office.context().close();

    await page.bringToFront();
    goOn();
    await page.getByText("This passkey wasn’t accepted").waitFor();
    await expect
      .poll(() => signals.filter((said) => said.startsWith("signalUnknown")).length, { timeout: 30_000 })
      .toBeGreaterThan(0);
    // The password alone opens it again.
    await logIn(page, ada);
    await signedIn(page);
    await page.context().close();
  });

  test("and an app stand side by side: step-up by each, the last one removed", { timeout: LONG }, async () => {
    const page = await visit({ locale: "en-GB" });
    const ada = await confirmed(page);
    const device = await plugIn(page, { synced: false });
    await device.touched(true);
    await signIn(page, ada, stage.strict);
    await page.goto(`${stage.strict}/security`);
    const dialog = page.getByRole("dialog", { name: "Confirm that it’s you" });
    const keys = page.getByRole("region", { name: "Passkeys" });
    const app = page.getByRole("region", { name: "Authenticator app" });

    // Called off, the focus is where it was.
    const add = keys.getByRole("button", { name: "Add a passkey" });
    await add.click();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await add.evaluate((element) => element === document.activeElement)).toBe(true);
    await add.click();
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Continue" }).click();
    await keys.getByText("On one device").waitFor();
    await page.getByRole("button", { name: "I have kept them" }).click();

    // The app: the new passkey has just shown who it is. Its QR code is what the key says.
    await app.getByRole("button", { name: "Set up an app" }).click();
    await app.getByRole("img", { name: "QR code for an authenticator app" }).waitFor();
    const secret = (await app.locator("dd code").innerText()).replace(/ /g, "");
    const uri = await app.getByRole("link", { name: "Open in an app on this device" }).getAttribute("href");
    expect(uri).toContain(`secret=${secret}`);
    expect(await read(page)).toBe(uri);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await read(page)).toBe(uri);
    await pictures(page, "app");
    await page.getByLabel("Code of the app").fill(codeOf(secret));
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await app.getByText("The app is set up.").waitFor();

    // Each is good for one call here: the app's for these codes, the passkey for the next.
    const codes = page.getByRole("list", { name: "Recovery codes" });
    const renew = page.getByRole("button", { name: "Make new ones" });
    await renew.click();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await codes.waitFor({ state: "detached" });
    await renew.click();
    await dialog.getByRole("button", { name: "Use the passkey" }).waitFor();
    await inside(page);
    await picture(page, "passkeys-step-up-1280", { fullPage: false });
    await dialog.getByRole("button", { name: "Use the passkey" }).click();
    await page.getByRole("button", { name: "I have kept them" }).click();

    // The passkey goes, by a code of the app.
    await keys.getByRole("button", { name: /^Remove/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Use a code of the app" }).click();
    await dialog.getByLabel("Code of the app").fill(codeOf(secret, 1));
    await dialog.getByRole("button", { name: "Continue" }).click();
    await keys.getByText("is removed.").waitFor();
    expect(
      await keys.getByRole("button", { name: "Add a passkey" }).evaluate((one) => one === document.activeElement),
    ).toBe(true);
    await page.context().close();
  });

  test("is set up at the door, where the account has to have one", { timeout: LONG }, async () => {
    const root = { email: `root.door.${process.pid}@example.com`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    const page = await visit({ locale: "de-DE" });
    const device = await plugIn(page);
    await page.goto(`${stage.brief}/login`);
    await page.getByLabel("E-Mail").fill(root.email);
    await page.getByLabel("Passwort", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Anmelden", exact: true }).click();
    await page.getByRole("button", { name: "Passkey einrichten" }).waitFor();
    await pictures(page, "door-de");
    await page.getByRole("button", { name: "Passkey einrichten" }).click();
    const field = page.getByLabel("Code aus der E-Mail");
    await field.waitFor();
    await pictures(page, "door-mail-de");
    const code = await letterTo(root.email, /\b(\d{6})\b/);
    await field.fill(code === "000000" ? "000001" : "000000");
    await device.touched(true);
    await page.keyboard.press("Enter");
    await page.getByText("Dieser Code gilt nicht.").waitFor();
    await field.fill(code);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Bewahren Sie Ihre Wiederherstellungscodes auf" });
    await dialog.waitFor();
    await page.waitForURL("**/dashboard");
    expect(await dialog.getByRole("listitem").count()).toBe(10);
    expect(await device.count()).toBe(1); // the wrong code has made no second one
    await pictures(page, "door-codes-de");
    await page.keyboard.press("Escape");
    await dialog.getByRole("button", { name: "Ich habe sie aufbewahrt" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.goto(`${stage.brief}/security`);
    await page.getByRole("region", { name: "Passkeys" }).getByText("Synchronisiert").waitFor();
    await pictures(page, "security-de");
    await page.context().close();
  });
});
