/** A service that doesn't allow this page looks like no network to a script. Its developer is told what it may be. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { withTabs } from "./browser";

const SERVICE = "https://id.example.com";
const stops: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules(); // another page
  withTabs();
});

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** What a page of the service at `baseUrl` says in the console within a minute. */
async function said(baseUrl: string, answer: () => Promise<Response>): Promise<unknown[]> {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { LatchkeyClient } = await import("../src/index");
  for (const name of ["one", "two"]) {
    const client = new LatchkeyClient({ baseUrl, name, stream: false, fetch: answer });
    stops.push(() => client.stop());
    client.start();
  }
  await import("../src/hint"); // it is loaded when it is needed
  await vi.advanceTimersByTimeAsync(60_000);
  return warn.mock.calls.map(([text]: unknown[]) => text);
}

const refused = () => Promise.reject(new TypeError("Failed to fetch"));

it("names the setting and this page's origin, once in a page", async () => {
  vi.stubGlobal("navigator", { onLine: true });
  expect(await said(SERVICE, refused)).toEqual([
    `No answer from ${SERVICE}. If it runs, its BACKEND_CORS_ORIGINS may lack ${window.location.origin}.`,
  ]);
});

it.each([
  ["the service is of this origin", "", true, refused],
  ["it is this origin, by its name", window.location.origin, true, refused],
  ["there is no network", SERVICE, false, refused],
  ["the service answers", SERVICE, true, () => Promise.resolve(new Response("", { status: 503 }))],
  ["it takes too long", SERVICE, true, () => new Promise<never>(() => undefined)],
] as const)("says nothing where %s", async (_, baseUrl, onLine, answer) => {
  vi.stubGlobal("navigator", { onLine });
  expect(await said(baseUrl, answer)).toEqual([]);
});
