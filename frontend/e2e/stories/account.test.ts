/** The pages of one's own account: nothing on them moves, nothing is asked twice, and a thumb finds what it looks for. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callsAs, launch, logOut, operate, PASSWORD, picture, register, signedIn, signIn, stage } from "../browser";

const OWN = ["/dashboard", "/profile", "/security", "/devices", "/activity", "/your-data"];
const OFFICE = ["/admin/users", "/admin/events", "/admin/statistics"];
const PHONE = { width: 390, height: 844 };

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function visit(options: object = {}): Promise<[Page, BrowserContext]> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) shifts.push(entry.value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  return [page, context];
}

const shiftOn = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((sum, one) => sum + one, 0));

async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
  // What moves is told of with the next picture.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

describe("one’s own pages", () => {
  test("shift nothing while slow answers arrive, nor do administrators’", async () => {
    const [page, context] = await visit();
    const root = { email: `root.shifts.${process.pid}@example.com`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    await callsAs(root); // another device
    await signIn(page, root);
    await page.route("**/api/**", async (route) => {
      await new Promise((later) => setTimeout(later, 400));
      await route.fallback();
    });
    for (const size of [{ width: 1280, height: 800 }, PHONE]) {
      await page.setViewportSize(size);
      for (const path of [...OWN, ...OFFICE]) {
        await page.goto(stage.normal + path);
        await settled(page);
        expect(await shiftOn(page), `${path} at ${size.width}`).toBeLessThan(0.1);
      }
    }
    await context.close();
  });

  test("show at once what is known, and ask for it anew behind", async () => {
    const [page, context] = await visit();
    await signIn(page, await register());
    await page.getByText("1 device").waitFor();
    await page.getByText("Logged in", { exact: true }).first().waitFor();
    // From now on the service says nothing: what is known is there all the same.
    const held: string[] = [];
    await page.route(/\/api\/(sessions|users\/me\/events.*)$/, (route) => {
      held.push(route.request().url());
    });
    await page.getByRole("link", { name: "Activity", exact: true }).click();
    await page.getByRole("heading", { name: "Activity" }).waitFor();
    await page.getByText("Logged in", { exact: true }).first().waitFor();
    await page.waitForTimeout(1_100); // news may be asked for again
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText("This device").first().waitFor();
    await expect.poll(() => held.join(), { timeout: 30_000 }).toContain("/api/sessions");
    await context.close();
  });

  test("call one device by one name, everywhere", async () => {
    const userAgent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
    const [page, context] = await visit({ userAgent });
    const ada = await register();
    await signIn(page, ada);
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText("Mobile Safari on iOS").first().waitFor();
    await page.getByRole("link", { name: "Activity", exact: true }).click();
    await page.getByText("Mobile Safari on iOS").first().waitFor();

    // By a name of its user's, which this browser has again after a log-out.
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("button", { name: /^Rename Mobile Safari on iOS/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("What you call it").waitFor();
    await page.keyboard.type("Ada’s phone");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Rename Ada’s phone/ }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Rename");
    await logOut(page);
    await page.getByText("You are logged out.").waitFor();
    await signIn(page, ada);
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByText("Ada’s phone").waitFor();
    await page.getByText("Mobile Safari on iOS · ").waitFor();
    await context.close();
  });

  test("say on a phone who is signed in, and everything to press is as large as a thumb", async () => {
    const [page, context] = await visit({ viewport: PHONE, hasTouch: true, isMobile: true });
    const ada = await register();
    await callsAs(ada);
    await signIn(page, ada);
    await page.getByText("Ada Lovelace", { exact: true }).first().waitFor();
    const small: string[] = [];
    for (const path of OWN) {
      await page.goto(stage.normal + path);
      await settled(page);
      small.push(
        ...(await page.evaluate((where) => {
          const all = [...document.querySelectorAll("a, button, input:not([readonly])")];
          return all
            .filter((one) => one.checkVisibility() && !one.closest("p, .lk-hidden") && !one.matches(".skip-link"))
            .map((one) => ({ name: one.textContent || one.id, height: one.getBoundingClientRect().height }))
            .filter(({ height }) => height < 36)
            .map(({ name, height }) => `${where}: ${name} (${height})`);
        }, path)),
      );
    }
    expect(small).toEqual([]);
    await page.getByRole("button", { name: /, account menu$/ }).click();
    await page.getByText(ada.email).waitFor();
    await picture(page, "menu-phone");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "menu-dark");
    await page.keyboard.press("Escape");
    await logOut(page);
    await page.getByText("You are logged out.").waitFor();
    await context.close();
  });

  test("speak German, and so does the way out", async () => {
    const [page, context] = await visit({ locale: "de-DE" });
    const ada = await register();
    await page.goto(`${stage.normal}/login`);
    await page.getByLabel("E-Mail").fill(ada.email);
    await page.getByLabel("Passwort", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Anmelden", exact: true }).click();
    await page.waitForURL("**/dashboard");
    for (const path of OWN) {
      await page.goto(stage.normal + path);
      await settled(page);
      await picture(page, `german${path.replace(/\W+/g, "-")}-desktop`);
      expect(await page.locator("body").innerText(), path).not.toMatch(/\b(the|your|Log out|ago|password)\b/);
    }
    await page.getByRole("button", { name: /, Kontomenü$/ }).click();
    await page.getByRole("button", { name: "Überall abmelden" }).click();
    await picture(page, "german-everywhere-desktop");
    await page.getByRole("dialog").getByRole("button", { name: "Überall abmelden" }).click();
    await page.getByText("Sie haben sich auf allen Geräten abgemeldet.").waitFor();
    await context.close();
  });

  test("log out also when the network went before the menu was opened", async () => {
    const [page, context] = await visit();
    await signIn(page, await register());
    await page.goto(`${stage.normal}/devices`);
    await signedIn(page);
    await settled(page);
    await context.setOffline(true);
    await logOut(page);
    await page.getByText("You are logged out.").waitFor();
    await page.getByText("The service couldn’t be reached").waitFor();
    await context.close();
  });
});
