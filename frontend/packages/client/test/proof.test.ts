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
