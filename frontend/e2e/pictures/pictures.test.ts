/**
 * Pictures of every page, for people to look at: wide and narrow, light and dark, in each language; with little in them, with
 * much, with the longest names, with errors, without a network. `make pictures` leaves them in `e2e/artifacts/pictures`, and
 * sheets of those that belong together in `sheets` below it.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callsAs, launch, operate, PASSWORD, register, stage, type Person } from "../browser";

const FOLDER = fileURLToPath(new URL("../artifacts/pictures", import.meta.url));
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const SCHEMES = ["light", "dark"] as const;
const LOCALES = ["en-GB", "de-DE"] as const;

const AGENTS = [
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Something/1.0",
];

interface Scene {
  /** What is done on the page before the picture is taken. */
  act?: (page: Page) => Promise<void>;
  /** Calls that fail with this, while it is loaded. */
  fails?: RegExp;
}

type Scenes = Record<string, readonly [path: string, scene?: Scene]>;

const submit = (page: Page): Promise<void> => page.locator("form button[type=submit]").first().click();
const offline = async (page: Page): Promise<void> => {
  await page.context().setOffline(true);
  await page.locator(".lk-notice").first().waitFor();
};

const STRANGERS: Scenes = {
  home: ["/"],
  login: ["/login"],
  "login-refused": [
    "/login",
    {
      act: async (page) => {
        await page.locator("input[type=email]").fill("nobody@example.com");
        await page.locator("input[autocomplete=current-password]").fill("not the password");
        await submit(page);
        await page.locator("[aria-invalid=true], .lk-notice").first().waitFor();
      },
    },
  ],
  "login-empty": ["/login", { act: submit }],
  "login-offline": ["/login", { act: offline }],
  "login-mail": ["/login/mail"],
  "login-away": ["/login", { fails: /\/api\// }],
  "login-link": ["/login/link#token=x"],
  register: ["/register"],
  "register-short": [
    "/register",
    { act: (page) => page.locator("input[autocomplete=new-password]").pressSequentially("corr") },
  ],
  "forgot-password": ["/forgot-password"],
  "forgot-password-sent": [
    "/forgot-password",
    {
      act: async (page) => {
        await page.locator("input[type=email]").fill(`${"w".repeat(59)}@${"w".repeat(60)}.example.com`);
        await submit(page);
        await page.locator("form").waitFor({ state: "detached" });
      },
    },
  ],
  "reset-password": ["/reset-password#token=x"],
  "verify-email": ["/verify-email"],
  "verify-email-link": ["/verify-email#token=x"],
  "confirm-email": ["/confirm-email#token=x"],
  "undo-email-change": ["/undo-email-change#token=x"],
  "not-found": ["/nowhere"],
};
const OWN: Scenes = {
  dashboard: ["/dashboard"],
  profile: ["/profile"],
  security: ["/security"],
  devices: ["/devices"],
  "devices-naming": ["/devices", { act: (page) => page.locator("[id^=lk-name-]").first().click() }],
  "devices-away": ["/devices", { fails: /\/api\/sessions$/ }],
  "devices-ending": ["/devices", { act: (page) => page.locator(".lk-item .lk-button-secondary").last().click() }],
  activity: ["/activity"],
  "your-data": ["/your-data"],
  menu: ["/profile", { act: (page) => page.locator(".header__end [aria-expanded]").last().click() }],
  offline: ["/profile", { act: offline }],
  "nowhere-signed-in": ["/nowhere"],
};
const LONG: Scenes = { "long-dashboard": ["/dashboard"], "long-profile": ["/profile"], "long-devices": ["/devices"] };
const OFFICE: Scenes = {
  users: ["/admin/users"],
  "users-oldest": ["/admin/users?sort=created_at"],
  "users-none": ["/admin/users?q=nobody-is-called-this"],
  "users-page": ["/admin/users?sort=email&q=many"],
  "new-user": ["/admin/users/new"],
  user: ["/admin/users/{ada}"],
  "user-long": ["/admin/users/{long}"],
  "user-gone": ["/admin/users/00000000-0000-4000-8000-000000000000"],
  events: ["/admin/events"],
  "events-none": ["/admin/events?ip=192.0.2.1"],
  "events-away": ["/admin/events", { fails: /\/api\/admin\/events/ }],
  statistics: ["/admin/statistics"],
};

let browser: Browser;
let ada: Person;
let long: Person;
const root: Person = { email: `root.pictures.${process.pid}@example.com`, name: "", id: "" };

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(`${FOLDER}/sheets`, { recursive: true });
  const domain = `${Array(3).fill("w".repeat(60)).join(".")}.example.com`;
  [browser, ada, long] = await Promise.all([
    launch(),
    register("Ada Lovelace"),
    register("W".repeat(200), domain),
    operate("superuser", `${root.email}\n${PASSWORD}`),
  ]);
  const call = await callsAs(root);
  for (let number = 0; number < 30; number++) {
    const full_name = number === 3 ? "M".repeat(120) : number % 4 ? `Number ${number}` : undefined;
    await call("POST", "/users", { email: `many.${number}.${process.pid}@example.com`, full_name });
  }
  for (const person of [ada, long]) {
    for (const agent of AGENTS) {
      await fetch(`${stage.normal}/api/auth/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "User-Agent": agent },
        body: JSON.stringify({ email: person.email, password: PASSWORD }),
      });
    }
    const own = await callsAs(person);
    const [first, second] = ((await own("GET", "/sessions")) as { id: string }[]).slice(1);
    await own("PATCH", `/sessions/${first?.id}`, { name: "Work laptop" });
    await own("PATCH", `/sessions/${second?.id}`, { name: "W".repeat(64) });
  }
}, 120_000);
afterAll(() => browser.close());

async function enter(context: BrowserContext, person: Person): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${stage.normal}/login`);
  await page.locator("input[type=email]").fill(person.email);
  await page.locator("input[autocomplete=current-password]").fill(PASSWORD);
  await submit(page);
  await page.waitForURL("**/dashboard");
  await page.close();
}

async function settled(page: Page, fails: boolean): Promise<void> {
  await page.locator("h1, .lk-notice").first().waitFor();
  if (!fails) await page.locator("[aria-busy=true], .skeleton").first().waitFor({ state: "detached" });
  else await page.locator(".lk-notice").first().waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** One scene, in all its looks. */
async function take(context: BrowserContext, locale: string, name: string, scenes: Scenes): Promise<void> {
  const [path, { act, fails } = {}] = scenes[name] ?? ["/"];
  for (const [width, viewport] of [
    ["wide", WIDE],
    ["narrow", NARROW],
  ] as const) {
    const page = await context.newPage();
    await page.setViewportSize(viewport);
    if (fails) await page.route(fails, (route) => route.abort());
    await page.goto(stage.normal + path.replace("{ada}", ada.id).replace("{long}", long.id));
    await settled(page, fails !== undefined);
    await act?.(page);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
      await page.screenshot({
        path: `${FOLDER}/${name}-${width}-${locale.slice(0, 2)}-${colorScheme}.png`,
        fullPage: true,
      });
    }
    await context.setOffline(false);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect.soft(over, `${name}, ${width}, ${locale}: scrolls sideways`).toBeLessThanOrEqual(0);
    await page.close();
  }
}

/** Pictures of one scene beside each other. */
async function sheet(name: string, width: "wide" | "narrow"): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1568, height: 800 } });
  const shown = LOCALES.flatMap((locale) =>
    SCHEMES.map((scheme) => `${name}-${width}-${locale.slice(0, 2)}-${scheme}.png`),
  );
  const images = shown.map((file) => {
    const data = readFileSync(`${FOLDER}/${file}`).toString("base64");
    return `<img width="${width === "wide" ? 776 : 384}" src="data:image/png;base64,${data}">`;
  });
  const style = "margin:2px;display:flex;flex-wrap:wrap;gap:4px;align-items:start;background:#888";
  await page.setContent(`<body style="${style}">${images.join("")}</body>`);
  await page.screenshot({ path: `${FOLDER}/sheets/${name}-${width}.png`, fullPage: true });
  await page.close();
}

const GROUPS: readonly [name: string, scenes: Scenes, whose: () => Person | null][] = [
  ["strangers", STRANGERS, () => null],
  ["one’s own", OWN, () => ada],
  ["long names", LONG, () => long],
  ["administrators", OFFICE, () => root],
];

test.each(GROUPS)("%s", { timeout: 600_000 }, async (_, scenes, whose) => {
  const person = whose();
  for (const locale of LOCALES) {
    const context = await browser.newContext({ locale, reducedMotion: "reduce" });
    if (person) await enter(context, person);
    for (const name of Object.keys(scenes)) await take(context, locale, name, scenes);
    await context.close();
  }
  for (const name of Object.keys(scenes)) {
    await sheet(name, "wide");
    await sheet(name, "narrow");
  }
});
