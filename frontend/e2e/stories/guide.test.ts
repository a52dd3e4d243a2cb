/** The guide's own services, typed in unchanged, in a browser, from another origin: bearer mode. */
import { build } from "esbuild";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launch, PASSWORD, Refreshes, register, stage, type Person } from "../browser";

const FRONT_END = stage.elsewhere;

interface User {
  email: string;
  full_name: string;
}

/** What the page has in `window.guide`. */
interface Guide {
  authService: {
    login(data: { email: string; password: string }): Promise<unknown>;
    register(data: { email: string; password: string; full_name?: string }): Promise<User>;
    getCurrentUser(): Promise<User>;
    refreshToken(): Promise<unknown>;
    logout(): Promise<void>;
    isAuthenticated(): boolean;
  };
  userService: {
    getMe(): Promise<User>;
    updateMe(data: { full_name?: string; password?: string }): Promise<User>;
    getUserById(id: string): Promise<User>;
  };
}
declare const guide: Guide;

async function bundle(api: string): Promise<string> {
  const built = await build({
    entryPoints: [fileURLToPath(new URL("../guide/page.ts", import.meta.url))],
    bundle: true,
    write: false,
    define: { "process.env.REACT_APP_API_URL": JSON.stringify(`${api}/api`) },
    tsconfigRaw: {},
  });
  return built.outputFiles[0]?.text ?? "";
}

describe("the guide's services", () => {
  let browser: Browser;
  let context: BrowserContext;
  let person: Person;
  let refreshes: Refreshes;

  beforeAll(async () => {
    const [launched, script] = await Promise.all([launch(), bundle(stage.brief)]);
    browser = launched;
    const server = createServer((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(Number(new URL(FRONT_END).port), "127.0.0.1", resolve));
    return async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    };
  });

  beforeEach(async () => {
    person = await register("Grace Hopper");
    context = await browser.newContext();
    refreshes = new Refreshes(context);
    return () => context.close();
  });

  async function open(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${FRONT_END}/`);
    return page;
  }

  const logIn = (page: Page) =>
    page.evaluate(([email, password]) => guide.authService.login({ email, password }), [
      person.email,
      PASSWORD,
    ] as const);

  test("register, log in, read and change the profile, log out", async () => {
    const page = await open();
    const email = `new.${person.email}`;
    const names = await page.evaluate(
      async ([email, password]) => {
        const { authService, userService } = guide;
        const made = await authService.register({ email, password, full_name: "Grace" });
        await authService.login({ email, password });
        const me = await authService.getCurrentUser();
        const changed = await userService.updateMe({ full_name: "Admiral Hopper" });
        const again = await userService.getMe();
        return [made.email, me.full_name, changed.full_name, again.full_name];
      },
      [email, PASSWORD] as const,
    );
    expect(names).toEqual([email, "Grace", "Admiral Hopper", "Admiral Hopper"]);
    const left = await page.evaluate(async () => {
      await guide.authService.logout();
      return [guide.authService.isAuthenticated(), localStorage.length];
    });
    expect(left).toEqual([false, 0]);
  });

  test("a wrong password is told, and starts no refresh", async () => {
    const page = await open();
    const detail = await page.evaluate(
      (email) =>
        guide.authService
          .login({ email, password: "wrong password" })
          .catch((error: unknown) => (error as { response: { data: { detail: string } } }).response.data.detail),
      person.email,
    );
    expect(detail).toBe("Incorrect email or password");
    expect(refreshes.count).toBe(0);
  });

  test("two tabs with eight calls each, access token expired in both: both continue", async () => {
    const [first, second] = await Promise.all([open(), open()]);
    await logIn(first);
    // Expired by its own claims: three seconds, and the minute that verifiers allow... which none of ours does for exp.
    await first.waitForTimeout(3_200);
    const eight = (page: Page) =>
      page.evaluate(async () => {
        const found = await Promise.all(Array.from({ length: 8 }, () => guide.userService.getMe()));
        return found.map((user) => user.email);
      });
    const answers = await Promise.all([eight(first), eight(second)]);
    expect(new Set(answers.flat())).toEqual(new Set([person.email]));
    expect(await refreshes.all()).toEqual(new Set([200]));
    expect([new URL(first.url()).pathname, new URL(second.url()).pathname]).toEqual(["/", "/"]);
    // And what is stored by whoever came last is good.
    await first.waitForTimeout(3_200);
    expect(await first.evaluate(() => guide.userService.getMe())).toMatchObject({ email: person.email });
  });

  test("a session that is over leads to the log-in page", async () => {
    const page = await open();
    await logIn(page);
    await page.evaluate(async (api) => {
      const token = localStorage.getItem("access_token") ?? "";
      await fetch(`${api}/api/auth/logout`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    }, stage.brief);
    await page.evaluate(() => guide.userService.getMe().catch(() => undefined)).catch(() => undefined);
    await page.waitForURL(`${FRONT_END}/login`);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });
});
