// @vitest-environment node
/** Sessions that are bound to a key of this browser's: the key is gone, or can't be kept. */
import { describe, expect, it, vi } from "vitest";
import {
  ADA,
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
  told,
} from "./windows";

const REFRESH = "/api/auth/refresh";

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
