import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  finishProvider,
  forgetProvider,
  identities,
  linkProvider,
  mailProviderLink,
  providerBegun,
  startProvider,
  takeProviderAnswer,
  unlinkProvider,
} from "../src/providers.js";
import { ada, createTestClient, noNetwork, problem, type Answers } from "../src/testing.js";

const FLOW = { url: "https://corp.example/authorize?state=s1", flow: "secret", expires_at: "2026-11-27T09:20:00Z" };
const FINISH = "POST /api/auth/providers/{provider}/finish";
const LATER = "2999-01-01T00:00:00Z";
const MORE = { provider: "corp", challenge: "lkl_1", methods: ["password", "mail"], email: ada.email };
const NOT_LINKED = problem(400, "account_not_linked", { ...MORE, expires_at: LATER });
const SPENT = { code: "invalid_grant" };

const client = (answers: Answers = {}, user: object | null = null) =>
  createTestClient({ user, answers: { "POST /api/auth/providers/{provider}/start": FLOW, ...answers } });
type Client = ReturnType<typeof client>;

/** Begin, with the browser back at once: the test takes the next step. */
async function begin(one: Client, how: Parameters<typeof startProvider>[2] = {}): Promise<string[]> {
  const gone: string[] = [];
  await startProvider(one, "corp", {
    ...how,
    go: (url) => {
      gone.push(url);
      queueMicrotask(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    },
  });
  return gone;
}

function open(address: string): void {
  window.history.pushState({ router: "its own" }, "", address);
}

beforeEach(() => {
  sessionStorage.clear();
  open("/login");
  // What jsdom hasn't.
  vi.stubGlobal(
    "PageTransitionEvent",
    class extends Event {
      readonly persisted: boolean;
      constructor(type: string, { persisted }: { persisted: boolean }) {
        super(type);
        this.persisted = persisted;
      }
    },
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a log-in with a provider", () => {
  it("goes there, comes back and is finished once, however often that is asked", async () => {
    const one = client();
    expect(await begin(one, { returnTo: "/notes?page=2" })).toEqual([FLOW.url]);
    expect(one.asked.at(-1)).toMatchObject({
      path: { provider: "corp" },
      body: { intent: "login", return_to: "/notes?page=2" },
    });
    expect(providerBegun(one)).toMatchObject({ provider: "corp", intent: "login", returnTo: "/notes?page=2" });
    open("/login/callback/corp?code=c1&state=s1&iss=https%3A%2F%2Fcorp.example");
    const [first, second] = await Promise.all([finishProvider(one), finishProvider(one)]);
    expect(first).toMatchObject({ status: "signed_in", user: { id: ada.id }, returnTo: "/notes?page=2" });
    expect(second).toBe(first);
    expect(one.askedFor(FINISH)).toMatchObject([
      { path: { provider: "corp" }, body: { code: "c1", state: "s1", iss: "https://corp.example", flow: "secret" } },
    ]);
    expect(one.getState()).toMatchObject({ status: "signed_in" });
    expect(providerBegun(one)).toBeNull();
  });

  it("leaves nothing in the address, and the router’s state as it was; a page that is loaded anew still has it", async () => {
    const one = client();
    await begin(one);
    open("/login/callback/corp?code=c1&state=s1");
    takeProviderAnswer();
    expect(window.location.href).toMatch(/\/login\/callback\/corp$/);
    expect(window.history.state).toMatchObject({ router: "its own" });
    takeProviderAnswer(); // loaded anew: the address says nothing any more
    expect(await finishProvider(one)).toMatchObject({ status: "signed_in" });
    expect(window.history.state).toMatchObject({ router: "its own", latchkeyProvider: undefined });
  });

  it("takes Apple’s answer out of the fragment, and what it says of the user along", async () => {
    const one = client();
    await begin(one);
    open(`/login/callback/corp#code=c1&state=s1&user=${encodeURIComponent('{"name":{"firstName":"Ada"}}')}`);
    await finishProvider(one);
    expect(window.location.hash).toBe("");
    expect(one.asked.at(-1)?.body).toMatchObject({ code: "c1", user: '{"name":{"firstName":"Ada"}}' });
  });

  it("is none that was begun in another browser, with another provider, or at another service", async () => {
    const one = client();
    open("/login/callback/corp?code=c1&state=s1");
    await expect(finishProvider(one)).rejects.toMatchObject(SPENT);
    await begin(one);
    open("/login/callback/other?code=c1&state=s1");
    await expect(finishProvider(one)).rejects.toMatchObject(SPENT);
    const elsewhere = { provider: "corp", intent: "login", flow: "x", returnTo: null, at: "https://other.example" };
    sessionStorage.setItem("latchkey.provider", JSON.stringify(elsewhere));
    open("/login/callback/corp?code=c1&state=s1");
    await expect(finishProvider(one)).rejects.toMatchObject(SPENT);
    expect(one.askedFor(FINISH)).toEqual([]);
  });

  it.each(["//evil.example/", "/\\evil.example", "/\t/evil.example", "https://evil.example/", "javascript:alert(1)"])(
    "leads nowhere else: %j",
    async (returnTo) => {
      const one = client();
      await begin(one, { returnTo });
      open("/login/callback/corp?code=c1&state=s1");
      expect(await finishProvider(one)).toMatchObject({ status: "signed_in", returnTo: null });
    },
  );

  it("takes nothing from the storage that isn’t its own", async () => {
    for (const text of ["", "nonsense", "null", "7", "[]", "{}"]) {
      sessionStorage.setItem("latchkey.provider", text);
      expect(providerBegun(client())).toBeNull();
      open("/login/callback/corp?code=c1&state=s1");
      await expect(finishProvider(client())).rejects.toMatchObject(SPENT);
    }
  });

  it.each([
    ["access_denied", { code: "provider_cancelled", status: 400 }],
    ["user_cancelled_authorize", { code: "provider_cancelled", status: 400 }],
    ["server_error", { code: "provider_failed", status: 400 }],
  ])("that the provider ends with %s asks the service nothing, and can be begun again", async (error, told) => {
    const one = client();
    await begin(one, { returnTo: "/notes" });
    open(`/login/callback/corp?error=${error}&state=s1`);
    await expect(finishProvider(one)).rejects.toMatchObject(told);
    expect(window.location.search).toBe("");
    expect(one.askedFor(FINISH)).toEqual([]);
    expect(providerBegun(one)).toMatchObject({ returnTo: "/notes" });
  });

  it("can be finished after all where no answer came, or something was away; one that was refused can’t", async () => {
    const one = client({ [FINISH]: noNetwork });
    await begin(one);
    open("/login/callback/corp?code=c1&state=s1");
    await expect(finishProvider(one)).rejects.toMatchObject({ name: "NetworkError" });
    one.answer({ [FINISH]: problem(502, "provider_failed") });
    await expect(finishProvider(one)).rejects.toMatchObject({ code: "provider_failed" });
    one.answer({ [FINISH]: problem(403, "forbidden") });
    await expect(finishProvider(one)).rejects.toMatchObject({ code: "forbidden" });
    await expect(finishProvider(one)).rejects.toMatchObject(SPENT);
    expect(one.askedFor(FINISH)).toHaveLength(3);
  });

  it("that owes a second step rejects as all log-ins do", async () => {
    const owes = problem(403, "second_factor_required", { challenge: "lkc_1", methods: ["totp"], expires_at: LATER });
    const one = client({ [FINISH]: owes });
    await begin(one, { returnTo: "/notes" });
    open("/login/callback/corp?code=c1&state=s1");
    await expect(finishProvider(one)).rejects.toMatchObject({ methods: ["totp"], more: { challenge: "lkc_1" } });
    expect(providerBegun(one)).toMatchObject({ returnTo: "/notes" });
    forgetProvider();
    expect(providerBegun(one)).toBeNull();
  });

  it("isn’t begun where the browser keeps nothing", async () => {
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const go = vi.fn();
    await expect(startProvider(client(), "corp", { go })).rejects.toMatchObject({ code: "nothing_kept" });
    expect(go).not.toHaveBeenCalled();
    full.mockRestore();
  });

  it("frees the page again where nothing comes of it", async () => {
    vi.useFakeTimers();
    let free = false;
    void startProvider(client(), "corp", { go: () => undefined }).then(() => (free = true));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(free).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(free).toBe(true);
  });
});

describe("an account that isn’t linked", () => {
  async function waiting(one: Client) {
    await begin(one, { returnTo: "/notes" });
    open("/login/callback/corp?code=c1&state=s1");
    const found = await finishProvider(one);
    if (found.status !== "not_linked") throw new Error(found.status);
    return found.waiting;
  }

  it("is one’s own with its password; loaded anew, the page still asks", async () => {
    const one = client({ [FINISH]: NOT_LINKED });
    const found = await waiting(one);
    expect(found).toEqual({ ...MORE, returnTo: "/notes", sentTo: null });
    expect(await finishProvider(client())).toEqual({ status: "not_linked", waiting: found });
    await linkProvider(one, found, { password: "correct horse" });
    expect(one.askedFor("POST /api/auth/providers/link")).toMatchObject([
      { body: { challenge: "lkl_1", password: "correct horse" } },
    ]);
    expect(one.getState()).toMatchObject({ status: "signed_in" });
    expect(window.history.state).toMatchObject({ latchkeyProvider: undefined });
  });

  it("has a code sent, to an address that is typed where the provider says none", async () => {
    const alone = problem(400, "account_not_linked", { ...MORE, methods: ["mail"], email: null, expires_at: LATER });
    const mailed = { challenge: "lkl_2", expires_at: LATER };
    const one = client({ [FINISH]: alone, "POST /api/auth/providers/link/mail": mailed });
    const found = await waiting(one);
    const next = await mailProviderLink(one, found, "ada@example.org");
    expect(next).toMatchObject({ challenge: "lkl_2", sentTo: "ada@example.org" });
    expect(one.asked.at(-1)?.body).toEqual({ challenge: "lkl_1", email: "ada@example.org" });
    expect(await finishProvider(client())).toEqual({ status: "not_linked", waiting: next });
    await linkProvider(one, next, { code: "271828" });
    expect(one.asked.at(-1)?.body).toEqual({ challenge: "lkl_2", code: "271828" });
  });

  it("has it sent to the provider’s address otherwise, without saying it again", async () => {
    const mailed = { challenge: "lkl_2", expires_at: LATER };
    const one = client({ [FINISH]: NOT_LINKED, "POST /api/auth/providers/link/mail": mailed });
    const next = await mailProviderLink(one, await waiting(one));
    expect(next.sentTo).toBe(ada.email);
    expect(one.asked.at(-1)?.body).toEqual({ challenge: "lkl_1" });
  });
});

describe("one’s own accounts at providers", () => {
  it("are linked and shown again with the session’s own token", async () => {
    const one = client({ [FINISH]: undefined }, {});
    await begin(one, { intent: "link", returnTo: "/security" });
    open("/login/callback/corp?code=c1&state=s1");
    expect(await finishProvider(one)).toEqual({ status: "linked", provider: "corp", returnTo: "/security" });
    await begin(one, { intent: "reauthenticate" });
    open("/login/callback/corp?code=c2&state=s2");
    expect(await finishProvider(one)).toEqual({ status: "fresh", provider: "corp", returnTo: null });
  });

  it("are listed, and taken away", async () => {
    const linked = {
      ...{ id: "i1", provider: "corp", name: "Corp", brand: "openid", email: ada.email },
      ...{ created_at: LATER, last_used_at: null },
    };
    const one = client(
      { "GET /api/users/me/identities": [linked], "DELETE /api/users/me/identities/{identity_id}": undefined },
      {},
    );
    expect(await identities(one)).toEqual([linked]);
    await unlinkProvider(one, "i1");
    expect(one.asked.at(-1)).toMatchObject({ path: { identity_id: "i1" } });
  });
});
