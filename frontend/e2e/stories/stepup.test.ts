/** Where the password is wanted for each sensitive call, people get through: once asked, once done. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, operate, PASSWORD, register, signIn, stage } from "../browser";

async function confirm(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Confirm that it’s you" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.waitFor({ state: "detached" });
}

describe("a service that asks every time", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test("an administrator makes an account, another administrator, and deletes them", async () => {
    const root = { email: `root.strict.${process.pid}@example.com`, name: "", id: "" };
    const [ada] = await Promise.all([register(), operate("superuser", `${root.email}\n${PASSWORD}`)]);
    const page = await (await browser.newContext()).newPage();
    await signIn(page, root, stage.strict);

    await page.goto(`${stage.strict}/admin/users/new`);
    await page.getByLabel("E-mail").fill(`new.${ada.email}`);
    await page.getByRole("button", { name: "Create user" }).click();
    await confirm(page);
    await page.getByText(`new.${ada.email} has an account.`).waitFor();

    await page.goto(`${stage.strict}/admin/users/${ada.id}`);
    await page.getByRole("button", { name: "Make administrator" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make administrator" }).click();
    await confirm(page);
    await page.getByText("The user is an administrator.").waitFor();

    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
    await page.getByText("The user is disabled.").waitFor();

    await page.getByRole("button", { name: "Delete user" }).click();
    await page.getByLabel("E-mail address of the user").fill(ada.email);
    await page.getByRole("button", { name: "Delete for good" }).click();
    await confirm(page);
    await page.getByText(`${ada.email} is deleted.`).waitFor();
    await page.context().close();
  });

  test("a user takes their data with them, and goes", async () => {
    const ada = await register();
    const page = await (await browser.newContext()).newPage();
    await signIn(page, ada, stage.strict);
    await page.goto(`${stage.strict}/your-data`);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download a copy" }).click();
    await confirm(page);
    expect((await download).suggestedFilename()).toBe("latchkey-export.json");
    await page.getByRole("button", { name: "Delete my account" }).click();
    await page.getByRole("button", { name: "Delete for good" }).click();
    await confirm(page);
    await page.waitForURL("**/login");
    await page.context().close();
  });
});
