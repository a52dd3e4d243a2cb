/** Logging in by mail: the code where it was asked for, the link where it is pressed. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launch, picture, register, signedIn, stage, type Person } from "../browser";

interface Letter {
  to: string;
  subject: string;
  text: string;
}

/** The newest letter to log in with that somebody has. */
async function letterTo(person: Person): Promise<string> {
  for (;;) {
    const answer = await fetch(`${stage.normal}/api/dev/mail`, { headers: { Accept: "application/json" } });
    const letters = (await answer.json()) as Letter[];
    const found = letters.find(({ to, subject }) => to === person.email && subject.startsWith("Log in to"));
    if (found) return found.text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const codeIn = (text: string): string => /\b\d{6}\b/.exec(text)?.[0] ?? "";
const linkIn = (text: string): string =>
  `${stage.normal}/login/link${/\/login\/link(#token=\S+)/.exec(text)?.[1] ?? ""}`;

describe("logging in by mail", () => {
  let browser: Browser;
  let contexts: BrowserContext[];
  let ada: Person;

  const visit = async (options: { width: number; height: number } = { width: 1280, height: 800 }): Promise<Page> => {
    const context = await browser.newContext({ viewport: options, reducedMotion: "reduce" });
    contexts.push(context);
    return context.newPage();
  };
  const ask = async (page: Page): Promise<string> => {
    await page.goto(`${stage.normal}/login`);
    await page.getByRole("button", { name: "Log in by e-mail" }).waitFor();
    await picture(page, "login-by-mail-desktop");
    await page.getByRole("button", { name: "Log in by e-mail" }).click();
    await page.getByLabel("E-mail").fill(ada.email);
    await page.getByRole("button", { name: "Send the e-mail" }).click();
    await page.getByLabel("Code").waitFor();
    return letterTo(ada);
  };

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    contexts = [];
    ada = await register();
    return () => Promise.all(contexts.map((context) => context.close()));
  });

  test("with the code, after a wrong one and a page that was loaded anew", async () => {
    const page = await visit();
    const code = codeIn(await ask(page));
    await picture(page, "login-mail-code-desktop");
    await page.getByLabel("Code").fill(code === "000000" ? "000001" : "000000");
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await page.getByText("This code is not valid.").waitFor();
    await picture(page, "login-mail-wrong-desktop");
    await page.reload();
    await page.getByLabel("Code").fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await signedIn(page);
  });

  test("with the link on the phone: the phone is in, the laptop isn't", async () => {
    const [laptop, phone] = await Promise.all([visit(), visit({ width: 390, height: 844 })]);
    const letter = await ask(laptop);
    await phone.goto(linkIn(letter));
    await phone.getByText(ada.email).waitFor();
    expect(phone.url()).not.toContain("token");
    await picture(phone, "login-link-press-phone");
    await phone.getByRole("button", { name: "Log in", exact: true }).click();
    await signedIn(phone);
    await laptop.getByLabel("Code").fill(codeIn(letter));
    await laptop.getByRole("button", { name: "Log in", exact: true }).click();
    await laptop.getByText("That log-in is over").waitFor();
    await picture(laptop, "login-mail-over-desktop");
  });

  test("a link that was used is no good, and says so", async () => {
    const [first, second] = await Promise.all([visit(), visit()]);
    const link = linkIn(await ask(first));
    await first.goto(link);
    await first.getByRole("button", { name: "Log in", exact: true }).click();
    await signedIn(first);
    await second.goto(link.replace(/.$/, (last) => (last === "A" ? "B" : "A")));
    await second.getByText("This link is no good any more").waitFor();
  });
});
