// @vitest-environment node
/** Sessions that are bound to a key of this browser's: each proof is looked at by WebCrypto alone. */
import { describe, expect, it, vi } from "vitest";
import { cookieKeeper } from "../src/index";
import { createNativeClient } from "../src/native";
import { auto } from "../src/proof";
import { BASE, type Seen } from "./holders";
import { Profile } from "./profile";
import {
  ADA,
  inProfile,
  is,
  kept,
  me,
  page,
  PASSWORD,
  profile,
  refreshed,
  service,
  session,
  signedIn,
  stored,
  storageOf,
  told,
} from "./windows";

const REFRESH = "/api/auth/refresh";
const LOGIN = "/api/auth/login";
const ME = "/api/users/me";
const statuses = (seen: Seen[]) => seen.map(({ status }) => status);

describe("a session", () => {
  it("is bound by its log-in, and each call and refresh has a proof of its own by that key", async () => {
    const client = await signedIn();
    const { jkt } = session();
    expect(jkt).toMatch(/^[\w-]{43}$/);
    await Promise.all([me(client), me(client)]);
    await refreshed(client);
    expect(await me(client)).toMatchObject({ email: ADA });
    const good = service.seen.filter(({ status }) => status < 400);
    expect(new Set(good.map((one) => one.jkt))).toEqual(new Set([jkt]));
    expect(new Set(good.map((one) => one.proof?.jti)).size).toBe(good.length);
    for (const { headers } of service.to(ME)) expect(headers.get("Authorization")).toMatch(/^DPoP x\./);
    expect(told).toEqual([]);
  });

  it("asks once more where the service wants its nonce, at first and when that is another; it keeps the newest", async () => {
    const client = await signedIn();
    await me(client);
    expect(statuses(service.to(LOGIN))).toEqual([400, 200]);
    expect(statuses(service.to(ME))).toEqual([200, 200]);
    service.nonce = "nonce-2";
    await me(client);
    expect(statuses(service.to(ME))).toEqual([200, 200, 401, 200]);
    await refreshed(client);
    expect(statuses(service.to(REFRESH))).toEqual([200]);
    service.nonce = "nonce-3";
    await refreshed(client);
    expect(statuses(service.to(REFRESH))).toEqual([200, 400, 200]);
    expect(service.sessions.size).toBe(1);
  });

  it("has a key that nobody can read, and one alone", async () => {
    await signedIn();
    const [one, ...others] = kept();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ now: { jkt: session().jkt, signer: { extractable: false, type: "private" } } });
    expect(one).not.toHaveProperty("next");
    if (!one?.now) throw new Error("no key");
    await expect(crypto.subtle.exportKey("jwk", one.now.signer)).rejects.toThrow(/extractable/);
    expect(profile.closed).toBe(profile.opened);
  });

  it("is bound by each way in, and shown again by a proof like any call", async () => {
    const client = page();
    await is(client, "signed_out");
    const ways: [string, () => Promise<unknown>][] = [
      ["login", () => client.login(ADA, PASSWORD)],
      ["email/finish", () => client.loginByMail({ challenge: "lkm_challenge", code: "271828" })],
      ["second-factor", () => client.loginBySecondFactor({ challenge: "lkc_challenge", code: "271828" })],
      [
        "second-factor/enrol/confirm",
        () => client.loginBySecondFactor({ challenge: "lkc_challenge", enrolment: "lke", code: "271828" }),
      ],
      ["passkeys", () => client.enter("/api/auth/passkeys", {})],
      ["passkeys/register", () => client.enter("/api/auth/passkeys/register", {})],
      [
        "providers/corp/finish",
        () => client.enter("/api/auth/providers/{provider}/finish", {}, undefined, { provider: "corp" }),
      ],
      ["providers/link", () => client.enter("/api/auth/providers/link", {})],
    ];
    const keys = new Set<string | null>();
    for (const [path, enter] of ways) {
      await enter();
      expect(statuses(service.to(`/api/auth/${path}`)).at(-1)).toBe(200);
      expect(kept()[0]?.now?.jkt).toBe(session().jkt);
      keys.add(session().jkt);
      await client.reauthenticate(PASSWORD);
      await client.logout();
    }
    expect(keys.size).toBe(ways.length); // a new one each time
    expect(keys.has(null)).toBe(false);
    expect(new Set(statuses(service.to("/api/auth/reauthenticate")))).toEqual(new Set([204]));
  });

  it("is bound by the second step, when the first one has opened nothing", async () => {
    const client = page();
    await is(client, "signed_out");
    service.owed = "second_factor_required";
    await expect(client.login(ADA, PASSWORD)).rejects.toMatchObject({ code: "second_factor_required" });
    await client.loginBySecondFactor({ challenge: "lkc_challenge", code: "271828" });
    const [first, last] = [service.to(LOGIN).at(-1), service.to("/api/auth/second-factor").at(-1)];
    expect(last?.jkt).toBe(session().jkt);
    expect(first?.jkt).toBe(last?.jkt);
  });

  it("outlives a reload, with the same key", async () => {
    (await signedIn()).stop();
    const again = page();
    await is(again, "signed_in");
    await me(again);
    expect(service.seen.at(-1)).toMatchObject({ status: 200, jkt: session().jkt });
    expect(kept()[0]?.now?.jkt).toBe(session().jkt);
  });

  it("is one for several tabs, and so is its key", async () => {
    const [first, second, third] = [page(), page(), page()];
    await Promise.all([first, second, third].map((one) => is(one, "signed_out")));
    await first.login(ADA, PASSWORD);
    await Promise.all([is(second, "signed_in"), is(third, "signed_in")]);
    service.expire();
    await Promise.all([me(first), me(second), me(third)]);
    expect(new Set(service.seen.filter(({ status }) => status < 400).map(({ jkt }) => jkt))).toEqual(
      new Set([undefined, session().jkt].slice(1)),
    );
    expect(service.to(REFRESH).filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("of two that are begun at once in two tabs without locks has the one key, whichever stays", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("BroadcastChannel", undefined);
    const [first, second] = [page(), page()];
    await Promise.all([is(first, "signed_out"), is(second, "signed_out")]);
    await Promise.all([first.login(ADA, PASSWORD), second.login(ADA, PASSWORD)]);
    expect(service.sessions.size).toBe(2);
    expect(new Set([...service.sessions.values()].map(({ jkt }) => jkt))).toEqual(new Set([kept()[0]?.now?.jkt]));
    for (const one of [first, second]) expect(await me(one)).toMatchObject({ email: ADA });
    for (const one of [first, second]) one.stop();
    const again = page();
    await is(again, "signed_in");
  });

  it("that is somebody else's has another key, which tabs that were open find", async () => {
    const [first, second] = [await signedIn(), page()];
    await is(second, "signed_in");
    const before = session().jkt;
    await first.login("grace@example.com", PASSWORD);
    await vi.waitFor(() => expect(second.getState()).toMatchObject({ user: { email: "grace@example.com" } }));
    const after = kept()[0]?.now?.jkt;
    expect(after).not.toBe(before);
    await refreshed(second);
    expect(service.seen.at(-1)).toMatchObject({ path: REFRESH, status: 200, jkt: after });
  });
});

describe("a log-in that fails", () => {
  it("leaves the session with its key, and the next one has the key that this one would have had", async () => {
    const client = await signedIn();
    const before = session().jkt;
    await expect(client.login("nobody@example.com", PASSWORD)).rejects.toMatchObject({ code: "invalid_grant" });
    expect(kept()[0]?.now?.jkt).toBe(before);
    await refreshed(client);
    expect(await me(client)).toMatchObject({ email: ADA });
    await client.login(ADA, PASSWORD);
    expect(service.to(LOGIN).at(-1)?.jkt).toBe(service.to(LOGIN).at(-2)?.jkt);
  });

  it("for a lost answer is repeated with the same key, and another proof", async () => {
    const client = page();
    await is(client, "signed_out");
    service.lose = 1;
    await expect(client.login(ADA, PASSWORD)).rejects.toMatchObject({ passing: true });
    await client.login(ADA, PASSWORD);
    const [, lost, again] = service.to(LOGIN);
    expect(again?.jkt).toBe(lost?.jkt);
    expect(again?.proof?.jti).not.toBe(lost?.proof?.jti);
    expect(kept()[0]?.now?.jkt).toBe(lost?.jkt);
  });

  it("long ago leaves no key to be used: it is made anew", async () => {
    const client = page();
    await is(client, "signed_out");
    await expect(client.login("nobody@example.com", PASSWORD)).rejects.toThrow();
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 601_000);
    service.ahead = 0;
    await client.login(ADA, PASSWORD);
    expect(service.to(LOGIN).at(-1)?.jkt).not.toBe(service.to(LOGIN).at(0)?.jkt);
  });
});

describe("a refresh whose answer got lost", () => {
  it("is repeated as it was, with another proof, and the session goes on", async () => {
    const client = await signedIn();
    service.lose = 2;
    await refreshed(client);
    const tries = service.to(REFRESH);
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map(({ body }) => body)).size).toBe(1);
    expect(new Set(tries.map(({ proof }) => proof?.jti)).size).toBe(3);
    expect(await me(client)).toMatchObject({ email: ADA });
    expect(session().gen).toBe(2);
  });
});

describe("a copy", () => {
  it("of both tokens opens nothing elsewhere, and its owner notices nothing", async () => {
    const owner = await signedIn();
    const { jkt } = session();
    const token = await owner.getAccessToken();
    const home = profile;
    const [mine, before] = [stored, [...stored]];
    for (const scheme of ["Bearer", "DPoP"]) {
      const headers = { Authorization: `${scheme} ${token}` };
      expect((await service.fetch(`${BASE}${ME}`, { headers })).status).toBe(401);
    }
    vi.stubGlobal("BroadcastChannel", undefined); // another machine
    inProfile(new Profile());
    const thief = page();
    await is(thief, "signed_out");
    expect(thief.getState()).toEqual({ status: "signed_out", reason: "unproven" });
    expect([...mine]).toEqual(before);
    inProfile(home);
    await refreshed(owner);
    expect(await me(owner)).toMatchObject({ email: ADA });
    expect(session()).toMatchObject({ jkt, gen: 2 });
  });
});

describe("a key that is gone", () => {
  it("is a log-in in place: asked once, and nothing is thrown away that the key could use", async () => {
    (await signedIn()).stop();
    const [before, keys] = [[...stored], [...profile.kept]];
    profile.kept.clear();
    service.seen.length = 0;
    const client = page();
    await is(client, "signed_out");
    expect(client.getState()).toEqual({ status: "signed_out", reason: "unproven" });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(service.seen.map(({ path, status }) => [path, status])).toEqual([[REFRESH, 400]]);
    expect([...stored]).toEqual(before);
    client.stop();

    // It was a profile that wasn't there yet, say.
    for (const [name, value] of keys) profile.kept.set(name, value);
    const again = page();
    await is(again, "signed_in");
  });

  it("leads to a session with a new one", async () => {
    (await signedIn()).stop();
    const { jkt } = session();
    profile.kept.clear();
    const client = page();
    await is(client, "signed_out");
    await client.login(ADA, PASSWORD);
    expect(kept()[0]?.now?.jkt).not.toBe(jkt);
    await refreshed(client);
    expect(await me(client)).toMatchObject({ email: ADA });
  });

  it("is not yet gone for a page that has it: it goes on, and puts it back", async () => {
    const client = await signedIn();
    profile.kept.clear();
    stored.clear();
    await me(client);
    await refreshed(client);
    expect(kept()[0]?.now?.jkt).toBe(session().jkt);
    client.stop();
    await is(page(), "signed_in");
  });

  it("is a log-in also where the access token is good for a while, and in no other tab", async () => {
    const first = await signedIn();
    profile.fails.opening = new Error("not now");
    const second = page();
    await is(second, "signed_out");
    const before = service.seen.length;
    await refreshed(first);
    // The other one hears of a token that it has no key for: it isn't of use, however long it is good.
    await vi.waitFor(() => expect(service.seen.slice(before).map(({ status }) => status)).toEqual([200, 401, 400]), {
      timeout: 5_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(service.seen).toHaveLength(before + 3);
    expect(second.getState()).toEqual({ status: "signed_out", reason: "unproven" });
    expect(await me(first)).toMatchObject({ email: ADA });
    profile.fails = {};
    expect(await me(second)).toMatchObject({ email: ADA });
    await is(second, "signed_in");
  });

  it("is said by the service as well where nothing binds any more: `proof` was taken away again", async () => {
    (await signedIn()).stop();
    const client = page({ proof: (options) => options });
    await is(client, "signed_out");
    expect(client.getState()).toEqual({ status: "signed_out", reason: "unproven" });
    await client.login(ADA, PASSWORD);
    await refreshed(client);
    expect(await me(client)).toMatchObject({ email: ADA });
  });

  it("isn't taken for gone where it can't be read for a moment", async () => {
    (await signedIn()).stop();
    profile.fails.opening = new Error("not now");
    const client = page();
    await new Promise((resolve) => setTimeout(resolve, 300));
    profile.fails = {};
    await is(client, "signed_in");
    expect(service.to(REFRESH).filter(({ status }) => status !== 200 && status !== 400)).toEqual([]);
    expect(service.to(REFRESH).filter(({ jkt }) => jkt === undefined)).toEqual([]);
  });

  it("is one that can't be read for long", async () => {
    (await signedIn()).stop();
    profile.fails.opening = new Error("never");
    const client = page();
    await is(client, "signed_out");
    expect(client.getState()).toEqual({ status: "signed_out", reason: "unproven" });
  });
});

describe("clocks that differ", () => {
  it("are set by the service's, whichever way", async () => {
    for (const ahead of [3600, -3600]) {
      service.ahead = ahead;
      const client = await signedIn();
      expect(await me(client)).toMatchObject({ email: ADA });
      await client.logout();
    }
    expect(service.to(LOGIN).filter(({ status }) => status === 400).length).toBeLessThanOrEqual(4);
  });

  it("are asked about no further where the service doesn't say", async () => {
    service.ahead = 3600;
    service.tells = false;
    const client = page();
    await is(client, "signed_out");
    await expect(client.login(ADA, PASSWORD)).rejects.toMatchObject({ status: 400, code: "invalid_dpop_proof" });
    expect(service.to(LOGIN)).toHaveLength(2);
  });
});

describe("one's own API", () => {
  it("gets a proof for its address, with its own nonce, and the request as it was", async () => {
    const asked: { url: string; body: string; proof: Record<string, unknown>; authorization: string | null }[] = [];
    const own = (async (input: string | Request, init?: RequestInit) => {
      if (typeof input === "string" || input.url.startsWith(BASE)) return service.fetch(input, init);
      const headers = new Headers(init?.headers);
      const proof = JSON.parse(atob(headers.get("DPoP")?.split(".")[1] ?? "")) as Record<string, unknown>;
      asked.push({ url: input.url, body: await input.text(), proof, authorization: headers.get("Authorization") });
      if (proof.nonce === "theirs") return new Response("kept");
      const answered = { "WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "theirs" };
      return new Response("{}", { status: 401, headers: answered });
    }) as typeof fetch;
    const client = await signedIn({ fetch: own, origins: ["https://api.example.com"] });
    const url = "https://api.example.com/notes?draft=1#top";
    const answer = await client.fetch(url, { method: "POST", body: "milk" });
    expect(await answer.text()).toBe("kept");
    expect(asked.map(({ body }) => body)).toEqual(["milk", "milk"]);
    expect(asked.map(({ proof }) => proof.nonce)).toEqual([undefined, "theirs"]);
    const [, last] = asked;
    const token = await client.getAccessToken();
    expect(last?.authorization).toBe(`DPoP ${token}`);
    expect(last?.proof).toMatchObject({ htm: "POST", htu: "https://api.example.com/notes" });
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token ?? ""));
    expect(last?.proof.ath).toBe(Buffer.from(digest).toString("base64url"));
    // Each side's nonce is its own.
    await me(client);
    expect(statuses(service.to(ME))).not.toContain(401);
  });
});

describe("a log-out", () => {
  it("deletes the key, wants no proof, and the next session has another", async () => {
    const client = await signedIn();
    const { jkt } = session();
    expect(await client.logout()).toBe(true);
    expect(service.sessions.size).toBe(0);
    expect(service.seen.at(-1)?.path).toBe("/api/auth/logout");
    expect(service.seen.at(-1)?.proof).toBeUndefined();
    expect(service.seen.at(-1)?.headers.has("DPoP")).toBe(false);
    await vi.waitFor(() => expect(kept()).toEqual([]));
    await client.login(ADA, PASSWORD);
    expect(session().jkt).not.toBe(jkt);
    await client.logout({ everywhere: true });
    await vi.waitFor(() => expect(kept()).toEqual([]));
  });

  it("without a network deletes it, too", async () => {
    const client = await signedIn();
    service.away = true;
    expect(await client.logout()).toBe(false);
    await vi.waitFor(() => expect(kept()).toEqual([]));
    service.away = false;
    await vi.waitFor(() => expect(service.sessions.size).toBe(0), { timeout: 6_000 });
    expect(stored.size).toBe(0);
  });

  it("while a refresh is under way isn't undone by its answer", async () => {
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const held = (async (input: string, init: RequestInit) => {
      const response = await service.fetch(input, init);
      if (input.endsWith(REFRESH)) await gate;
      return response;
    }) as typeof fetch;
    const client = await signedIn({ fetch: held });
    const going = refreshed(client);
    await vi.waitFor(() => expect(statuses(service.to(REFRESH))).toEqual([200]));
    const left = client.logout();
    await vi.waitFor(() => expect(kept()).toEqual([]));
    answer();
    await Promise.all([left, going]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.getState().status).toBe("signed_out");
    expect(kept()).toEqual([]);
    expect(stored.size).toBe(0);
  });

  it("that is late leaves another's key where it is", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("BroadcastChannel", undefined);
    const first = await signedIn();
    const before = session().jkt;
    const second = page();
    await is(second, "signed_in");
    await second.login("grace@example.com", PASSWORD);
    await first.logout();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(kept()).toHaveLength(1);
    expect(kept()[0]?.now?.jkt).not.toBe(before);
  });
});

describe("where no key can be kept", () => {
  const says = "This session is bound to no key: WebCrypto and IndexedDB keep none here.";
  const ways: Record<string, () => void> = {
    "there is no IndexedDB": () => vi.stubGlobal("indexedDB", undefined),
    "its mere name is refused": () =>
      Object.defineProperty(globalThis, "indexedDB", {
        configurable: true,
        get: () => {
          throw new DOMException("denied", "SecurityError");
        },
      }),
    "there is no WebCrypto": () => vi.stubGlobal("crypto", { getRandomValues: () => undefined }),
    "there is no crypto at all": () => vi.stubGlobal("crypto", undefined),
    "it can't be opened": () => (profile.fails.opening = new Error("denied")),
    "it takes no keys": () => (profile.fails.keeping = new DOMException("no", "DataCloneError")),
    "it never answers": () => (profile.silent = true),
  };
  for (const [what, happens] of Object.entries(ways)) {
    it(`a session is as it was: ${what}`, { timeout: 30_000 }, async () => {
      vi.resetModules(); // what is said once in a page is said in each of these
      const { auto } = await import("../src/proof");
      happens();
      const client = await signedIn({ proof: auto() });
      expect(session().jkt).toBeNull();
      await me(client);
      await client.login(ADA, PASSWORD);
      client.stop();
      vi.unstubAllGlobals();
      await me(client);
      expect(service.seen.filter(({ headers }) => headers.has("DPoP"))).toEqual([]);
      expect(told).toEqual([says]);
    });
  }

  it("nothing is said in production", async () => {
    vi.resetModules();
    const { auto } = await import("../src/proof");
    vi.stubEnv("NODE_ENV", "production");
    vi.stubGlobal("indexedDB", undefined);
    await signedIn({ proof: auto() });
    expect(told).toEqual([]);
    vi.unstubAllEnvs();
  });
});

describe("sessions that are bound to nothing", () => {
  it("go on as they are, also when clients begin to bind", async () => {
    const before = await signedIn({ proof: (options) => options });
    before.stop();
    expect(session().jkt).toBeNull();
    const client = page();
    await is(client, "signed_in");
    expect(await me(client)).toMatchObject({ email: ADA });
    expect(service.to(ME).at(-1)?.headers.get("Authorization")).toMatch(/^Bearer /);
  });

  it("are what a service of before opens", async () => {
    service.old = true;
    const client = await signedIn();
    await me(client);
    await refreshed(client);
    expect(await me(client)).toMatchObject({ email: ADA });
    expect(session().jkt).toBeNull();
  });
});

describe("in cookie mode", () => {
  it("nothing is different, and that is said", async () => {
    vi.resetModules();
    const { auto } = await import("../src/proof");
    const options = { baseUrl: BASE };
    expect(auto()(options)).toBe(options);
    expect(told).toEqual([]); // on a server, which renders pages
    vi.stubGlobal("document", {});
    expect(auto()(options)).toBe(options);
    expect(auto()({ ...options, keeper: cookieKeeper }).keeper).toBe(cookieKeeper);
    expect(told).toEqual(["`proof` does nothing in cookie mode: browsers bind such sessions by themselves."]);
  });
});

describe("what has no pages", () => {
  it("binds its sessions as well, where it can keep a key", async () => {
    const storage = storageOf(stored);
    const app = () => createNativeClient({ baseUrl: BASE, storage, fetch: service.fetch, proof: auto() });
    const client = app();
    await is(client, "signed_out");
    await client.login(ADA, PASSWORD);
    expect(session().jkt).toBe(kept()[0]?.now?.jkt);
    client.stop();
    const again = app();
    await is(again, "signed_in");
    await again.logout();
    await vi.waitFor(() => expect(kept()).toEqual([]));
    expect(stored.size).toBe(0);
    again.stop();
  });
});

it("keeps the keys of two services apart, on one host as well", async () => {
  await signedIn({ name: "one" });
  await signedIn({ name: "two" });
  expect([...profile.kept.keys()]).toEqual([`one ${BASE}`, `two ${BASE}`]);
});
