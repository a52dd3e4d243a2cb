/** A second factor that is lost: asked for in the log-in, confirmed from the mailbox, and kept after all, by each who may say so. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plugIn } from "../authenticator";
import { codeOf, launch, letterTo, linkTo, logIn, PASSWORD, picture, register, signIn, stage } from "../browser";
import { inside } from "../looks";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const LONG = 240_000;

/** Pictures of a page: wide by day, narrow by night and in German. */
async function pictures(page: Page, name: string): Promise<void> {
  await picture(page, `lost-${name}-1280`);
  await inside(page);
  const speak = async (language: string): Promise<void> => {
    const choice = page.locator("select.language");
    if (await choice.count()) await choice.selectOption(language);
    else {
      // Whoever is signed in has chosen before.
      await page.evaluate((tag) => localStorage.setItem("latchkey-language", tag), language);
      await page.reload();
    }
  };
  await speak("de");
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("heading", { level: 1, name: /Zweite|Sicherheit|Postfach|Konto/ }).waitFor();
  if (name === "security") await page.getByText("Ihr zweiter Schritt wird weggenommen").waitFor();
  await picture(page, `lost-${name}-390-dark-de`);
  await inside(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
  await speak("en");
}

describe("a second factor", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test("that is lost goes, and stays at anybody’s word who is at home", { timeout: LONG }, async () => {
    const [home, away] = await Promise.all(
      [1, 2].map(async () => (await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce" })).newPage()),
    );
    if (!home || !away) throw new Error("no pages");
    const ada = await register();
    await home.goto(await linkTo(ada.email, "verify-email"));
    await home.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await home.getByRole("button", { name: "Confirm my address" }).click();
    await home.getByText("Your address is confirmed.").waitFor();
    await signIn(home, ada);
    await home.goto(`${stage.normal}/security`);
    await home.getByRole("button", { name: "Set up an app" }).click();
    const secret = (await home.locator("dd code").innerText()).replace(/ /g, "");
    await home.getByLabel("Code of the app").fill(codeOf(secret));
    await home.getByRole("button", { name: "Confirm", exact: true }).click();
    await home.getByRole("button", { name: "I have kept them" }).click();

    // The password, then the mailbox.
    await away.goto(`${stage.normal}/login`);
    await logIn(away, ada);
    await away.getByRole("button", { name: "Lost all of it?" }).click();
    await away.getByRole("heading", { name: "Second step lost" }).waitFor();
    await pictures(away, "asked");
    await away.getByRole("button", { name: "Send the e-mail" }).click();
    await away.getByText("an e-mail is on its way").waitFor();
    await pictures(away, "sent");
    await away.goto(await linkTo(ada.email, "recover-second-factor"));
    const iHave = away.getByRole("button", { name: "I have lost it" });
    await iHave.waitFor();
    expect(away.url()).toBe(`${stage.normal}/recover-second-factor`);
    // Loaded anew, as telephones do, the page still has its link.
    await away.reload();
    await iHave.waitFor();
    await pictures(away, "recover");
    await iHave.click();
    await away.getByText("Your second step is taken away on").waitFor();
    const at = await away.locator("main time").getAttribute("datetime");
    expect(Date.parse(at ?? "") - Date.now()).toBeGreaterThan(71 * 3_600_000);
    await pictures(away, "recovered");
    await away.reload();
    await away.getByText("This link is no good any more").waitFor();

    // Whoever is signed in sees it, and says no.
    await home.goto(`${stage.normal}/security`);
    await home.getByText("Your second step will be taken away").waitFor();
    expect(await home.locator(".lk-notice-warning time").getAttribute("datetime")).toBe(at);
    await pictures(home, "security");
    await home.getByText("Your second step will be taken away").waitFor();
    await home.getByRole("button", { name: "Keep it" }).click();
    await home.getByText("Your second step stays.").waitFor();
    expect(await home.getByText("Your second step will be taken away").count()).toBe(0);
    await inside(home);

    // So does the link of the e-mail that told of it: not of this wait any more, and then of the next one.
    const first = await letterTo(ada.email, /\/(keep-second-factor#token=\S+)/);
    await away.goto("about:blank");
    await away.goto(`${stage.normal}/${first}`);
    await away.getByRole("button", { name: "No, it stays" }).click();
    await away.getByText("This link is no good any more").waitFor();
    await away.goto(`${stage.normal}/login`);
    await logIn(away, ada);
    await away.getByRole("button", { name: "Lost all of it?" }).click();
    await away.getByRole("button", { name: "Send the e-mail" }).click();
    await away.getByText("an e-mail is on its way").waitFor();
    await another(ada.email, "recover-second-factor", 2).then((link) => away.goto(link));
    await iHave.click();
    await away.getByText("Your second step is taken away on").waitFor();
    await another(ada.email, "keep-second-factor", 2).then((link) => away.goto(link));
    await away.getByRole("button", { name: "No, it stays" }).waitFor();
    await pictures(away, "keep");
    await away.getByRole("button", { name: "No, it stays" }).click();
    await away.getByText("Done: your second step stays.").waitFor();
    await pictures(away, "kept");
    await home.goto(`${stage.normal}/security`);
    await home.getByRole("button", { name: "Remove the app" }).waitFor();
    expect(await home.getByText("Your second step will be taken away").count()).toBe(0);
  });

  test("alone makes an account, where the service says so", { timeout: LONG }, async () => {
    // No e-mail goes out in production alone, which wants TLS: what is asked and answered here is made up.
    const page = await (await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce" })).newPage();
    await page.route("**/api/auth/options", async (route) => {
      const answer = await route.fetch();
      const options = (await answer.json()) as { ways: { kind: string }[] };
      const ways = options.ways.map((way) => (way.kind === "passkey" ? { ...way, registers: true } : way));
      await route.fulfill({ response: answer, json: { ...options, ways } });
    });
    const device = await plugIn(page);
    await device.touched(true);
    await page.route("**/api/auth/passkeys/register/options", (route) =>
      route.fulfill({
        json: {
          registration: "811d0cca-8545-4396-91da-b3719f6f12f3",
          options: {
            rp: { id: "localhost", name: "Latchkey" },
            user: { id: "AQID", name: "ada@example.com", displayName: "Ada" },
            challenge: "AQIDBAUGBwgJCgsMDQ4PEA",
            pubKeyCredParams: [{ type: "public-key", alg: -7 }],
            timeout: 300_000,
            excludeCredentials: [],
            authenticatorSelection: { residentKey: "required", userVerification: "required" },
            attestation: "none",
            extensions: {},
          },
        },
      }),
    );
    let handed: Record<string, unknown> = {};
    await page.route("**/api/auth/passkeys/register", (route) => {
      handed = route.request().postDataJSON() as Record<string, unknown>;
      return route.fulfill({
        status: 400,
        contentType: "application/problem+json",
        json: { status: 400, code: "email_taken", detail: "Taken." },
      });
    });
    await page.goto(`${stage.normal}/register`);
    await page.getByRole("button", { name: "Create an account with a passkey" }).waitFor();
    await pictures(page, "register");
    await page.getByRole("button", { name: "Create an account with a passkey" }).click();
    await page.getByText("Without a password:").waitFor();
    await page.getByLabel("E-mail").fill("ada@example.com");
    await pictures(page, "register-key");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("There is an account with this address already.").waitFor();
    expect(handed).toMatchObject({ email: "ada@example.com", registration: "811d0cca-8545-4396-91da-b3719f6f12f3" });
    expect(handed.credential).toMatchObject({ type: "public-key" });
    await page.context().close();
  });
});

/** The link to a page in the how manieth e-mail that has one. */
async function another(address: string, path: string, which: number): Promise<string> {
  for (;;) {
    const answer = await fetch(`${stage.normal}/api/dev/mail`, { headers: { Accept: "application/json" } });
    const letters = (await answer.json()) as { to: string; text: string }[];
    const links = letters.flatMap(({ to, text }) => {
      const token = to === address ? new RegExp(`/${path}(#token=\\S+)`).exec(text)?.[1] : undefined;
      return token ? [`${stage.normal}/${path}${token}`] : [];
    });
    const link = links[0];
    if (links.length >= which && link) return link;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
