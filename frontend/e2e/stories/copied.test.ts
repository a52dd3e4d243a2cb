/**
 * Twenty minutes with a session that is bound to a key of its browser, and copies of its cookies of different ages: the
 * service's clock is moved, so that they come to an end while somebody watches.
 */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../bound";
import { callsAs, operate, picture, register, signedIn, signIn, stage } from "../browser";
import { front, profile, told, type Front } from "../front";
import { inside } from "../looks";

const LONG = 400_000;
const MINUTE = 60;
const DAY = 86_400;

const later = (seconds: number): Promise<unknown> => operate("advance", String(seconds));

/** Make a call as whoever has the cookies, and keep its access token in the page. */
const refreshIn = (page: Page): Promise<{ status: number; code?: string }> =>
  page.evaluate(async () => {
    const headers = { "X-Session-Transport": "cookie", "Content-Type": "application/json" };
    const answer = await fetch("/api/auth/refresh", { method: "POST", headers, body: "{}" });
    const { code, access_token } = (await answer.json()) as { code?: string; access_token?: string };
    if (access_token) Object.assign(window, { held: access_token });
    return { status: answer.status, ...(code && { code }) };
  });

/** What a call is answered that is made with the access token of `refreshIn`. */
const callIn = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { held } = window as unknown as { held: string };
    return (await fetch("/api/users/me", { headers: { Authorization: `Bearer ${held}` } })).status;
  });

const REQUIRED = { status: 403, code: "device_proof_required" };

describe("a session that is bound", () => {
  const url = stage.moved;
  let seen: Front;
  const open: BrowserContext[] = [];
  const browser = async (name: string): Promise<[BrowserContext, Page]> => {
    const context = await profile(name);
    open.push(context);
    return [context, context.pages()[0] ?? (await context.newPage())];
  };
  const bound = (by: string) => until(() => seen.of(by, "device").some(({ status }) => status === 200), 30_000);
  const asked = (page: Page) => page.getByRole("heading", { name: /^Log in( again)?$/ }).count();
  beforeAll(async () => {
    seen = await front(url, stage.behind.moved);
  });
  afterAll(async () => {
    await Promise.all(open.map((context) => context.close()));
    await seen.close();
  });

  test("is used for twenty minutes, and nobody notices", { timeout: LONG }, async () => {
    const [, page] = await browser("steady");
    await signIn(page, await register("Sue Steady"), url);
    await bound("steady");
    const began = Date.now();
    for (let minute = 0; minute < 20; minute++) {
      await later(MINUTE);
      // By the service's clock it is good for ten minutes: from then on each refresh needs another.
      await page.getByRole("link", { name: minute % 2 ? "Activity" : "Devices", exact: true }).click();
      await page.getByRole("main").getByRole("listitem").first().waitFor();
      if (minute % 3 === 2) await page.reload();
      await signedIn(page);
      expect(await asked(page)).toBe(0);
      expect(await page.getByText("We keep trying").count()).toBe(0);
    }
    console.log(told(seen.passed.filter(({ by, path }) => by === "steady" && /device|refresh|login/.test(path))));
    const refreshes = seen.of("steady", "refresh").filter(({ at }) => at > began);
    const good = refreshes.filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThanOrEqual(6);
    for (const { sent } of good) expect(sent.cookie).toContain("__Host-device-proof");
    // What was refused is a proof that had run out by then; the next call had another, and nobody saw anything.
    expect(new Set(refreshes.map(({ status }) => status)).size).toBeLessThanOrEqual(2);
    expect(refreshes.length - good.length).toBeLessThanOrEqual(2);
    expect(seen.of("steady", "device/proof").filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
    // A lid that was closed: access token and proof have run out at once.
    await later(16 * MINUTE);
    const closed = Date.now();
    await page.getByRole("link", { name: "Profile", exact: true }).click();
    await page.getByRole("button", { name: "Save name" }).click();
    await until(() => seen.of("steady", "refresh").some(({ at, status }) => at > closed && status === 200));
    await page.getByText("Your name is saved.").waitFor();
    expect(await asked(page)).toBe(0);
    await picture(page, "bound-twenty-minutes-1280");
  });

  test("is copied, at different ages: the copy is out, and its owner is not disturbed", { timeout: LONG }, async () => {
    const [home, page] = await browser("keeper");
    const person = await register("Kim Keeper");
    await signIn(page, person, url);
    await bound("keeper");
    const [away, theirs] = await browser("taker");
    await theirs.goto(`${url}/robots.txt`);
    const copy = async (): Promise<void> => {
      await away.clearCookies();
      await away.addCookies((await home.cookies()).filter(({ domain }) => domain === "localhost"));
    };
    const undisturbed = async (): Promise<void> => {
      await page.reload();
      await signedIn(page);
      expect(await asked(page)).toBe(0);
    };

    // At once, with a good proof: it works, until the owner comes by.
    await copy();
    await later(MINUTE);
    expect(await refreshIn(theirs)).toEqual({ status: 200 });
    expect(await callIn(theirs)).toBe(200);
    await later(MINUTE);
    await undisturbed();
    expect(await callIn(theirs)).toBe(401);
    expect(await refreshIn(theirs)).toEqual(REQUIRED);
    await undisturbed();

    // After the owner has refreshed: it is found out by that alone.
    await copy();
    await later(MINUTE);
    await undisturbed();
    await later(MINUTE);
    expect(await refreshIn(theirs)).toEqual(REQUIRED);
    await undisturbed();

    // When the proof has run out, and a day later.
    for (const age of [11 * MINUTE, DAY]) {
      await copy();
      await later(age);
      expect(await refreshIn(theirs)).toEqual(REQUIRED);
      await undisturbed();
      expect(await refreshIn(theirs)).toEqual(REQUIRED);
    }

    console.log(
      told(seen.passed.filter(({ by, path }) => /keeper|taker/.test(by) && /device|refresh|login/.test(path))),
    );
    const call = await callsAs(person);
    const events = (await call("GET", "/users/me/events?limit=50")) as { type: string }[];
    const times = (type: string) => events.filter((one) => one.type === type).length;
    expect(times("session.copy_locked_out")).toBe(2);
    expect(times("session.unproven")).toBeGreaterThanOrEqual(1);
    expect(times("session.token_reused")).toBe(0);
    const sessions = (await call("GET", "/sessions")) as { bound: string | null }[];
    expect(sessions.filter((one) => one.bound === "dbsc")).toHaveLength(1);

    await page.goto(`${url}/activity`);
    await page.getByText("A copied key was used; the copy was locked out").first().waitFor();
    await picture(page, "copied-activity-1280");
    await inside(page);
  });
});
