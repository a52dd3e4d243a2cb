/** Swagger UI's "Authorize": somebody logs in with their password, as OAuth 2 has it, and tries a call. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, PASSWORD, picture as pictureOf, register, stage } from "../browser";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

const picture = (page: Page, name: string) => pictureOf(page, `swagger-${name}`, { fullPage: false });

/** Of the dialog's two ways, the one by password. */
const way = (page: Page) => page.locator(".auth-container").filter({ hasText: "Token URL" });

async function authorize(page: Page, username: string, password: string): Promise<void> {
  await page.locator("#oauth_username").fill(username);
  await page.locator("#oauth_password").fill(password);
  await way(page).getByRole("button", { name: "Apply given OAuth2 credentials" }).click();
}

test("logs in by the oauth2 dialog, tries a call as oneself, and is told of a wrong password", async () => {
  const ada = await register();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const asked: [path: string, grant: string | null][] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === "POST") {
      asked.push([pathname, new URLSearchParams(request.postData() ?? "").get("grant_type")]);
    }
  });
  await page.goto(`${stage.normal}/api/docs`);
  await page.getByRole("button", { name: "Authorize" }).first().click();
  await way(page).getByText("/oauth/token").waitFor();

  await authorize(page, ada.email, "a wrong password");
  await way(page).getByText("Incorrect email or password").waitFor();
  expect(await way(page).innerText()).toContain("invalid_grant");
  await picture(page, "wrong-password");

  await authorize(page, ada.email, PASSWORD);
  await way(page).getByText("Authorized", { exact: true }).waitFor();
  await picture(page, "authorized");
  expect(asked).toEqual([
    ["/oauth/token", "password"],
    ["/oauth/token", "password"],
  ]);
  await way(page).getByRole("button", { name: "Close" }).click();

  const me = page
    .locator(".opblock")
    .filter({ has: page.locator('[data-path="/api/users/me"]') })
    .first();
  await me.locator(".opblock-summary-control").click();
  await me.getByRole("button", { name: "Try it out" }).click();
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === "/api/users/me");
  await me.getByRole("button", { name: "Execute" }).click();
  const response = await answered;
  expect([response.status(), ((await response.json()) as { email: string }).email]).toEqual([200, ada.email]);
  await me.locator(".live-responses-table .response-col_status").filter({ hasText: "200" }).waitFor();
  await me.locator(".live-responses-table").scrollIntoViewIfNeeded();
  await picture(page, "tried");
  await context.close();
}, 60_000);
