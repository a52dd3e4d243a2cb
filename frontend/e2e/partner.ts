/** What somebody does at another provider, and at the service that lets accounts of it in. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { linkTo, logIn, PASSWORD, register, stage } from "./browser";

let people = 0;
export const somebody = (domain = "example.com"): string => `noor.${process.pid}.${++people}@${domain}`;

/** Go to a provider from the log-in page. */
export async function leave(page: Page, name = "Corp"): Promise<void> {
  await page.goto(`${stage.partner}/login`);
  await page.getByRole("button", { name: `Continue with ${name}` }).click();
}

/** Log in at the provider, and let it tell who one is; it remembers both. */
export async function consent(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(login);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue", exact: true }).click();
}

export interface Noted {
  what: string;
  response_type?: string;
  grant_type?: string;
  code_challenge_method?: string;
  given: string[];
}

export const noted = (path: string): Noted[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Noted);

/** Somebody with a password, whose address is confirmed, on the log-in page of the service with providers. */
export async function member(page: Page, name?: string) {
  const person = await register(name);
  await page.goto(await linkTo(person.email, "verify-email"));
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await page.getByText("Your address is confirmed.").waitFor();
  return person;
}

export async function signInHere(page: Page, person: { email: string; name: string; id: string }): Promise<void> {
  await page.goto(`${stage.partner}/login`);
  await logIn(page, person);
  await page.waitForURL(`${stage.partner}/dashboard`);
}

/** Show again who one is, with the password. */
export async function confirm(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Confirm that it’s you" });
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Continue" }).click();
}
