/** Logging in with a passkey, as stories do it. */
import type { Page } from "playwright-core";

export const withPasskey = (page: Page) => page.getByRole("button", { name: "Log in with a passkey" });

/** Press the button, until what comes of it; a slow browser asks the device only now for what the field offers, and that logs in too. */
export async function press(page: Page, outcome: Promise<unknown>): Promise<void> {
  const pressed = withPasskey(page).click({ timeout: 10_000 });
  await Promise.all([outcome, pressed.catch(() => undefined)]);
}

/** What is announced as wrong. */
export const shouted = (page: Page) => page.getByRole("alert").filter({ hasText: /./ });

/** Until the field offers passkeys: the page has asked the service what to ask the browser for. */
export async function offered(page: Page, visit: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForResponse("**/api/auth/passkeys/options"), visit()]);
  await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
}
