import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LatchkeyClient, ProblemError, storageKeeper, type Options, type State } from "../src/index";
import { withoutTabs, withTabs } from "./browser";
import { problem, Service } from "./service";

let service: Service;
let open: LatchkeyClient[];

beforeEach(() => {
  service = new Service();
  open = [];
  withTabs();
});

afterEach(() => {
  for (const client of open) client.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function tab(options: Options = {}): LatchkeyClient {
  const client = new LatchkeyClient({ fetch: service.fetch, stream: false, ...options });
  open.push(client);
  client.start();
  return client;
}

async function settled(client: LatchkeyClient): Promise<State> {
  await vi.waitFor(() => expect(client.getState().status).not.toBe("loading"));
  return client.getState();
}

async function signedIn(options: Options = {}): Promise<LatchkeyClient> {
  const client = tab(options);
  await settled(client);
  await client.login("ada@example.com", "correct horse battery");
  return client;
}

describe("finding out who is there", () => {
  it("is nobody, without a reason, when there never was a session", async () => {
    expect(await settled(tab())).toEqual({ status: "signed_out" });
  });

  it("is the user, after a reload", async () => {
    service.signedIn = true;
    expect(await settled(tab())).toMatchObject({ status: "signed_in", user: { id: "ada" } });
  });

  it("goes on trying while the service is away, and says why it takes so long", async () => {
    service.signedIn = true;
    service.next = Array.from({ length: 4 }, () => problem(503, { code: "unavailable" }, { "Retry-After": "0" }));
    vi.useFakeTimers();
    const client = tab();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(client.getState()).toMatchObject({ status: "loading", problem: { code: "unavailable" } });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(client.getState().status).toBe("signed_in");
  });
});

describe("a session that is bound to a key of its browser", () => {
  const refused = (headers: Record<string, string> = {}) => problem(403, { code: "device_proof_required" }, headers);

  it("goes on while the access token is good, and asks again", async () => {
    const client = await signedIn();
    service.next = Array.from({ length: 4 }, () => refused());
    vi.useFakeTimers();
    const renewed = client.getAccessToken({ fresh: true }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await renewed).toMatchObject({ status: 403, code: "device_proof_required" });
    expect(client.getState().status).toBe("signed_in");
    expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
    // The proof is there again: nothing was lost.
    vi.useRealTimers();
    expect(await client.getAccessToken({ fresh: true })).toBeTruthy();
    expect(client.getState().status).toBe("signed_in");
  });

  it("is logged in again in place where the access token has run out and the key is gone", async () => {
    service.life = 2;
    const client = await signedIn();
    service.next = Array.from({ length: 4 }, () => refused());
    vi.useFakeTimers();
    vi.setSystemTime(Date.now() + 3_000);
    const call = client.call("GET", "/api/users/me").catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    await call;
    expect(client.getState()).toEqual({ status: "signed_out", reason: "unproven" });
    expect(service.signedIn).toBe(true); // it hasn't ended
    await client.login("ada@example.com", "correct horse battery");
    expect(client.getState().status).toBe("signed_in");
  });

  it("is none of a browser’s that opens a page without the key", async () => {
    service.signedIn = true;
    service.next = Array.from({ length: 4 }, () => refused());
    vi.useFakeTimers();
    const client = tab();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(client.getState()).toEqual({ status: "signed_out", reason: "unproven" });
  });

  it("goes on where the browser may sign no more for a while, also without a token that is good", async () => {
    service.life = 2;
    const client = await signedIn();
    service.next = Array.from({ length: 4 }, () => refused({ "Retry-After": "60" }));
    vi.useFakeTimers();
    vi.setSystemTime(Date.now() + 3_000);
    const token = client.getAccessToken().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await token).toMatchObject({ code: "device_proof_required", retryAfter: 60 });
    expect(client.getState().status).toBe("signed_in");
    vi.useRealTimers();
    expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
  });
});

describe("refreshing", () => {
  it("happens once for calls that run at once", async () => {
    const client = await signedIn();
    service.expire();
    await Promise.all(Array.from({ length: 8 }, () => client.call("GET", "/api/users/me")));
    expect(service.count("/api/auth/refresh") - 1).toBe(1); // the first one found nobody signed in
  });

  it("happens once for tabs that need it at once, and all get the token", async () => {
    const first = await signedIn();
    const tabs = [first, tab(), tab()];
    await Promise.all(tabs.map(settled));
    const before = service.count("/api/auth/refresh");
    service.expire();
    await Promise.all(tabs.map((client) => client.call("GET", "/api/users/me")));
    expect(service.count("/api/auth/refresh") - before).toBe(1);
    expect(service.busiest).toBe(1);
  });

  it("works without locks and channels: the service answers parallel refreshes alike", async () => {
    vi.unstubAllGlobals();
    withoutTabs();
    const tabs = [await signedIn(), tab()];
    await Promise.all(tabs.map(settled));
    service.expire();
    await Promise.all(tabs.map((client) => client.call("GET", "/api/users/me")));
    expect(tabs.map((client) => client.getState().status)).toEqual(["signed_in", "signed_in"]);
  });

  it("asks again when the answer got lost", async () => {
    const client = await signedIn();
    service.expire();
    service.next = ["lost"];
    expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
  });

  it("keeps the session while the service is away or too busy", async () => {
    const client = await signedIn();
    service.expire();
    service.next = Array.from({ length: 4 }, (_, index) => problem(index % 2 ? 429 : 503, { code: "unavailable" }));
    vi.useFakeTimers();
    const failed = client.call("GET", "/api/users/me").catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await failed).toBeInstanceOf(ProblemError);
    vi.useRealTimers();
    expect(client.getState().status).toBe("signed_in");
    expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
  });

  it("happens before the token runs out", async () => {
    const client = await signedIn();
    vi.useFakeTimers();
    await client.login("ada@example.com", "correct horse battery");
    const before = service.count("/api/auth/refresh");
    await vi.advanceTimersByTimeAsync(800_000);
    expect(service.count("/api/auth/refresh") - before).toBe(0);
    await vi.advanceTimersByTimeAsync(95_000);
    expect(service.count("/api/auth/refresh") - before).toBe(1);
  });

  it("that finds nobody doesn't undo a log-in that overtook it", async () => {
    const client = tab();
    service.next = [problem(400, { code: "invalid_grant" })];
    await client.login("ada@example.com", "correct horse battery");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(client.getState().status).toBe("signed_in");
    expect(await client.call("GET", "/api/users/me")).toMatchObject({ id: "ada" });
  });

  it("ends the session when the service says so, with its reason", async () => {
    const client = await signedIn();
    service.end("reused");
    await expect(client.call("GET", "/api/users/me")).rejects.toMatchObject({ status: 401 });
    expect(client.getState()).toEqual({ status: "signed_out", reason: "reused" });
  });
});

describe("tabs", () => {
  it("are all signed out by one of them", async () => {
    const first = await signedIn();
    const second = tab();
    await settled(second);
    await first.logout();
    await vi.waitFor(() => expect(second.getState()).toEqual({ status: "signed_out", reason: "logged_out" }));
  });

  it("are all signed in by one of them", async () => {
    const first = tab();
    await settled(first);
    await signedIn();
    await vi.waitFor(() => expect(first.getState().status).toBe("signed_in"));
  });

  it("hear at once of an end elsewhere, through one stream", async () => {
    const tabs = [await signedIn({ stream: true }), tab({ stream: true })];
    await Promise.all(tabs.map(settled));
    await vi.waitFor(() => expect(service.stream).not.toBeNull());
    expect(service.count("/api/sessions/stream")).toBe(1);
    service.end("revoked");
    for (const client of tabs) {
      await vi.waitFor(() => expect(client.getState()).toEqual({ status: "signed_out", reason: "revoked" }));
    }
  });

  it("stay signed in when ending all sessions didn't work", async () => {
    const client = await signedIn({
      fetch: ((url: string, init: RequestInit) =>
        url.endsWith("/logout-all")
          ? Promise.resolve(problem(503, { code: "unavailable" }))
          : service.fetch(url, init)) as typeof fetch,
    });
    await expect(client.logout({ everywhere: true })).rejects.toMatchObject({ code: "unavailable" });
    expect(client.getState().status).toBe("signed_in");
  });
});

describe("where the refresh token is", () => {
  it("is a cookie: no body and no storage ever has it", async () => {
    const client = await signedIn();
    service.expire();
    await client.call("GET", "/api/users/me");
    const refreshes = service.calls.filter((call) => call.path === "/api/auth/refresh");
    expect(refreshes.every((call) => call.headers.get("x-session-transport") === "cookie")).toBe(true);
    expect(refreshes.every((call) => Object.keys(call.body).length === 0)).toBe(true);
    expect(localStorage.length + sessionStorage.length).toBe(0);
  });

  it("may be a storage, for those who ask for it", async () => {
    const stored = new Map<string, string>([["token", "lkr_old"]]);
    const keeper = storageKeeper(
      {
        getItem: (key) => stored.get(key) ?? null,
        setItem: (key, value) => stored.set(key, value),
        removeItem: (key) => stored.delete(key),
      },
      "token",
    );
    service.signedIn = true;
    service.next = [
      new Response(JSON.stringify({ access_token: "x.e30.x", refresh_token: "lkr_new", expires_in: 900 })),
    ];
    const client = tab({ keeper });
    await vi.waitFor(() => expect(stored.get("token")).toBe("lkr_new"));
    expect(service.calls[0]).toMatchObject({ path: "/api/auth/refresh", body: { refresh_token: "lkr_old" } });
    expect(service.calls[0]?.headers.get("x-session-transport")).toBeNull();
    client.stop();
  });
});
