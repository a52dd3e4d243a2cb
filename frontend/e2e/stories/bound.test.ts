/**
 * Sessions that are bound to a key of their browser (Device Bound Session Credentials), in a Chromium that has such: what
 * it sends by itself is seen in front of the service.
 */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  callsAs,
  confirmAddress,
  letterTo,
  logIn,
  logOut,
  openTab,
  picture,
  register,
  signedIn,
  signIn,
  stage,
} from "../browser";
import { SECONDS, sleep, until, type Listed } from "../bound";
import { front, profile, told, type Front } from "../front";
import { inside } from "../looks";

const LONG = 300_000;
const KEPT = 18_000; // as long as the browser keeps the cookie of a proof
const GOOD = 20_000; // and as long as that is good

/** Refresh as a page does, and use what there is for it. */
const refreshIn = (page: Page): Promise<{ status: number; code?: string }> =>
  page.evaluate(async () => {
    const headers = { "X-Session-Transport": "cookie", "Content-Type": "application/json" };
    const answer = await fetch("/api/auth/refresh", { method: "POST", headers, body: "{}" });
    const { code, access_token } = (await answer.json().catch(() => ({}))) as { code?: string; access_token?: string };
    if (access_token) await fetch("/api/users/me", { headers: { Authorization: `Bearer ${access_token}` } });
    return { status: answer.status, ...(code && { code }) };
  });

/** Have a page speak a language. */
async function speak(page: Page, language: string): Promise<void> {
  await page.evaluate((tag) => localStorage.setItem("latchkey-language", tag), language);
  await page.reload();
  await page.waitForFunction((tag) => document.documentElement.lang === tag, language);
}

/** Wide by day; narrow, by day and by night, also in German; and nothing that axe objects to. */
async function looks(page: Page, name: string, says: Record<"en" | "de", string>): Promise<void> {
  await picture(page, `bound-${name}-1280`);
  await inside(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await picture(page, `bound-${name}-390`);
  await speak(page, "de");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByText(says.de).first().waitFor();
  await picture(page, `bound-${name}-390-dark-de`);
  await inside(page);
  await speak(page, "en");
  await page.getByText(says.en).first().waitFor();
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

describe.concurrent("a session", () => {
  const url = stage.bound;
  let seen: Front;
  const open: BrowserContext[] = [];
  const browser = async (name: string, options?: { binds?: boolean }): Promise<[BrowserContext, Page]> => {
    const context = await profile(name, options);
    open.push(context);
    return [context, context.pages()[0] ?? (await context.newPage())];
  };
  beforeAll(async () => {
    seen = await front(url, stage.behind.bound);
  });
  afterAll(async () => {
    await Promise.all(open.map((context) => context.close()));
    await seen.close();
  });
  const bound = (by: string, times = 1) =>
    until(() => seen.of(by, "device").filter((one) => one.status === 200).length >= times);

  test("is bound within two seconds, and used from two tabs", { timeout: LONG + SECONDS * 1000 }, async () => {
    const [context, page] = await browser("home");
    const ada = await register();
    await signIn(page, ada, url);
    await bound("home");
    const [login, device] = [seen.of("home", "login")[0], seen.of("home", "device")[0]];
    if (!login || !device) throw new Error("not bound");
    expect(device.at - login.at).toBeLessThan(2000);
    expect(device.sent["secure-session-response"]).toBeTruthy();
    const all = (await (await callsAs(ada))("GET", "/sessions")) as Listed[];
    expect(all.filter((one) => one.bound === "dbsc")).toHaveLength(1);

    const tab = await openTab(context, "/devices", url);
    await looks(tab, "devices", { en: "Bound to its device", de: "An sein Gerät gebunden" });
    const tabs = [page, tab];
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await sleep(3000))
      for (const one of tabs) {
        await one.bringToFront();
        await one.getByRole("link", { name: "Devices", exact: true }).click();
        await one.getByRole("main").getByRole("listitem").first().waitFor();
        await one.getByRole("link", { name: "Activity", exact: true }).click();
        await one.getByRole("main").getByRole("listitem").first().waitFor();
      }
    await Promise.all(tabs.map(signedIn));
    console.log(told(seen.passed.filter(({ path }) => /device|refresh|login/.test(path))));
    const refreshes = seen.of("home", "refresh").filter(({ path }) => !path.includes("opening"));
    expect(refreshes.length).toBeGreaterThan(SECONDS / 50);
    expect(new Set(refreshes.map(({ status }) => status))).toEqual(new Set([200]));
    // Each came with a proof; what was asked first is a challenge that the browser didn't have yet.
    const proofs = seen.of("home", "device/proof");
    expect(proofs.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(refreshes.length - 1);
    expect(proofs.filter(({ status }) => status !== 200).length).toBeLessThanOrEqual(1);
    const refused = seen.passed.filter((one) => one.by === "home" && one.status >= 400);
    expect(refused.filter(({ path }) => path !== "/api/auth/device/proof")).toEqual([]);
  });

  test("is worth nothing to whoever has copied the cookies", { timeout: LONG }, async () => {
    const [home, page] = await browser("owner");
    const eve = await register("Ida Owner");
    // Letters that only tell go to addresses that somebody has confirmed.
    await confirmAddress(eve);
    await signIn(page, eve, url);
    await bound("owner");
    const jar = (await home.cookies()).filter(({ domain }) => domain === "localhost");
    expect(jar.map(({ name }) => name.replace(/-\d+$/, ""))).toContain("__Host-device-proof");
    await sleep(GOOD + 1000);
    const [away, theirs] = await browser("thief");
    await away.addCookies(jar);
    await theirs.goto(`${url}/dashboard`);
    await until(() => seen.of("thief", "refresh").length > 0);
    const answers = seen.of("thief", "refresh").map(({ status }) => status);
    expect(new Set(answers)).toEqual(new Set([403]));
    expect(await refreshIn(theirs)).toEqual({ status: 403, code: "device_proof_required" });
    // Whoever they are, they can log in.
    await theirs.getByText("This browser has no key for this session.").waitFor();
    await theirs.getByRole("button", { name: "Log in", exact: true }).waitFor();
    const no = { en: "This browser has no key for this session.", de: "Dieser Browser hat keinen Schlüssel" };
    await looks(theirs, "thief", no);
    expect(await theirs.getByRole("button", { name: /, account menu$/ }).count()).toBe(0);

    // The owner notices nothing but what is told.
    await sleep(25_000);
    await page.reload();
    await signedIn(page);
    expect(seen.of("owner", "refresh").filter(({ status }) => status >= 400)).toEqual([]);
    expect(await letterTo(eve.email, /(without\s+that\s+device.s\s+key)/)).toBeTruthy();
    const events = (await (await callsAs(eve))("GET", "/users/me/events?limit=50")) as { type: string }[];
    console.log(
      told(seen.passed.filter(({ by, path }) => /thief|owner/.test(by) && /device|refresh|login/.test(path))),
    );
    expect(events.filter(({ type }) => type === "session.unproven")).toHaveLength(1);
    await page.goto(`${url}/activity`);
    await page.getByRole("main").getByRole("listitem").first().waitFor();
    await picture(page, "bound-activity-1280");
  });

  test(
    "that was copied with a good proof goes on elsewhere for as long as that is good",
    { timeout: LONG },
    async () => {
      const [home, page] = await browser("holder");
      const una = await register("Una Holder");
      await confirmAddress(una);
      await signIn(page, una, url);
      await bound("holder");
      const [away, theirs] = await browser("copier");
      await theirs.goto(`${url}/robots.txt`);
      await away.addCookies((await home.cookies()).filter(({ domain }) => domain === "localhost"));
      expect((await refreshIn(theirs)).status).toBe(200);
      // Pages of theirs, in two languages, which stay where they are when nothing is good any more.
      const german = await away.newPage();
      await german.addInitScript(() => {
        const kept = Storage.prototype.getItem.bind(localStorage);
        Storage.prototype.getItem = (key) => (key === "latchkey-language" ? "de" : kept(key));
      });
      await theirs.goto(`${url}/profile`);
      await signedIn(theirs);
      await german.goto(`${url}/profile`);
      await german.getByRole("heading", { level: 1, name: "Profil" }).waitFor();
      await sleep(GOOD + 1000);
      const later = await refreshIn(theirs);
      await sleep(25_000);
      console.log(
        told(seen.passed.filter(({ by, path }) => /copier|holder/.test(by) && /device|refresh|login/.test(path))),
      );
      expect(later).toEqual({ status: 403, code: "device_proof_required" });
      for (const [one, asks] of [
        [theirs, "Log in again"],
        [german, "Wieder anmelden"],
      ] as const) {
        await one.bringToFront();
        await one.getByRole("heading", { name: asks }).waitFor({ timeout: 60_000 });
        await one.setViewportSize({ width: 390, height: 844 });
        const name = `bound-in-place-${one === german ? "de" : "en"}-390`;
        await picture(one, name, { fullPage: false });
        await inside(one);
        await one.emulateMedia({ colorScheme: "dark" });
        await picture(one, `${name}-dark`, { fullPage: false });
        await inside(one);
      }
      // It is found out when the owner comes by, who goes on, and reads of it.
      await page.reload();
      await signedIn(page);
      expect(await letterTo(una.email, /(the\s+copy\s+is\s+worth\s+nothing\s+any\s+more)/)).toBeTruthy();
      const events = (await (await callsAs(una))("GET", "/users/me/events?limit=50")) as { type: string }[];
      expect(events.filter(({ type }) => type === "session.copy_locked_out")).toHaveLength(1);
      expect(events.filter(({ type }) => type === "session.token_reused")).toEqual([]);
    },
  );

  test("ends, and another is bound anew, whoever’s it is", { timeout: LONG }, async () => {
    const [, page] = await browser("shared");
    const [first, second] = [await register("Max First"), await register("Mia Second")];
    await signIn(page, first, url);
    await bound("shared");
    await logOut(page);
    await page.getByLabel("E-mail").waitFor();
    await logIn(page, first);
    await signedIn(page);
    await bound("shared", 2);
    await logOut(page);
    await page.getByLabel("E-mail").waitFor();
    await logIn(page, second);
    await signedIn(page);
    await bound("shared", 3);
    await sleep(KEPT);
    // One more tab, which opens when the cookie has run out.
    const tab = await openTab(page.context(), "/devices", url);
    await sleep(KEPT);
    await Promise.all([page, tab].map((one) => one.reload()));
    await Promise.all([page, tab].map(signedIn));
    console.log(told(seen.passed.filter(({ by, path }) => by === "shared" && /device|refresh|log/.test(path))));
    expect(seen.of("shared", "refresh").filter(({ status }) => status >= 400)).toEqual([]);
    const sessions = (await (await callsAs(second))("GET", "/sessions")) as Listed[];
    expect(sessions.map((one) => one.bound).sort()).toEqual(["dbsc", null].sort());
  });

  test("in a browser that binds none is as it was", { timeout: LONG }, async () => {
    const [home, page] = await browser("plain", { binds: false });
    await signIn(page, await register("Pia Plain"), url);
    await sleep(45_000);
    await page.reload();
    await signedIn(page);
    await home.close();
    const all = seen.passed.filter(({ by }) => by === "plain");
    expect(all.filter(({ path }) => path.startsWith("/api/auth/device"))).toEqual([]);
    expect(all.filter(({ answered }) => answered["secure-session-registration"]).map(({ path }) => path)).toEqual([
      "/api/auth/login",
    ]);
    expect(all.filter(({ answered }) => String(answered["set-cookie"]).includes("device-proof"))).toEqual([]);
    // Nothing else of it, in whatever was asked for: no header, no cookie, no call.
    const everything = seen.all.filter(({ by }) => by === "plain");
    expect(everything.length).toBeGreaterThan(all.length);
    const ofIt = (headers: object) => Object.keys(headers).filter((name) => /secure-session|dbsc|device/.test(name));
    expect(everything.flatMap(({ sent }) => ofIt(sent))).toEqual([]);
    expect(everything.flatMap(({ answered }) => ofIt(answered))).toEqual(["secure-session-registration"]);
    expect(everything.filter(({ sent }) => sent.cookie?.includes("device-proof"))).toEqual([]);
    expect(all.filter(({ path, status }) => path.startsWith("/api/auth/refresh") && status >= 400)).toEqual([]);
    expect(all.filter(({ path }) => path.startsWith("/api/auth/refresh")).length).toBeGreaterThan(2);
  });
});
