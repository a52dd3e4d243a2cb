/** A browser that signs no more for a while: nobody is logged out by that, and nobody is stuck. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SECONDS, sleep, until, type Listed } from "../bound";
import {
  callsAs,
  confirmAddress,
  letterTo,
  logIn,
  logOut,
  picture,
  register,
  signedIn,
  signIn,
  stage,
} from "../browser";
import { front, profile, told } from "../front";
import { consent, somebody } from "../partner";

const LONG = 300_000;

/** Somebody's link to log in, in a letter that they have asked for elsewhere. */
async function linkFor(email: string): Promise<string> {
  await fetch(`${stage.normal}/api/auth/email/start`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email }),
  });
  return `${stage.rationed}/login/link${await letterTo(email, /\/login\/link(#token=\S+)/)}`;
}

/** A browser signs again when nine minutes are over; waited for by hand: `SECONDS=600`. */
const RATION = 540_000;

test("nobody is logged out where a browser signs no more for a while", { timeout: LONG + RATION }, async () => {
  const seen = await front(stage.rationed, stage.behind.rationed);
  const directory = mkdtempSync(join(tmpdir(), "profile-busy-"));
  let context = await profile("busy", { rationed: true, directory, keeps: true });
  let page = context.pages()[0] ?? (await context.newPage());
  const person = await register("Bea Busy");
  await confirmAddress(person); // else a link to log in would take the password away
  const began = Date.now();
  await signIn(page, person, stage.rationed);
  const skipped = () => seen.of("busy", "refresh").filter(({ sent }) => "secure-session-skipped" in sent);
  const refused = () => skipped().filter(({ status }) => status !== 200);
  const asked = () => page.getByRole("heading", { name: /^Log in( again)?$/ }).count();
  await until(() => refused().length > 0, 100_000);
  // It has a good while of its own, and the page stays as it is.
  await sleep(20_000);
  await picture(page, "bound-rationed-1280");
  expect(await asked()).toBe(0);
  await signedIn(page);
  await page.reload();
  await page.getByText("We keep trying").waitFor();
  await picture(page, "bound-rationed-reload-1280");
  expect(await asked()).toBe(0);
  const sessions = (await (await callsAs(person))("GET", "/sessions")) as Listed[];
  expect(sessions.filter((one) => one.bound === "dbsc")).toHaveLength(1);
  for (const { status, answered } of refused()) expect([status, answered["retry-after"]]).toEqual([403, "90"]);
  if (SECONDS * 1000 > RATION) {
    await sleep(began + RATION + 5000 - Date.now());
    await page.getByRole("button", { name: /, account menu$/ }).waitFor({ timeout: 120_000 }); // by itself
  }
  // Whoever logs in now is in, and isn't bound: the browser doesn't sign for that either. Nobody is stuck.
  const tab = await context.newPage();
  if (SECONDS * 1000 <= RATION) {
    await tab.goto(`${stage.rationed}/devices`);
    await tab.getByText("We keep trying").waitFor();
    await picture(tab, "bound-rationed-tab-1280");
    const tried = seen.of("busy", "device").length;
    const goesOn = async (): Promise<void> => {
      await signedIn(tab);
      const since = Date.now();
      await sleep(15_000);
      for (const one of [tab, page]) {
        await one.bringToFront();
        await one.goto(`${stage.rationed}/devices`);
        await signedIn(one);
      }
      const refreshes = seen.of("busy", "refresh").filter(({ at }) => at > since);
      expect(new Set(refreshes.map(({ status }) => status))).toEqual(new Set([200]));
      expect(seen.of("busy", "device").length).toBe(tried);
    };
    await tab.goto(await linkFor(person.email));
    await tab.getByRole("button", { name: "Log in", exact: true }).click();
    await goesOn();
    const unbound = (await (await callsAs(person))("GET", "/sessions")) as Listed[];
    expect(unbound.filter((one) => one.bound)).toEqual([]);

    await logOut(tab);
    await tab.getByRole("button", { name: "Continue with Corp" }).click();
    await consent(tab, somebody());
    await goesOn();

    await logOut(tab);
    await tab.getByLabel("E-mail").waitFor();
    await logIn(tab, person);
    await goesOn();

    // The next that it may sign for is bound: it counts from when it was started.
    await context.close();
    context = await profile("busy", { rationed: true, directory, keeps: true });
    page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${stage.rationed}/dashboard`);
    await signedIn(page);
    await logOut(page);
    await page.getByLabel("E-mail").waitFor();
    await logIn(page, person);
    await signedIn(page);
    await until(() => seen.of("busy", "device").some(({ status, at }) => status === 200 && at > began + 60_000));
  }
  console.log(told(seen.passed.filter(({ path }) => /device|refresh|login/.test(path))));
  await context.close();
  rmSync(directory, { recursive: true, force: true });
  await seen.close();
});
