/** Five tabs, access tokens of three seconds: nobody is logged out, and there is never more than one refresh at a time. */
import { expect, test } from "vitest";
import { launch, openTab, Refreshes, register, signedIn, signIn, stage } from "../browser";

/** How long; ten minutes once in a while, by hand: `SECONDS=600 npm run e2e -w e2e -- tabs`. */
const SECONDS = Number(process.env.SECONDS ?? 45);

test(`five tabs for ${SECONDS} seconds`, { timeout: (SECONDS + 60) * 1000 }, async () => {
  const browser = await launch();
  const context = await browser.newContext();
  const first = await context.newPage();
  await signIn(first, await register("Rosa Five"), stage.brief);
  const refreshes = new Refreshes(context);
  const tabs = [first];
  for (const path of ["/dashboard", "/devices", "/profile", "/activity"]) {
    tabs.push(await openTab(context, path, stage.brief));
  }
  const refused: string[] = [];
  context.on("response", (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
  });
  const until = Date.now() + SECONDS * 1000;
  for (let turn = 0; Date.now() < until; turn++) {
    // People click, now in one tab, now in all at once.
    const busy = turn % 3 === 0 ? tabs : [tabs[turn % tabs.length] ?? first];
    await Promise.all(
      busy.map(async (tab) => {
        await tab.getByRole("link", { name: turn % 2 ? "Devices" : "Activity", exact: true }).click();
        await tab.getByRole("main").getByRole("listitem").first().waitFor();
      }),
    );
    await first.waitForTimeout(700);
  }
  await Promise.all(tabs.map(signedIn));
  const most = await refreshes.most();
  const summary = `${refreshes.count} refreshes in ${SECONDS} s, at most ${most} at once`;
  console.log([summary, ...refused].join("\n"));
  expect(most).toBe(1);
  expect(await refreshes.all()).toEqual(new Set([200]));
  expect(refused).toEqual([]);
  // One for all tabs every three seconds, and not one for each.
  expect(refreshes.count).toBeLessThan(SECONDS * 1.2);
  await browser.close();
});
