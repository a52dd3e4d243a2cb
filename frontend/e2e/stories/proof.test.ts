/** Tokens that are bound to a key of the browser's, where a page can't use cookies: a real one keeps it, and shows it. */
import { build } from "esbuild";
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { LatchkeyClient } from "@latchkey/client";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launch, PASSWORD, register, stage, type Person } from "../browser";

const SERVICE = stage.brief;
const HOME = stage.apart;
const EXPIRED = 3_200;

/** What the page has in `window`. */
declare const client: LatchkeyClient;

interface Exchange {
  path: string;
  status: number;
  headers: Record<string, string>;
}

describe("a page that binds its sessions", () => {
  let browser: Browser;
  let server: Server;
  let context: BrowserContext;
  let person: Person;
  let passed: Exchange[];

  beforeAll(async () => {
    const built = await build({
      entryPoints: [fileURLToPath(new URL("../proof/page.ts", import.meta.url))],
      bundle: true,
      write: false,
      define: { SERVICE: JSON.stringify(SERVICE) },
    });
    const script = built.outputFiles[0]?.text ?? "";
    server = createServer((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(Number(new URL(HOME).port), "localhost", resolve));
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    person = await register("Ada Bound");
    context = await visitor();
  });
  afterEach(() => context.close());

  async function visitor(): Promise<BrowserContext> {
    const one = await browser.newContext();
    passed = [];
    one.on("response", (response) => {
      const request = response.request();
      const { origin, pathname } = new URL(request.url());
      if (origin === SERVICE && request.method() !== "OPTIONS")
        passed.push({ path: pathname, status: response.status(), headers: request.headers() });
    });
    return one;
  }

  async function open(where = context): Promise<Page> {
    const page = await where.newPage();
    await page.goto(HOME);
    await page.waitForFunction(() => document.title !== "");
    return page;
  }

  const logIn = (page: Page, who = person) =>
    page.evaluate(([email, password]) => client.login(email, password).then(({ email }) => email), [
      who.email,
      PASSWORD,
    ] as const);
  const me = (page: Page) => page.evaluate(() => client.call("GET", "/api/users/me").then(({ email }) => email));
  const state = (page: Page) => page.evaluate(() => client.getState());
  const bound = (page: Page) =>
    page.evaluate(async () => (await client.call("GET", "/api/sessions")).map(({ bound }) => bound));
  /** The thumbprints of the keys that this browser has for the page, and what comes of an attempt to read them. */
  const keys = (page: Page) =>
    page.evaluate(async () => {
      const asked = indexedDB.open("latchkey.proof", 1);
      const database = await new Promise<IDBDatabase>((resolve) => (asked.onsuccess = () => resolve(asked.result)));
      const all = database.transaction("keys").objectStore("keys").getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      database.close();
      const found = all.result as { now?: { jkt: string; signer: CryptoKey } }[];
      return Promise.all(
        found.map(async ({ now }) => {
          const read =
            now && (await crypto.subtle.exportKey("jwk", now.signer).catch((error: unknown) => (error as Error).name));
          return [now?.jkt, read];
        }),
      );
    });
  const refreshes = () => passed.filter(({ path }) => path === "/api/auth/refresh");

  test("logs in, calls, refreshes, is loaded again, and logs out", async () => {
    const page = await open();
    expect(await logIn(page)).toBe(person.email);
    expect(await bound(page)).toEqual(["dpop"]);
    const [[jkt, read] = []] = await keys(page);
    expect(jkt).toMatch(/^[\w-]{43}$/);
    expect(read).toBe("InvalidAccessError");
    await page.waitForTimeout(EXPIRED);
    expect(await me(page)).toBe(person.email);

    await page.reload();
    await page.waitForFunction(() => document.title === "signed_in");
    expect(await me(page)).toBe(person.email);
    expect(await keys(page)).toEqual([[jkt, read]]);
    expect(refreshes().length).toBeGreaterThan(1);
    // Each page asks for the nonce once; nothing else was refused, and no token went without a proof.
    expect(passed.filter(({ status }) => status >= 400).map(({ status }) => status)).toEqual([400, 400]);
    const withToken = passed.filter(({ headers }) => headers.authorization);
    expect(withToken.length).toBeGreaterThan(3);
    for (const { headers } of withToken)
      expect([headers.authorization?.split(" ")[0], "dpop" in headers]).toEqual(["DPoP", true]);

    expect(await page.evaluate(() => client.logout())).toBe(true);
    await page.waitForFunction(() => document.title === "signed_out");
    expect(await keys(page)).toEqual([]);
    await logIn(page);
    const [[next] = []] = await keys(page);
    expect(next).not.toBe(jkt);
  });

  test("a stolen pair opens nothing, with what was stolen or in another browser, and its owner goes on", async () => {
    const page = await open();
    await logIn(page);
    const refresh_token = await page.evaluate(() => localStorage.getItem("refresh_token"));
    const access = await page.evaluate(() => client.getAccessToken());
    for (const scheme of ["Bearer", "DPoP"]) {
      const answer = await fetch(`${SERVICE}/api/users/me`, { headers: { Authorization: `${scheme} ${access}` } });
      expect(answer.status).toBe(401);
    }
    const headers = { "Content-Type": "application/json" };
    const asked = { method: "POST", headers, body: JSON.stringify({ refresh_token }) };
    const refused = await fetch(`${SERVICE}/api/auth/refresh`, asked);
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: "invalid_dpop_proof" }]);

    const away = await visitor();
    await away.addInitScript((token) => localStorage.setItem("refresh_token", token ?? ""), refresh_token);
    const theirs = await open(away);
    await theirs.waitForFunction(() => document.title === "signed_out");
    expect(await state(theirs)).toEqual({ status: "signed_out", reason: "unproven" });
    expect(refreshes().map(({ status }) => status)).toEqual([400]);
    await away.close();

    await page.waitForTimeout(EXPIRED);
    expect(await me(page)).toBe(person.email);
  });

  test("two tabs have one key, also when both log in at once", async () => {
    const [one, two] = await Promise.all([open(), open()]);
    await Promise.all([logIn(one), logIn(two)]);
    const key = await keys(one);
    expect(key).toHaveLength(1);
    const third = await open();
    await third.waitForFunction(() => document.title === "signed_in");
    await one.waitForTimeout(EXPIRED);
    const tabs = [one, two, third];
    expect(new Set(await Promise.all(tabs.map(me)))).toEqual(new Set([person.email]));
    for (const tab of tabs) expect(await keys(tab)).toEqual(key);
    expect(refreshes().filter(({ status }) => status !== 200 && status !== 400)).toEqual([]);
    await two.evaluate(() => client.logout());
    await Promise.all(tabs.map((tab) => tab.waitForFunction(() => document.title === "signed_out")));
    expect(await keys(third)).toEqual([]);
  });

  test("a key that is cleared away is a log-in, and nothing else", async () => {
    const page = await open();
    await logIn(page);
    await page.evaluate(async () => {
      const asked = indexedDB.deleteDatabase("latchkey.proof");
      await new Promise((resolve) => (asked.onsuccess = resolve));
    });
    // A page that has it goes on, and puts it back with the next refresh.
    await page.waitForTimeout(EXPIRED);
    expect(await me(page)).toBe(person.email);
    expect(await keys(page)).toHaveLength(1);

    await page.goto(`${HOME}/page.js`);
    await page.evaluate(async () => {
      const asked = indexedDB.deleteDatabase("latchkey.proof");
      await new Promise((resolve) => (asked.onsuccess = resolve));
    });
    passed.length = 0;
    await page.goto(HOME);
    await page.waitForFunction(() => document.title === "signed_out");
    expect(await state(page)).toEqual({ status: "signed_out", reason: "unproven" });
    await page.waitForTimeout(2_000);
    expect(refreshes().map(({ status }) => status)).toEqual([400]);
    expect(await page.evaluate(() => localStorage.getItem("refresh_token"))).toBeTruthy();
    expect(await logIn(page)).toBe(person.email);
    await page.waitForTimeout(EXPIRED);
    expect(await me(page)).toBe(person.email);
  });

  test("a clock that is an hour off is set by the service’s", async () => {
    await context.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 3_600_000;
    });
    const page = await open();
    expect(await logIn(page)).toBe(person.email);
    expect(await bound(page)).toEqual(["dpop"]);
    // The answer to the first proof said what time it is, and the nonce.
    expect(passed.filter(({ path }) => path === "/api/auth/login").map(({ status }) => status)).toEqual([400, 200]);
  });
});
