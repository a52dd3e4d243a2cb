// @vitest-environment node
/** A client without a page: a storage that takes its time or fails, an application that is killed in between. */
import { expect, it } from "vitest";
import { StorageError, type TokenStorage } from "../src/native";
import { KEY, ADA, service, stored, storage, app, passing, within, signedIn, me } from "./telephone";

it("signs in, and is there when the application is opened again; one secret is stored, and it is sent in no cookie", async () => {
  const client = await signedIn();
  expect([...stored]).toEqual([[KEY, "lkr.s1.1"]]);
  client.stop();
  const again = app();
  expect(again.getState().status).toBe("loading");
  await passing(50);
  expect(again.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
  expect([...stored]).toEqual([[KEY, "lkr.s1.2"]]);
  expect(service.calls.every(({ headers }) => !headers.has("x-session-transport"))).toBe(true);
  expect(await within(again.fetch("https://id.example.com/own"))).toMatchObject({ status: 200 });
  expect(await within(again.fetch("https://evil.test/"))).toMatchObject({
    message: "https://evil.test is not in origins",
  });
});

it("is nobody's, when nothing is stored", async () => {
  const client = app();
  await passing(50);
  expect(client.getState()).toEqual({ status: "signed_out" });
  expect(service.calls).toEqual([]);
});

it("calls that run at once refresh once", async () => {
  const client = await signedIn();
  service.expire();
  expect(await within(Promise.all(Array.from({ length: 8 }, () => me(client))))).toHaveLength(8);
  expect(service.count("/api/auth/refresh")).toBe(1);
});

it("killed between answer and storing, it is signed in all the same: nothing was done with what the answer gave", async () => {
  const client = await signedIn();
  const killed = app({ storage: storage({ setItem: () => new Promise(() => undefined) }) });
  void within(me(killed));
  await passing(100);
  expect(service.sessions.get("s1")?.gen).toBe(2);
  expect(stored.get(KEY)).toBe("lkr.s1.1");
  expect(service.sessions.get("s1")?.ack).toBe(1);
  for (const one of [client, killed]) one.stop();
  await passing(3_600_000);
  const again = app();
  await passing(50);
  expect(again.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
  expect(stored.get(KEY)).toBe("lkr.s1.2");
});

it("killed right after storing, it goes on with what is stored", async () => {
  const client = await signedIn();
  service.expire();
  const killed = app({
    fetch: ((url: string, init: RequestInit) =>
      url.includes("/refresh") ? service.fetch(url, init) : new Promise(() => undefined)) as typeof fetch,
  });
  await passing(50);
  for (const one of [client, killed]) one.stop();
  expect(stored.get(KEY)).toBe("lkr.s1.2");
  const again = app();
  await passing(50);
  expect(again.getState().status).toBe("signed_in");
});

it("a storage that fails ends nothing, and nothing is done with a token that isn't kept", async () => {
  let fails = false;
  const works = storage();
  const failing = <T>(work: () => T): T => {
    if (fails) throw new Error("User interaction is not allowed"); // a keychain, while the telephone is locked
    return work();
  };
  const locked: TokenStorage = {
    getItem: (key) => works.getItem(key),
    setItem: (key, value) => failing(() => works.setItem(key, value)),
    removeItem: (key) => works.removeItem(key),
  };
  const client = await signedIn({ storage: locked });
  service.expire();
  fails = true;
  const failed = await within(me(client), 20_000);
  expect(failed).toBeInstanceOf(StorageError);
  expect(failed).toMatchObject({ passing: true, cause: { message: "User interaction is not allowed" } });
  expect(client.getState().status).toBe("signed_in");
  expect(service.sessions.get("s1")).toMatchObject({ gen: 2, ack: 1 });
  fails = false;
  expect(await within(me(client))).toMatchObject({ email: ADA });
  expect(stored.get(KEY)).toBe("lkr.s1.2");
});

it("one that can't be read is loading, and says why; a log-in does without", async () => {
  stored.set(KEY, "lkr.lost.1");
  const client = app({ storage: storage({ getItem: () => Promise.reject(new Error("No key")) }) });
  await passing(5_000);
  expect(client.getState()).toMatchObject({ status: "loading", problem: { name: "StorageError" } });
  expect(service.calls).toEqual([]);
  await within(client.login(ADA, "correct horse battery"));
  expect(client.getState().status).toBe("signed_in");
  client.stop();
  const again = app();
  await passing(50);
  expect(again.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
});

it("a log-in that can't be kept goes on in memory, says so, and is kept when it can be", async () => {
  let full = true;
  const works = storage();
  stored.set(KEY, "lkr.before.1"); // of somebody whose session is over
  const client = app({
    storage: {
      ...works,
      setItem: (key, value) => (full ? Promise.reject(new Error("Disk full")) : works.setItem(key, value)),
    },
  });
  await passing(50);
  expect(await within(client.login(ADA, "correct horse battery"))).toMatchObject({ email: ADA });
  await passing(50);
  expect(client.getState()).toMatchObject({ status: "signed_in", fleeting: true });
  expect([...stored]).toEqual([]);
  for (let turn = 0; turn < 3; turn++) {
    service.expire();
    expect(await within(me(client))).toMatchObject({ email: ADA });
  }
  full = false;
  service.expire();
  expect(await within(me(client))).toMatchObject({ email: ADA });
  client.stop();
  const again = app();
  await passing(50);
  expect(again.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
  expect(service.sessions.size).toBe(1);
});

it("one that can't be read for long is nobody's; woken, it is looked at again", async () => {
  const first = await signedIn();
  first.stop();
  let locked = true;
  let wake: () => void = () => undefined;
  const works = storage();
  const client = app({
    storage: { ...works, getItem: (key) => (locked ? Promise.reject(new Error("Locked")) : works.getItem(key)) },
    onWake: (woken) => ((wake = woken), () => undefined),
  });
  await passing(60_000);
  expect(client.getState()).toEqual({ status: "signed_out" });
  wake();
  await passing(50);
  expect(client.getState()).toEqual({ status: "signed_out" });
  locked = false;
  wake();
  await passing(50);
  expect(client.getState()).toMatchObject({ status: "signed_in", user: { email: ADA } });
});

it("a slow storage is waited for, and what is kept last is what was to be kept last", async () => {
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const slow: TokenStorage = {
    getItem: async (key) => (await wait(1_000), stored.get(key) ?? null),
    setItem: async (key, value) => (await wait(4_000), void stored.set(key, value)),
    removeItem: async (key) => (await wait(10), void stored.delete(key)),
  };
  const client = app({ storage: slow });
  await passing(2_000);
  expect(await within(client.login(ADA, "correct horse battery"), 6_000)).toMatchObject({ email: ADA });
  service.expire();
  const called = me(client).catch((error: unknown) => error as Error);
  await passing(2_000); // the answer is there, and on its way into the storage
  void client.logout();
  expect(client.getState()).toMatchObject({ status: "signed_out", reason: "logged_out" });
  await passing(10_000);
  expect(await called).toMatchObject({ status: 401 });
  expect([...stored]).toEqual([]);
  expect(client.getState().status).toBe("signed_out");
  expect(service.sessions.size).toBe(0);
});

it("one that never answers holds nothing up for good", async () => {
  const client = app({ storage: storage({ getItem: () => new Promise(() => undefined) }) });
  await passing(60_000);
  expect(client.getState()).toMatchObject({ status: "loading", problem: { name: "StorageError" } });
  await passing(120_000);
  expect(client.getState()).toEqual({ status: "signed_out" });
  expect(await within(client.open("GET", "/api/health"))).toBeDefined();
});

it("a log-in that crosses a refresh is what is kept: the next start is not somebody else's", async () => {
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const client = await signedIn({
    storage: storage({ setItem: async (key, value) => (await wait(100), void stored.set(key, value)) }),
    fetch: (async (url: string, init: RequestInit) => {
      const answer = await service.fetch(url, init);
      if (url.includes("/refresh")) await wait(50);
      return answer;
    }) as typeof fetch,
  });
  service.expire();
  void me(client).catch(() => undefined);
  await passing(20);
  expect(await within(client.login("bob@example.com", "correct horse battery"), 1_000)).toMatchObject({
    id: "bob@example.com",
  });
  expect(client.getState()).toMatchObject({ status: "signed_in", user: { id: "bob@example.com" } });
  expect(service.sessions.get(stored.get(KEY)?.split(".")[1] ?? "")).toMatchObject({ sub: "bob@example.com" });
});
