/** An administrator at work: lists that are where they were, and nothing that is lost on the way. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callsAs, launch, operate, PASSWORD, picture, signIn, stage } from "../browser";

const MINE = `list${process.pid}`;
const COUNT = 45;

let browser: Browser;
let page: Page;

beforeAll(async () => {
  const root = { email: `root.list.${process.pid}@example.com`, name: "", id: "" };
  [browser] = await Promise.all([launch(), operate("superuser", `${root.email}\n${PASSWORD}`)]);
  const call = await callsAs(root);
  for (let number = 0; number < COUNT; number++) {
    const email = `${MINE}.${String(number).padStart(2, "0")}@example.com`;
    await call("POST", "/users", { email, full_name: number === 7 ? "=HYPERLINK(1)" : `Number ${number}` });
  }
  page = await (await browser.newContext({ reducedMotion: "reduce" })).newPage();
  await signIn(page, root);
});
afterAll(() => browser.close());

const emails = () => page.locator("tbody th a").allTextContents();
const numbered = (...numbers: number[]) =>
  numbers.map((number) => `${MINE}.${String(number).padStart(2, "0")}@example.com`);
const range = (from: number, to: number) =>
  Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => from + Math.sign(to - from) * index);
const shows = (...numbers: number[]) => expect.poll(emails, { timeout: 30_000 }).toEqual(numbered(...numbers));

test("a list is where it was left: search, filter, order and page", async () => {
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByLabel("Search").click();
  await page.keyboard.type(MINE.slice(0, 4));
  await page.waitForURL((url) => url.searchParams.get("q") === MINE.slice(0, 4));
  await page.keyboard.type(MINE.slice(4));
  await page.waitForURL((url) => url.searchParams.get("q") === MINE);
  await shows(...range(44, 25)); // the newest first
  await page.getByRole("button", { name: /^User/ }).click();
  await shows(...range(0, 19));
  expect(await page.locator("th[aria-sort=ascending]").textContent()).toContain("User");
  await page.getByLabel("Address").selectOption("Not confirmed");
  await page.getByRole("button", { name: "Next" }).click();
  await shows(...range(20, 39));
  await page.getByRole("button", { name: "Next" }).click();
  await shows(...range(40, 44));
  await page.getByText(`Page 3 · ${COUNT} users`).waitFor();

  // There and back: by the browser, by the page's own link, and loaded anew.
  await page.getByRole("link", { name: numbered(42)[0] ?? "", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: numbered(42)[0] ?? "" }).waitFor();
  await page.goBack();
  await shows(...range(40, 44));
  await page.getByRole("link", { name: numbered(42)[0] ?? "", exact: true }).click();
  await page.getByRole("main").getByRole("link", { name: "Users" }).click();
  await shows(...range(40, 44));
  await page.reload();
  await shows(...range(40, 44));
  expect(await page.getByLabel("Search").inputValue()).toBe(MINE);
  expect(await page.getByLabel("Address").inputValue()).toBe("false");
  await page.getByRole("button", { name: "Previous" }).click();
  await shows(...range(20, 39));
  await page.getByRole("button", { name: "Previous" }).click();
  await shows(...range(0, 19));

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByLabel("Order").selectOption("Newest first");
  await shows(...range(44, 25));
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await picture(page, "users-found-phone");
  await page.setViewportSize({ width: 1280, height: 800 });
});

test("a list is taken along as a file, and no cell of it is a formula", async () => {
  await page.goto(`${stage.normal}/admin/users?q=${MINE}&sort=email`);
  await shows(...range(0, 19));
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toBe("users.csv");
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + COUNT);
  expect(lines[0]?.startsWith('\uFEFF"id","email"')).toBe(true);
  expect(lines[8]).toContain('"\'=HYPERLINK(1)"');
  await page.getByRole("link", { name: "Events" }).click();
  await page.getByRole("listitem").filter({ hasText: "List of users downloaded" }).first().waitFor();
});

test("a user is helped, and nothing that is half typed is lost; and goes when the address is typed", async () => {
  const [email = ""] = numbered(3);
  await page.goto(`${stage.normal}/admin/users?q=${email}`);
  await page.getByRole("link", { name: email }).click();
  await page.getByLabel("Full name").fill("Half typ");
  await page.getByRole("button", { name: "Send the e-mail again" }).click();
  await page.getByText(`is on its way to ${email}`).waitFor();
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await page.getByText("The user is disabled.").waitFor();
  expect(await page.getByLabel("Full name").inputValue()).toBe("Half typ");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByText("Everything on record").click();
  await page.getByText("The account was made by an administrator.").waitFor();
  await picture(page, "user-explained");
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await picture(page, "user-explained-phone");
  await page.getByRole("button", { name: "Delete user" }).click();
  await page.getByLabel("E-mail address of the user").fill("somebody@example.com");
  await page.keyboard.press("Enter");
  await page.getByText("This is not the user’s e-mail address.").waitFor();
  await picture(page, "user-deleted-phone");
  await page.getByLabel("E-mail address of the user").fill(email);
  await page.keyboard.press("Enter");
  await page.getByText(`${email} is deleted.`).waitFor();
  await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
  expect(await page.getByLabel("Search").inputValue()).toBe(email);
  await page.getByText("Nobody found").waitFor();
});
