/** What may cross: log-ins, log-outs and refreshes of the same browser, in one tab and in several. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LatchkeyClient, storageKeeper, type Options } from "../src/index";
import { Session } from "../src/session";
import { browser } from "../src/host";
import { cookieKeeper } from "../src/keeper";
import { withTabs } from "./browser";
import { json, problem } from "./service";
import { pair, quiet, Slow, token } from "./slow";

const open: { stop(): void }[] = [];

beforeEach(withTabs);

afterEach(() => {
  for (const client of open.splice(0)) client.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const REFRESH = "/api/auth/refresh";
const LOGIN = "/api/auth/login";
const LOGOUT = "/api/auth/logout";
const ME = "/api/users/me";
const user = (id: string) => json({ id, email: `${id}@example.com` });

function tab(slow: Slow, options: Options = {}): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: slow.fetch, stream: false, ...options });
  open.push(client);
  client.start();
  return client;
}

async function signedIn(slow: Slow, sid = "s1", options: Options = {}): Promise<LatchkeyClient> {
  const client = tab(slow, options);
  await slow.answer(REFRESH, json(pair(sid, 1)));
  await slow.answer(ME, user("ada"));
  await vi.waitFor(() => expect(client.getState().status).toBe("signed_in"));
  return client;
}

/** A storage that tabs share. */
function shared(stored: Map<string, string>) {
  return {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
}

describe("one tab", () => {
  it("stays signed out when the user's data arrives after the log-out", async () => {
    const slow = new Slow();
    const client = await signedIn(slow);
    void client.reload().catch(() => undefined);
    await vi.waitFor(() => expect(slow.asked.map((call) => call.path)).toContain(ME));
    void client.logout();
    await slow.answer(LOGOUT, new Response(null, { status: 204 }));
    expect(client.getState().status).toBe("signed_out");
    await slow.answer(ME, user("ada"));
    expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  });

  it("stays signed out when a refresh answers after the session's end, and keeps nothing of it", async () => {
    const slow = new Slow();
    const stored = new Map([["token", "lkr_s1_0"]]);
    const client = await signedIn(slow, "s1", { keeper: storageKeeper(shared(stored), "token") });
    void client.call("GET", "/api/sessions").catch(() => undefined);
    await slow.answer("/api/sessions", problem(401, { code: "invalid_token" }));
    await vi.waitFor(() => expect(slow.asked.map((call) => call.path)).toContain(REFRESH));
    new BroadcastChannel("latchkey").postMessage({ type: "ended", reason: "logged_out", session: "s1" });
    await quiet();
    stored.delete("token"); // by the tab that logged out
    await slow.answer(REFRESH, json(pair("s1", 2)));
    expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
    expect(stored.size).toBe(0);
  });

  it("logs in while no refresh is under way: the cookies of answers that cross would be the wrong ones", async () => {
    const slow = new Slow();
    const client = tab(slow);
    await vi.waitFor(() => expect(slow.asked).toHaveLength(1));
    void client.login("bob@example.com", "correct horse battery");
    await quiet();
    expect(slow.asked.map((call) => call.path)).toEqual([REFRESH]);
    await slow.answer(REFRESH, problem(400, { code: "invalid_grant" }));
    await slow.answer(LOGIN, json(pair("s2", 1, "bob")));
    await slow.answer(ME, user("bob"));
    await vi.waitFor(() => expect(client.getState()).toMatchObject({ status: "signed_in", user: { id: "bob" } }));
  });

  it("logs out without an access token that is good: the refresh token will do", async () => {
    const slow = new Slow();
    const client = tab(slow, { keeper: storageKeeper(shared(new Map([["token", "lkr_s1_0"]])), "token") });
    await slow.answer(REFRESH, json({ ...pair("s1", 1), expires_in: 0 }));
    const done = client.logout();
    const sent = await slow.answer(LOGOUT, new Response(null, { status: 204 }));
    await done;
    expect(sent.body).toBe('{"refresh_token":"lkr_s1_1"}');
    expect(client.getState()).toEqual({ status: "signed_out", reason: "logged_out" });
  });

  it("reads the user anew after a change, even while an older answer is under way", async () => {
    const slow = new Slow();
    const client = await signedIn(slow);
    const [first, second] = [client.reload(), client.reload()];
    await vi.waitFor(() => expect(slow.asked).toHaveLength(2));
    slow.asked[1]?.answer(json({ id: "ada", full_name: "new" }));
    expect(await second).toMatchObject({ full_name: "new" });
    slow.asked[0]?.answer(json({ id: "ada", full_name: "old" }));
    await first;
    expect(client.getState()).toMatchObject({ user: { full_name: "new" } });
  });

  it("gets its user in the end when the first answer after a log-in elsewhere is 503", async () => {
    const slow = new Slow();
    const client = tab(slow);
    await slow.answer(REFRESH, problem(400, { code: "invalid_grant" }));
    new BroadcastChannel("latchkey").postMessage({ type: "token", token: token("s1", 1), expiresAt: Date.now() + 9e5 });
    await vi.waitFor(() => expect(slow.asked).toHaveLength(1));
    vi.useFakeTimers();
    slow.asked.pop()?.answer(problem(503, { code: "unavailable" }));
    await vi.advanceTimersByTimeAsync(2_000);
    slow.asked.pop()?.answer(user("ada"));
    await vi.advanceTimersByTimeAsync(1);
    expect(client.getState().status).toBe("signed_in");
  });
});

describe("several tabs", () => {
  it("keep the new session when word of the old one's end comes late", async () => {
    const slow = new Slow();
    const client = await signedIn(slow, "s2");
    new BroadcastChannel("latchkey").postMessage({ type: "ended", reason: "replaced", session: "s1" });
    await quiet();
    expect(client.getState().status).toBe("signed_in");
  });

  it("don't take the new session's refresh token away when they hear of the old one's end", async () => {
    const slow = new Slow();
    const stored = new Map([["token", "lkr_s1_0"]]);
    const client = await signedIn(slow, "s1", { keeper: storageKeeper(shared(stored), "token") });
    stored.set("token", "lkr_s2_1"); // another tab logged out and in again; its messages are on their way
    new BroadcastChannel("latchkey").postMessage({ type: "ended", reason: "logged_out", session: "s1" });
    await vi.waitFor(() => expect(client.getState().status).toBe("signed_out"));
    expect(stored.get("token")).toBe("lkr_s2_1");
  });

  it("aren't ended by the refusal of a refresh token that another tab has replaced meanwhile", async () => {
    const slow = new Slow();
    const stored = new Map([["token", "lkr_s1_0"]]);
    const client = tab(slow, { keeper: storageKeeper(shared(stored), "token") });
    await vi.waitFor(() => expect(slow.asked).toHaveLength(1));
    stored.set("token", "lkr_s2_1");
    await slow.answer(REFRESH, problem(400, { code: "invalid_grant", reason: "revoked" }));
    const again = await slow.answer(REFRESH, json(pair("s2", 2)));
    expect(again.body).toBe('{"refresh_token":"lkr_s2_1"}');
    await slow.answer(ME, user("ada"));
    expect(client.getState().status).toBe("signed_in");
  });

  it("don't go back to an older token that comes late", async () => {
    const slow = new Slow();
    const client = await signedIn(slow, "s1");
    const channel = new BroadcastChannel("latchkey");
    for (const gen of [7, 6]) {
      channel.postMessage({ type: "token", token: token("s1", gen), expiresAt: Date.now() + 9e5 });
    }
    await quiet();
    void client.call("GET", "/api/sessions");
    const sent = await slow.answer("/api/sessions", json([]));
    expect(new Headers(sent.headers).get("authorization")).toBe(`Bearer ${token("s1", 7)}`);
  });

  it("take no token of a session that is over", async () => {
    const slow = new Slow();
    const client = await signedIn(slow, "s1");
    const channel = new BroadcastChannel("latchkey");
    channel.postMessage({ type: "ended", reason: "logged_out", session: "s1" });
    channel.postMessage({ type: "token", token: token("s1", 2), expiresAt: Date.now() + 9e5 });
    await quiet();
    expect(slow.asked).toEqual([]);
    expect(client.getState().status).toBe("signed_out");
  });

  it("listen anew when somebody logs in anew, and the old stream's end ends nothing", async () => {
    const slow = new Slow();
    const client = await signedIn(slow, "s1", { stream: true });
    let old: ReadableStreamDefaultController<Uint8Array> | undefined;
    await slow.answer("/api/sessions/stream", new Response(new ReadableStream({ start: (it) => void (old = it) })));
    void client.login("ada@example.com", "correct horse battery");
    await slow.answer(LOGIN, json(pair("s2", 1)));
    old?.enqueue(new TextEncoder().encode('event: ended\ndata: {"reason": "replaced"}\n\n'));
    await slow.answer(ME, user("ada"));
    const sent = await slow.answer("/api/sessions/stream", new Response(new ReadableStream({})));
    expect(new Headers(sent.headers).get("authorization")).toBe(`Bearer ${token("s2", 1)}`);
    expect(client.getState().status).toBe("signed_in");
  });

  it("ask in turn, and the one that waited takes the token of the one before", async () => {
    const slow = new Slow();
    const one = await signedIn(slow, "s1");
    const two = tab(slow);
    await slow.answer(REFRESH, json(pair("s1", 2)));
    await slow.answer(ME, user("ada"));
    for (const client of [one, two]) void client.call("GET", "/api/sessions");
    await slow.answer("/api/sessions", problem(401, { code: "invalid_token" }));
    await slow.answer("/api/sessions", problem(401, { code: "invalid_token" }));
    await slow.answer(REFRESH, json(pair("s1", 3)));
    const sent = [await slow.answer("/api/sessions", json([])), await slow.answer("/api/sessions", json([]))];
    expect(sent.map((init) => new Headers(init.headers).get("authorization"))).toEqual([
      `Bearer ${token("s1", 3)}`,
      `Bearer ${token("s1", 3)}`,
    ]);
    expect(slow.asked).toEqual([]);
  });
});

describe("what hangs", () => {
  it("is given up after a while, and asked again: a connection may die without a word", async () => {
    vi.useFakeTimers();
    const slow = new Slow();
    const client = tab(slow);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(slow.asked.map((call) => call.path)).toEqual([REFRESH, REFRESH]);
    slow.asked[1]?.answer(json(pair("s1", 1)));
    await vi.advanceTimersByTimeAsync(200);
    slow.asked[2]?.answer(user("ada"));
    await vi.advanceTimersByTimeAsync(200);
    expect(client.getState().status).toBe("signed_in");
  });

  it("holds up no other tab for good: one that sleeps with the lock in its hand is passed by", async () => {
    vi.useFakeTimers();
    const slow = new Slow();
    void navigator.locks.request("latchkey.refresh", () => new Promise(() => undefined));
    tab(slow);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(slow.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(slow.asked.map((call) => call.path)).toContain(REFRESH);
  });

  it("is tried again in time, when renewing ahead of time failed", async () => {
    vi.useFakeTimers();
    const answers = [json(pair("s1", 1)), ...Array.from({ length: 4 }, () => problem(503, { code: "unavailable" }))];
    let refreshes = 0;
    const client = new LatchkeyClient({
      stream: false,
      fetch: ((url: string) => {
        if (!url.startsWith("/api/auth/refresh")) return Promise.resolve(user("ada"));
        refreshes++;
        return Promise.resolve(answers.shift() ?? json(pair("s1", 2)));
      }) as typeof fetch,
    });
    open.push(client);
    client.start();
    await vi.advanceTimersByTimeAsync(960_000);
    expect(refreshes).toBe(6);
    expect(client.getState().status).toBe("signed_in");
  });
});

it("tells nobody any more once it has let go", async () => {
  const slow = new Slow();
  const began = vi.fn();
  const session = new Session(cookieKeeper, slow.fetch, { began, ended: vi.fn() }, "latchkey");
  session.open(browser);
  const renewal = session.renew();
  await vi.waitFor(() => expect(slow.asked).toHaveLength(1));
  session.close();
  await slow.answer(REFRESH, json(pair("s1", 1)));
  await renewal;
  expect(slow.asked).toEqual([]);
});
