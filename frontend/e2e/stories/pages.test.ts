/** Every page: no accessibility violation, no breach of the policy, no error; and a picture, for people to look at. */
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, operate, PASSWORD, picture, register, signIn, stage } from "../browser";

const WELCOME = {
  home: "/",
  login: "/login",
  "login-mail": "/login/mail",
  "login-link": "/login/link",
  "login-callback": "/login/callback/corp",
  register: "/register",
  "forgot-password": "/forgot-password",
  "reset-password": "/reset-password#token=x",
  "verify-email": "/verify-email",
  "verify-email-link": "/verify-email#token=x",
  "confirm-email": "/confirm-email#token=x",
  "undo-email-change": "/undo-email-change#token=x",
  "recover-second-factor": "/recover-second-factor#token=x",
  "keep-second-factor": "/keep-second-factor#token=x",
  "not-found": "/nowhere",
};
const OWN = {
  dashboard: "/dashboard",
  profile: "/profile",
  security: "/security",
  devices: "/devices",
  activity: "/activity",
  "your-data": "/your-data",
};
const ADMINISTRATION = {
  users: "/admin/users",
  "new-user": "/admin/users/new",
  user: "/admin/users/{id}",
  events: "/admin/events",
  statistics: "/admin/statistics",
};

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

describe("pages", () => {
  let browser: Browser;
  let visitors: BrowserContext;
  let office: BrowserContext;
  const paths: Record<string, string> = {};

  beforeAll(async () => {
    browser = await launch();
    // Without motion: a picture shows what a page looks like, not how it gets there.
    const options = { viewport: DESKTOP, reducedMotion: "reduce" } as const;
    [visitors, office] = await Promise.all([browser.newContext(options), browser.newContext(options)]);
    const root = { email: `root.pages.${process.pid}@example.com`, name: "", id: "" };
    const [, someone] = await Promise.all([
      operate("superuser", `${root.email}\n${PASSWORD}`),
      register("Hedy Lamarr"),
    ]);
    Object.assign(paths, { ...WELCOME, ...OWN, ...ADMINISTRATION, user: `/admin/users/${someone.id}` });
    await signIn(await office.newPage(), root);
  });
  afterAll(() => browser.close());

  test.each([...Object.keys(WELCOME), ...Object.keys(OWN), ...Object.keys(ADMINISTRATION)])("%s", async (name) => {
    const context = name in WELCOME ? visitors : office;
    const page = await context.newPage();
    const complaints = listen(page, (paths[name] ?? "").includes("#token="));
    await page.goto(stage.normal + (paths[name] ?? ""));
    await settled(page);
    await picture(page, `${name}-desktop`);
    const violations = await violationsOf(page);
    await scheme(page, "dark");
    violations.push(...(await violationsOf(page, ["color-contrast"])));
    await picture(page, `${name}-dark`);
    await scheme(page, "light");
    await page.setViewportSize(PHONE);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await picture(page, `${name}-phone`);
    await page.close();
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
    expect(wide, "scrolls sideways on a phone").toBeLessThanOrEqual(0);
  });
});

/** Collect what the console complains of: breaches of the policy, exceptions, files that aren't there. */
function listen(page: Page, used: boolean): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    // That a link which is used up is refused is no complaint; that nobody is signed in is no error.
    const refused = used && message.text().includes("status of 400");
    if (message.type() === "error" && !refused) found.push(message.text());
  });
  return found;
}

async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.locator("[aria-busy=true], .skeleton").first().waitFor({ state: "detached" });
}

/** Change the colours, and wait until they are on the screen. */
async function scheme(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
}

/** Look for accessibility violations: of all rules, or of some. */
async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  if (!rules) await page.evaluate(axe.source);
  const results = await page.evaluate(
    (only) =>
      (window as unknown as { axe: typeof axe }).axe.run({
        resultTypes: ["violations"],
        ...(only ? { runOnly: only } : {}),
      }),
    rules,
  );
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
  );
}
