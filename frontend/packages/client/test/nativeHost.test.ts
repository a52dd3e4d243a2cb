// @vitest-environment node
/** A client without a page: what shares its storage, a clock that is wrong, a log-out offline, a user who comes back. */
import { expect, it, vi } from "vitest";
import { StorageError } from "../src/native";
import { kept as keychain } from "./recipes/telephone/expo-secure-store";
import { become } from "./recipes/telephone/react-native";
import { KEY, ADA, LOGOUT, service, stored, open, storage, app, passing, within, signedIn, me } from "./telephone";

it("two instances on one storage go on with each other's tokens", async () => {
  const first = await signedIn();
  const second = app();
  await passing(50);
  for (const client of [first, second, second, first, first]) {
    service.expire();
    expect(await within(me(client))).toMatchObject({ email: ADA });
  }
  service.expire();
  const both = await within(Promise.all([me(first), me(second)]), 5_000);
  expect(both).toMatchObject([{ email: ADA }, { email: ADA }]);
  expect(service.sessions.size).toBe(1);
  expect(service.sessions.has("s1")).toBe(true);
});

it("two instances: logged out in one, the other finds that out; another user's session is another one there too", async () => {
  const first = await signedIn();
  const second = app();
  await passing(50);
  await within(first.logout());
  expect(await within(me(second))).toMatchObject({ status: 401 });
  expect(second.getState().status).toBe("signed_out");
  await within(first.login("bob@example.com", "correct horse battery"));
  await within(second.getAccessToken({ fresh: true }));
  await passing(50);
  expect(second.getState()).toMatchObject({ status: "signed_in", user: { email: "bob@example.com" } });
});

it("a clock that is two hours wrong, or is put right meanwhile, does no harm", async () => {
  const now = Date.now();
  vi.setSystemTime(now + 2 * 3_600_000);
  const client = await signedIn();
  expect(await within(me(client))).toMatchObject({ email: ADA });
  vi.setSystemTime(now);
  expect(await within(me(client))).toMatchObject({ email: ADA });
  vi.setSystemTime(now + 4 * 3_600_000);
  expect(await within(me(client))).toMatchObject({ email: ADA });
  service.expire();
  vi.setSystemTime(now - 2 * 3_600_000);
  expect(await within(me(client))).toMatchObject({ email: ADA });
  expect(service.sessions.size).toBe(1);
});

it("logged out without a network, nothing is stored any more, and the service hears of it when it can", async () => {
  let wake: (() => void) | undefined;
  const stopped = vi.fn();
  const client = await signedIn({
    onWake: (woken) => {
      wake = woken;
      return stopped;
    },
  });
  service.away = true;
  expect(await within(client.logout(), 1_000)).toBe(false);
  expect([...stored]).toEqual([]);
  expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out", pending: true });
  service.away = false;
  wake?.();
  await passing(50);
  expect(service.calls.at(-1)).toMatchObject({ path: LOGOUT, body: '{"refresh_token":"lkr.s1.1"}' });
  expect(service.sessions.size).toBe(0);
  expect(client.getState()).toMatchObject({ status: "signed_out", pending: false });
  client.stop();
  expect(stopped).toHaveBeenCalledOnce();
});

it("what can't be deleted is deleted later, and opens nothing until then", async () => {
  let fails = true;
  const works = storage();
  const stuck = storage({ removeItem: (key) => (fails ? Promise.reject(new Error("Busy")) : works.removeItem(key)) });
  let wake: (() => void) | undefined;
  const client = await signedIn({ storage: stuck, onWake: (woken) => void (wake = woken) });
  service.away = true;
  void client.logout();
  await passing(1_000);
  expect(stored.size).toBe(1);
  service.away = false;
  expect(await within(me(client), 20_000)).toBeInstanceOf(StorageError);
  expect(client.getState().status).toBe("signed_out");
  fails = false;
  wake?.();
  await passing(50);
  expect(stored.size).toBe(0);
});

it("what is still to be deleted takes no newer log-in along", async () => {
  let fails = true;
  const works = storage();
  let wake: (() => void) | undefined;
  const client = await signedIn({
    storage: storage({
      removeItem: (key) => (fails ? Promise.reject(new Error("Busy")) : works.removeItem(key)),
      setItem: async (key, value) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        stored.set(key, value);
      },
    }),
    onWake: (woken) => void (wake = woken),
  });
  await within(client.logout());
  expect(stored.size).toBe(1);
  fails = false;
  const entering = client.login("bob@example.com", "correct horse battery");
  await passing(50); // on its way into the storage
  wake?.();
  await passing(500);
  expect(await entering).toMatchObject({ id: "bob@example.com" });
  expect(service.sessions.get(stored.get(KEY)?.split(".")[1] ?? "")).toMatchObject({ sub: "bob@example.com" });
});

it("a keychain that was locked at the start is tried at once when the user is back", async () => {
  stored.set(KEY, "lkr.s1.1");
  service.sessions.set("s1", { sub: ADA, gen: 1, ack: 1 });
  let locked = true;
  let wake: (() => void) | undefined;
  const works = storage();
  const client = app({
    storage: storage({ getItem: (key) => (locked ? Promise.reject(new Error("Locked")) : works.getItem(key)) }),
    onWake: (woken) => void (wake = woken),
  });
  await passing(10_000);
  expect(client.getState()).toMatchObject({ status: "loading", problem: { name: "StorageError" } });
  locked = false;
  wake?.();
  await passing(50);
  expect(client.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
});

it("is renewed when the user is back after a sleep, ahead of the first call", async () => {
  let wake: (() => void) | undefined;
  await signedIn({ onWake: (woken) => void (wake = woken) });
  vi.setSystemTime(Date.now() + 3_600_000); // timers slept
  expect(service.count("/api/auth/refresh")).toBe(0);
  wake?.();
  await passing(50);
  expect(service.count("/api/auth/refresh")).toBe(1);
});

it("what its caller gives up rejects with an error, also where signals know no reasons", async () => {
  const client = await signedIn({
    fetch: ((url: string, init: RequestInit) =>
      url.endsWith("/health") ? new Promise(() => undefined) : service.fetch(url, init)) as typeof fetch,
  });
  const control = new AbortController();
  const called = within(client.open("GET", "/api/health", { signal: control.signal }));
  control.abort();
  expect(await called).toBeInstanceOf(Error);
  expect(await within(client.open("GET", "/api/health"), 16_000)).toMatchObject({ name: "NetworkError", late: true });
});

it("the recipe of docs/react-native.md: in the keychain, of this device alone, awake when the application is", async () => {
  vi.stubGlobal("fetch", service.fetch);
  const { client } = await import("./recipes/native");
  open.push(client);
  await passing(50);
  await within(client.login(ADA, "correct horse battery"));
  const kept = [...keychain].map(([key, { value, options }]) => [key, value, options]);
  expect(kept).toEqual([[KEY, "lkr.s1.1", { keychainAccessible: 1 }]]);
  vi.setSystemTime(Date.now() + 3_600_000);
  become("background");
  become("active");
  await passing(50);
  expect(keychain.get(KEY)?.value).toBe("lkr.s1.2");
  await within(client.logout());
  expect([...keychain]).toEqual([]);
  client.stop();
  expect(become("active")).toBe(0);
});
