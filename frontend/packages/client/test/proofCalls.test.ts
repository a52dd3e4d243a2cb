// @vitest-environment node
/** Sessions that are bound to a key of this browser's: clocks, calls of one's own API, log-outs. */
import { describe, expect, it, vi } from "vitest";
import { BASE, type Seen } from "./holders";
import { ADA, is, kept, me, page, PASSWORD, refreshed, service, session, signedIn, stored } from "./windows";

const REFRESH = "/api/auth/refresh";
const LOGIN = "/api/auth/login";
const ME = "/api/users/me";
const statuses = (seen: Seen[]) => seen.map(({ status }) => status);

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
