/** A session in the browser: it stays when it should, and ends everywhere at once when it should. */
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  callsAs,
  deleteKeys,
  launch,
  logOut,
  openTab,
  operate,
  PASSWORD,
  Refreshes,
  register,
  signedIn,
  signedOut,
  signIn,
  stage,
  type Person,
} from "../browser";

type Call = Awaited<ReturnType<typeof callsAs>>;

/** The promise is a second. A machine that is busy with two browsers gets three; the figure is printed. */
const AT_ONCE = 3_000;

describe("a session", () => {
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

  const cookieNames = async () => (await context.cookies()).map(({ name }) => name);

  test("register, be signed in, reload, and still be", async () => {
    const email = `new.${ada.email}`;
    await page.goto(`${stage.normal}/register`);
    await page.getByLabel("Full name").fill("Ada King");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/dashboard");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await signedIn(page);
    await page.getByText(email).first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/dashboard");
    // Whose session it is came with the first answer.
    expect(asked.filter((path) => ["/api/auth/refresh", "/api/users/me"].includes(path))).toEqual([
      "/api/auth/refresh",
    ]);
  });

  test("a page that needs a session leads to the log-in page, and back", async () => {
    await page.goto(`${stage.normal}/devices`);
    expect((await signedOut(page)).notice).toBe("");
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.waitForURL("**/devices");
  });

  test("no script can read a token", async () => {
    await signIn(page, ada);
    const found = await page.evaluate(async () => ({
      cookie: document.cookie,
      stored: JSON.stringify([localStorage, sessionStorage, await indexedDB.databases()]),
      caches: await caches.keys(),
    }));
    expect(found.cookie).toBe("");
    expect(found.stored).not.toMatch(/lkr_|eyJ/);
    expect(found.caches).toEqual([]);
    const cookies = await context.cookies();
    expect(cookies.find(({ name }) => name === "refresh")).toMatchObject({
      httpOnly: true,
      sameSite: "Strict",
      path: "/",
      value: expect.stringMatching(/^lkr_/) as string,
    });
  });

  test("two tabs whose access token has run out in both: both continue", async () => {
    await signIn(page, ada, stage.brief);
    const other = await openTab(context, "/profile", stage.brief);
    await context.setOffline(true); // as while a laptop sleeps: nothing can be renewed
    await page.waitForTimeout(4_000);
    await context.setOffline(false);
    const refreshes = new Refreshes(context);
    await Promise.all([
      page.getByRole("link", { name: "Devices" }).click(),
      other.getByRole("link", { name: "Activity" }).click(),
    ]);
    await Promise.all([
      page.getByText("This device").first().waitFor(),
      other.getByRole("main").getByRole("listitem").first().waitFor(),
    ]);
    await Promise.all([signedIn(page), signedIn(other)]);
    expect(await refreshes.all()).toEqual(new Set([200]));
  });

  test("the laptop lid: the answer to a refresh is lost, and the next try gets it", async () => {
    await signIn(page, ada);
    let lost = 0;
    await page.route("**/api/auth/refresh*", async (route: Route) => {
      if (lost++) return route.continue();
      // It arrives and is done: the session has moved on. But the browser never hears of it.
      const request = route.request();
      const answer = await fetch(request.url(), {
        method: "POST",
        headers: await request.allHeaders(),
        body: request.postData(),
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("set-cookie")).toContain("lkr_");
      await route.abort("connectionreset");
    });
    await page.reload();
    await signedIn(page);
    expect(lost).toBe(2);
    // And the session goes on from there.
    await page.reload();
    await signedIn(page);
  });

  test("logging out in one tab ends the other", async () => {
    await signIn(page, ada);
    const other = await openTab(context, "/devices");
    await logOut(page);
    const [here, there] = await Promise.all([signedOut(page), signedOut(other)]);
    expect(here.notice).toContain("logged out");
    expect(there.notice).toContain("logged out");
    await expect.poll(cookieNames).not.toContain("refresh");
  });

  test("an operator deletes the keys: all tabs are out within a second", async () => {
    await signIn(page, ada);
    const tabs = [page, await openTab(context, "/devices"), await openTab(context, "/profile")];
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await signIn(other, ada);
    await page.waitForTimeout(500); // the streams are open
    const began = await deleteKeys(ada);
    const endings = await Promise.all([...tabs, other].map(signedOut));
    const took = endings.map(({ at }) => Math.round(at - began));
    console.log(`keys deleted, log-in page after ${took.join(", ")} ms`);
    expect(Math.max(...took)).toBeLessThan(AT_ONCE);
    for (const { notice } of endings) expect(notice).toContain("ended by the operators");
    await elsewhere.close();
    // The browser's dead cookie is forgotten by the time somebody logs in again.
    await page.reload();
    await signedOut(page);
    await expect.poll(cookieNames).not.toContain("refresh");
  });

  test("a stream that is refused is no noise, and the end is noticed all the same", async () => {
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    let asked = 0;
    await page.route("**/api/sessions/stream*", async (route) => {
      asked++;
      const found = await route.fetch({ url: `${stage.normal}/api/users/me` });
      if (found.ok()) await route.fulfill({ status: 204, headers: { "Retry-After": "1" } });
      else await route.fulfill({ response: found });
    });
    await signIn(page, ada);
    await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(3);
    expect(errors).toEqual([]);
    await deleteKeys(ada);
    expect((await signedOut(page)).notice).toContain("ended by the operators");
  });

  test("a cookie that the browser didn’t keep: the end is told, and nobody is accused of it", async () => {
    await signIn(page, ada, stage.brief);
    await context.clearCookies();
    const { notice } = await signedOut(page);
    expect(notice).toContain("Your session was ended.");
  });

  test("a changed password ends the other browser", async () => {
    await signIn(page, ada);
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await signIn(other, ada);
    await page.getByRole("link", { name: "Security", exact: true }).click();
    await page.getByRole("textbox", { name: "New password" }).fill("a better horse battery");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Your password is changed").waitFor();
    expect((await signedOut(other)).notice).toContain("password was changed");
    await page.reload();
    await signedIn(page);
    await elsewhere.close();
  });

  const WAYS: [string, string, (own: Call, root: Call) => Promise<unknown>][] = [
    [
      "one ended from another device",
      "logged out from another device",
      async (own) => {
        const sessions = (await own("GET", "/sessions")) as { id: string; current: boolean }[];
        await own("DELETE", `/sessions/${sessions.find(({ current }) => !current)?.id}`);
      },
    ],
    ["all others ended", "All devices but one were logged out", (own) => own("DELETE", "/sessions")],
    ["logged out everywhere", "You logged out on all devices", (own) => own("POST", "/auth/logout-all")],
    ["the account deleted", "This account has been deleted", (own) => own("DELETE", "/users/me")],
    [
      "ended by an administrator",
      "An administrator has logged you out",
      (_, root) => root("DELETE", `/users/${ada.id}/sessions`),
    ],
    [
      "a password set by an administrator",
      "An administrator has set a new password",
      (_, root) => root("PATCH", `/users/${ada.id}`, { password: "the administrator's choice" }),
    ],
  ];

  test.each(WAYS)("%s: the log-in page says so", async (_, notice, end) => {
    const root = { email: `root.${ada.email}`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    await signIn(page, ada);
    await end(await callsAs(ada), await callsAs(root));
    expect((await signedOut(page)).notice).toContain(notice);
  });

  test("an administrator disables a user, who is out at once", async () => {
    const root = { email: `root.${ada.email}`, name: "", id: "" };
    await operate("superuser", `${root.email}\n${PASSWORD}`);
    const office = await browser.newContext();
    const desk = await office.newPage();
    await Promise.all([signIn(page, ada), signIn(desk, root)]);
    await desk.goto(`${stage.normal}/admin/users/${ada.id}`);
    await desk.getByRole("button", { name: "Disable" }).first().click();
    const confirm = desk.getByRole("dialog").getByRole("button", { name: "Disable" });
    await confirm.click();
    expect((await signedOut(page)).notice).toContain("This account has been disabled");
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.getByText("disabled").first().waitFor();
    await office.close();
  });
});
