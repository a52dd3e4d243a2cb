/** Typing, listening and reading: nothing takes the focus or the words away, and long names stay in their boxes. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launch, logIn, operate, PASSWORD, picture, register, signIn, stage } from "../browser";

let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  context = await browser.newContext({ reducedMotion: "reduce" });
  page = await context.newPage();
  return () => context.close();
});

async function signInAsRoot(name: string): Promise<void> {
  const root = { email: `root.${name}.${process.pid}@example.com`, name: "", id: "" };
  await operate("superuser", `${root.email}\n${PASSWORD}`);
  await signIn(page, root);
}

const focused = () => page.evaluate(() => document.activeElement?.id);
const inAddress = (part: string) => page.waitForURL((url) => url.search.includes(part));

describe("typing", () => {
  test("in the search of users goes on after a pause", async () => {
    await signInAsRoot("search");
    await page.getByRole("link", { name: "Users" }).click();
    await page.getByLabel("Search").click();
    await page.keyboard.type("hop");
    await inAddress("q=hop");
    await page.keyboard.type("per");
    await inAddress("q=hopper");
    expect(await page.getByLabel("Search").inputValue()).toBe("hopper");
    expect(await focused()).toBe("lk-filter-search");
  });

  test("in the filters of events keeps the keyboard’s place", async () => {
    await signInAsRoot("filters");
    await page.getByRole("link", { name: "Events" }).click();
    await page.getByLabel("Person").click();
    await page.keyboard.type("ada@example.com");
    await page.keyboard.press("Enter");
    await inAddress("person=ada");
    expect(await focused()).toBe("lk-filter-person");
    await page.keyboard.press("Tab");
    await page.keyboard.type("127.0.0.1");
    await page.keyboard.press("Tab");
    await inAddress("ip=127");
    expect(await focused()).toBe("lk-filter-from");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.waitForURL((url) => url.search === "");
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#lk-filter-person")?.value === "");
  });
});

describe("listening", () => {
  test("a refused log-in is heard by whoever pressed Enter in the field, each time", async () => {
    const ada = await register();
    await page.goto(`${stage.normal}/login`);
    await page.getByLabel("Password", { exact: true }).waitFor();
    // All that a screen reader is told of its own accord, in a region that was there before.
    await page.evaluate(() => {
      const heard: string[] = [];
      Object.assign(window, { heard });
      for (const region of document.querySelectorAll("[aria-live=assertive]")) {
        new MutationObserver(() => region.textContent && heard.push(region.textContent)).observe(region, {
          childList: true,
          subtree: true,
        });
      }
    });
    const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    for (const times of [1, 2]) {
      await page.keyboard.press("Enter");
      await expect.poll(heard, { timeout: 30_000 }).toEqual(Array(times).fill("Incorrect e-mail or password."));
    }
  });

  test("what replaces a form takes the focus", async () => {
    const ada = await register();
    await page.goto(`${stage.normal}/forgot-password`);
    await page.getByLabel("E-mail").fill(ada.email);
    await page.keyboard.press("Enter");
    await page.getByText("If there is an account for").waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });
});

describe("reading", () => {
  const PAGES = [
    "/dashboard",
    "/profile",
    "/security",
    "/devices",
    "/activity",
    "/your-data",
    "/admin/users",
    "/admin/users/new",
    "/admin/users/{id}",
    "/admin/events",
    "/admin/statistics",
  ];

  test(
    "an address and a name that are one long word stay in their boxes, on every page",
    { timeout: 180_000 },
    async () => {
      const domain = `${Array(3).fill("w".repeat(60)).join(".")}.example.com`;
      const long = await register("W".repeat(200), domain);
      await operate("superuser", `root.${process.pid}@${domain}\n${PASSWORD}`);
      await page.goto(`${stage.normal}/login`);
      await logIn(page, { email: `root.${process.pid}@${domain}`, name: "", id: "" });
      await page.waitForURL("**/dashboard");
      await page.getByRole("link", { name: "Profile" }).click();
      await page.getByLabel("Full name").fill("M".repeat(200));
      await page.getByRole("button", { name: "Save name" }).click();
      await page.getByText("Your name is saved.").waitFor();
      const wide: string[] = [];
      for (const path of PAGES) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(stage.normal + path.replace("{id}", long.id));
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.locator("[aria-busy=true], .skeleton").first().waitFor({ state: "detached" });
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 800 });
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (over > 0) wide.push(`${path} at ${width}: +${over}`);
          if (path !== "/security") await picture(page, `long${path.replace(/\W+/g, "-")}-${width}`);
        }
      }
      expect(wide).toEqual([]);
    },
  );
});
