/** A second step, from setting it up to being let in by a recovery code; on a service that wants a proof for each sensitive call. */
import { readFile } from "node:fs/promises";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, launch, linkTo, logIn, logOut, PASSWORD, picture, register, signIn, stage } from "../browser";

const PHONE = { width: 390, height: 844 };

async function inside(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, page.url()).toBeLessThanOrEqual(0);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(found).toEqual([]);
}

describe("a second step", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test("is set up, and asked for: by the app, by a recovery code, at the log-in and over a page", async () => {
    const ada = await register();
    const page = await (await browser.newContext({ viewport: PHONE, reducedMotion: "reduce" })).newPage();
    await page.goto(await linkTo(ada.email, "verify-email"));
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByText("Your address is confirmed.").waitFor();
    await signIn(page, ada, stage.strict);

    await page.goto(`${stage.strict}/security`);
    await page.getByRole("button", { name: "Set up an app" }).click();
    const dialog = page.getByRole("dialog", { name: "Confirm that it’s you" });
    await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Continue" }).click();
    const secret = (await page.locator("dd code").innerText()).replace(/ /g, "");
    await picture(page, "factors-set-up-390");
    await inside(page);
    await page.getByLabel("Code of the app").fill(codeOf(secret));
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    const list = page.getByRole("list", { name: "Recovery codes" });
    await list.waitFor();
    const codes = await list.getByRole("listitem").allInnerTexts();
    expect(codes).toHaveLength(10);
    await picture(page, "factors-codes-390");
    await inside(page);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download", exact: true }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe("latchkey-recovery-codes.txt");
    expect((await readFile(await file.path(), "utf8")).trim().split("\n")).toEqual(codes);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await logOut(page);

    // The app's next code: the one it was set up with is used up, and this one is good for longer than a slow page takes.
    await page.goto(`${stage.strict}/login`);
    await logIn(page, ada);
    await page.getByLabel("Code of the app").waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("one-time-code");
    await picture(page, "factors-log-in-390");
    await inside(page);
    await page.getByLabel("Code of the app").fill(codeOf(secret, 1));
    await page.getByLabel("Don’t ask on this device for a while").check();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/dashboard");

    // Over a page, by a recovery code.
    await page.goto(`${stage.strict}/security`);
    await page.getByRole("button", { name: "Make new ones" }).click();
    await dialog.getByRole("button", { name: "Use a recovery code" }).click();
    await dialog.getByLabel("Recovery code").fill(codes[0] ?? "");
    await picture(page, "factors-step-up-390", { fullPage: false });
    await inside(page);
    await dialog.getByRole("button", { name: "Continue" }).click();
    await list.waitFor();
    const newer = await list.getByRole("listitem").allInnerTexts();
    expect(newer).not.toEqual(codes);
    await logOut(page);

    // New recovery codes have ended the trust: the step is asked for, and one of them does it.
    await page.goto(`${stage.strict}/login`);
    await logIn(page, ada);
    await page.getByRole("button", { name: "Use a recovery code" }).click();
    await page.getByLabel("Recovery code").fill(codes[1] ?? "");
    await page.keyboard.press("Enter");
    await page.getByText("This code is not valid.").waitFor();
    await page.getByLabel("Recovery code").fill(newer[0] ?? "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/dashboard");
    await page.context().close();
  });
});
