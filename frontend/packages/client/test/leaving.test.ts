/** Logging out while the service is away: it is done here at once, and there as soon as it can be. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatchkeyClient, storageKeeper, type Options } from "../src/index";
import { withTabs } from "./browser";
import { problem, Service } from "./service";

let service: Service;
let away: boolean;
let open: LatchkeyClient[];

beforeEach(() => {
  vi.useFakeTimers();
  service = new Service();
  service.signedIn = true;
  away = false;
  open = [];
  withTabs();
  localStorage.clear();
});

afterEach(() => {
  for (const client of open) client.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const LOGOUT = "/api/auth/logout";

async function tab(options: Options = {}): Promise<LatchkeyClient> {
  const client = new LatchkeyClient({
    stream: false,
    fetch: ((url: string, init: RequestInit) => {
      if (!away) return service.fetch(url, init);
      service.calls.push({ method: "", path: `away ${url}`, query: "", headers: new Headers(), body: {} });
      return Promise.reject(new TypeError("Failed to fetch"));
    }) as typeof fetch,
    ...options,
  });
  open.push(client);
  client.start();
  await vi.advanceTimersByTimeAsync(50);
  return client;
}

it("is done at once, also in the other tabs, and says that the service hasn't heard", async () => {
  const [client, other] = [await tab(), await tab()];
  away = true;
  const told = client.logout();
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  await vi.advanceTimersByTimeAsync(1);
  expect(other.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  expect(await told).toBe(false);
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out", pending: true });
});

it("is told by itself when the service is back", async () => {
  const client = await tab();
  away = true;
  expect(await client.logout()).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.count(LOGOUT)).toBe(0);
  away = false;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(service.count(LOGOUT)).toBe(1);
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out", pending: false });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.count(LOGOUT)).toBe(1);
});

it("is told at once when the network says that it is back", async () => {
  const client = await tab();
  away = true;
  await client.logout();
  away = false;
  window.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(10);
  expect(service.count(LOGOUT)).toBe(1);
});

it("is not undone by a reload: the cookie is there still, and brings nobody back", async () => {
  const client = await tab();
  away = true;
  await client.logout();
  client.stop();
  const reloaded = await tab();
  expect(reloaded.getState()).toEqual({ status: "signed_out", reason: "logged_out", pending: true });
  away = false;
  service.calls.length = 0;
  const refused = expect(reloaded.call("GET", "/api/users/me")).rejects.toMatchObject({ status: 401 });
  await vi.advanceTimersByTimeAsync(50);
  await refused;
  expect(service.calls.map(({ path }) => path)).toEqual([LOGOUT, "/api/auth/refresh", "/api/users/me"]);
  expect(reloaded.getState()).toMatchObject({ status: "signed_out" });
});

it("is not undone by a tab that slept", async () => {
  const client = await tab();
  vi.stubGlobal("BroadcastChannel", undefined);
  const asleep = await tab();
  away = true;
  await client.logout();
  away = false;
  service.expire();
  const refused = expect(asleep.call("GET", "/api/users/me")).rejects.toMatchObject({ status: 401 });
  await vi.advanceTimersByTimeAsync(50);
  await refused;
  expect(service.count(LOGOUT)).toBe(1);
  expect(asleep.getState().status).toBe("signed_out");
});

it("is not told any more when somebody has logged in: the cookie is theirs", async () => {
  const [client, other] = [await tab(), await tab()];
  away = true;
  await client.logout();
  away = false;
  await other.login("bob@example.com", "correct horse battery");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.count(LOGOUT)).toBe(0);
  expect(other.getState().status).toBe("signed_in");
});

it("tells with the refresh token itself, where that is in a storage, and leaves nothing there", async () => {
  const stored = new Map([["token", "lkr_old"]]);
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const client = await tab({ keeper: storageKeeper(storage, "token") });
  away = true;
  await client.logout();
  expect(stored.size + localStorage.length).toBe(0);
  away = false;
  await client.login("bob@example.com", "correct horse battery");
  await vi.advanceTimersByTimeAsync(31_000);
  expect(service.calls.find(({ path }) => path === LOGOUT)?.body).toEqual({ refresh_token: "lkr_old" });
  expect(client.getState().status).toBe("signed_in");
});

it("works where no storage is to be had", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const client = await tab();
  away = true;
  await client.logout();
  away = false;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(service.count(LOGOUT)).toBe(1);
});

it("is over when the service says that nobody was signed in", async () => {
  const client = await tab({
    fetch: ((url: string, init: RequestInit) =>
      url.endsWith("/logout")
        ? Promise.resolve(problem(401, { code: "not_authenticated" }))
        : service.fetch(url, init)) as typeof fetch,
  });
  expect(await client.logout()).toBe(true);
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
});
