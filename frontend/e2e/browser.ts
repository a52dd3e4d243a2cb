/** Debian's Chromium, and the people who sit in front of it. */
import { createHmac } from "node:crypto";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type BrowserContext, type Page, type Request } from "playwright-core";
import { inject } from "vitest";
import type { Stage } from "./stage";
import { translated } from "./translator";

export const stage: Stage = inject("stage");

const ARTIFACTS = fileURLToPath(new URL("artifacts", import.meta.url));

/** No sandbox: CI runs as root. The rest keeps Chromium from calling home. */
export const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Features that no browser has here. Of those that are named twice the last list counts: hence Playwright’s own, and then
 * two by which Chromium draws what drops down from its address bar as pages of their own, with a process for each window
 * that nobody sees: a fifth of the processor time of all stories.
 */
export const WITHOUT = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "LensOverlay",
  "MediaRouter",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
];

export async function launch(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...QUIET, `--disable-features=${WITHOUT.join(",")}`],
  });
  if (process.env.TRANSLATED) everythingTranslated(browser);
  return browser;
}

/** By hand, all stories with a translator at work: `TRANSLATED=1 npm run e2e -w e2e`. */
function everythingTranslated(browser: Browser): void {
  const plain = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await plain(options);
    await translated(context);
    return context;
  };
}

export const PASSWORD = "correct horse battery";

export interface Person {
  email: string;
  name: string;
  id: string;
}

/** Make calls as somebody, from another device. */
export async function callsAs(
  person: Person,
): Promise<(method: string, path: string, body?: object) => Promise<unknown>> {
  const call = async (method: string, path: string, body?: object, token?: string): Promise<unknown> => {
    const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`${stage.normal}/api${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.status === 204 ? null : answer.json();
  };
  const tokens = await call("POST", "/auth/login", { email: person.email, password: PASSWORD });
  const { access_token } = tokens as { access_token: string };
  return (method, path, body) => call(method, path, body, access_token);
}

let people = 0;

/** Register somebody new, by the API. */
export async function register(name = "Ada Lovelace", domain = "example.com"): Promise<Person> {
  const email = `${name.slice(0, 20).split(" ")[0]?.toLowerCase() ?? "x"}.${process.pid}.${++people}@${domain}`;
  const response = await fetch(`${stage.normal}/api/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD, full_name: name }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { id } = (await response.json()) as { id: string };
  return { email, name, id };
}

interface Letter {
  to: string;
  text: string;
}

/** What `wanted` finds first in a letter to `address`, once it has been sent. */
export async function letterTo(address: string, wanted: RegExp): Promise<string> {
  for (;;) {
    const answer = await fetch(`${stage.normal}/api/dev/mail`, { headers: { Accept: "application/json" } });
    const letters = (await answer.json()) as Letter[];
    for (const { to, text } of letters) {
      const found = to === address ? wanted.exec(text)?.[1] : undefined;
      if (found) return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Have somebody confirm their address, and keep their password. */
export async function confirmAddress(person: Person): Promise<void> {
  const token = await letterTo(person.email, /verify-email#token=(\S+)/);
  const answer = await fetch(`${stage.normal}/api/auth/email/verify`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The link in the letter to `address` that leads to a page of the application, once it has been sent. */
export async function linkTo(address: string, path: string): Promise<string> {
  return `${stage.normal}/${path}${await letterTo(address, new RegExp(`/${path}(#token=\\S+)`))}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP = 30_000;

/** The code of an app with this key (RFC 6238), `ahead` steps of thirty seconds from now. */
export function codeOf(secret: string, ahead = 0): string {
  const bits = Array.from(secret, (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP) + ahead));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash.readUInt8(hash.length - 1) & 15;
  return ((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).toString().padStart(6, "0");
}

/** Ask the operator to do something. */
export async function operate(action: "delete" | "superuser" | "restart" | "advance", text: string): Promise<unknown> {
  const response = await fetch(`${stage.operator}/${action}`, { method: "POST", body: text });
  if (!response.ok) throw new Error(`the operator could not ${action} ${text}`);
  return response.json();
}

/** Delete all of somebody's Redis keys. Returns when, by this machine's clock, in milliseconds. */
export async function deleteKeys(person: Person): Promise<number> {
  const { keys, at } = (await operate("delete", `user:{${person.id}}:*`)) as { keys: number; at: number };
  if (keys === 0) throw new Error("there was no session");
  return at;
}

/** The refreshes of all pages of a browser, by the browser's own clock. */
export class Refreshes {
  readonly statuses: (number | null)[] = [];
  private readonly spans: [began: number, ended: number][] = [];
  private readonly pending: Promise<void>[] = [];
  private begun = 0;

  constructor(context: BrowserContext) {
    const ours = (request: Request) =>
      request.method() === "POST" && new URL(request.url()).pathname === "/api/auth/refresh";
    context.on("request", (request) => {
      if (ours(request)) this.begun++;
    });
    context.on("requestfailed", (request) => {
      if (ours(request)) this.statuses.push(null);
    });
    context.on("requestfinished", (request) => {
      if (ours(request)) this.pending.push(this.note(request));
    });
  }

  private async note(request: Request): Promise<void> {
    const { startTime, responseEnd } = request.timing();
    this.spans.push([startTime, startTime + responseEnd]);
    this.statuses.push((await request.response())?.status() ?? null);
  }

  /** The statuses of all that have begun. A page has its answer a moment before the browser says that the request is over. */
  async all(): Promise<ReadonlySet<number | null>> {
    while (this.statuses.length < this.begun) await new Promise((resolve) => setTimeout(resolve, 20));
    return new Set(this.statuses);
  }

  get count(): number {
    return this.statuses.length;
  }

  /** The most that were under way at once. (The order of Playwright's events says nothing: each page has its own.) */
  async most(): Promise<number> {
    await Promise.all(this.pending);
    return Math.max(
      0,
      ...this.spans.map(([at]) => this.spans.filter(([began, ended]) => began <= at && at < ended).length),
    );
  }
}

/** Keep a picture of a page, for people to look at: of all of it, or of what is in the window. */
export async function picture(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTIFACTS}/${name}.png`, fullPage });
}

/** Fill in the form of the log-in page, and send it. */
export async function logIn(page: Page, person: Person, password = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

/** Sign in by the form, and wait for what comes after. */
export async function signIn(page: Page, person: Person, url = stage.normal): Promise<void> {
  await page.goto(`${url}/login`);
  await logIn(page, person);
  await page.waitForURL(`${url}/dashboard`);
}

/** Open one more tab, signed in by what the browser has. */
export async function openTab(context: BrowserContext, path = "/dashboard", url = stage.normal): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url + path);
  await signedIn(page);
  return page;
}

/** Wait until the page shows somebody signed in. */
export async function signedIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: /, account menu$/ }).waitFor();
}

/** Log out with the menu of whoever is signed in. */
export async function logOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /, account menu$/ }).click();
  await page.getByRole("button", { name: "Log out", exact: true }).click();
}

/** Wait until a tab asks to log in: on the log-in page, or over its own; return when, in milliseconds, and what it says. */
export async function signedOut(page: Page): Promise<{ at: number; notice: string }> {
  const heading = page.getByRole("heading", { name: /^Log in( again)?$/ });
  await heading.waitFor({ timeout: 30_000 });
  const at = Date.now();
  const over = page.locator(".lk-dialog-covers > div");
  const notice = (await over.count()) ? over.first() : page.locator(".notice, .lk-notice").first();
  return { at, notice: (await notice.count()) ? await notice.innerText() : "" };
}
